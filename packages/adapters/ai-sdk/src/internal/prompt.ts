/** effect's prompt as the AI SDK's. */
import type {
  LanguageModelV3ToolResultOutput,
  LanguageModelV4FilePart,
  LanguageModelV4Message,
  LanguageModelV4Prompt,
  LanguageModelV4ToolResultOutput
} from "@ai-sdk/provider"
import * as Base64 from "effect/encoding/Base64"
import type * as Prompt from "effect/ai/Prompt"
import { providerOptions, toJson } from "./json.ts"

export type Specification = "v3" | "v4"

const dataUrl = /^data:([^;,]*)(?:;[^,]*)?;base64,(.*)$/s

/** Bytes, base64 text, or an address. Addresses are not fetched here: the provider does, or refuses. */
const fileData = (data: string | Uint8Array | URL): string | Uint8Array | URL => {
  if (data instanceof Uint8Array) return data
  const text = String(data)
  const inline = dataUrl.exec(text)
  if (inline !== null) return inline[2] ?? ""
  if (!/^https?:\/\//i.test(text)) return data
  if (URL.canParse(text)) return new URL(text)
  throw new Error(`a file has the address ${JSON.stringify(text.slice(0, 200))}, which cannot be read`)
}

const filePart = (part: Prompt.FilePart, specification: Specification): LanguageModelV4FilePart => {
  const data = fileData(part.data)
  const given: unknown =
    specification === "v3" ? data : data instanceof URL ? { type: "url", url: data } : { type: "data", data }
  return {
    type: "file",
    mediaType: part.mediaType,
    data: given as LanguageModelV4FilePart["data"],
    ...(part.fileName === undefined ? {} : { filename: part.fileName }),
    ...providerOptions(part.options)
  }
}

type Output = LanguageModelV4ToolResultOutput | LanguageModelV3ToolResultOutput

const modelOutput = (parts: ReadonlyArray<Prompt.ToolModelOutputPart>, specification: Specification): Output => ({
  type: "content",
  value: parts.map((part): never => {
    if (part.type === "text") return { type: "text", text: part.text, ...providerOptions(part.options) } as never
    if (specification === "v4") return filePart(part, specification) as never
    const data = fileData(part.data)
    return (
      data instanceof URL
        ? { type: "file-url", url: data.href }
        : {
            type: "file-data",
            mediaType: part.mediaType,
            data: typeof data === "string" ? data : Base64.encode(data),
            ...(part.fileName === undefined ? {} : { filename: part.fileName })
          }
    ) as never
  })
})

const isDenial = (result: unknown): result is { readonly type: "execution-denied"; readonly reason?: string } =>
  typeof result === "object" && result !== null && "type" in result && result.type === "execution-denied"

const output = (part: Prompt.ToolResultPart, specification: Specification): Output => {
  if (part.modelOutput !== undefined) return modelOutput(part.modelOutput, specification)
  if (part.isFailure && isDenial(part.result)) {
    const { reason } = part.result
    return { type: "execution-denied", ...(reason === undefined ? {} : { reason }) }
  }
  if (typeof part.result === "string") return { type: part.isFailure ? "error-text" : "text", value: part.result }
  return { type: part.isFailure ? "error-json" : "json", value: toJson(part.result) as never }
}

const toolResult = (part: Prompt.ToolResultPart, specification: Specification) => ({
  type: "tool-result" as const,
  toolCallId: part.id,
  toolName: part.name,
  // what the provider ran itself goes back to it as it came
  output: (part.providerExecuted && part.modelOutput === undefined && !part.isFailure
    ? { type: "json", value: toJson(part.result) }
    : output(part, specification)) as LanguageModelV4ToolResultOutput,
  ...providerOptions(part.options)
})

type AssistantPart = Extract<LanguageModelV4Message, { role: "assistant" }>["content"][number]

const assistantPart = (
  part: Prompt.AssistantMessagePart,
  specification: Specification
): ReadonlyArray<AssistantPart> => {
  switch (part.type) {
    case "text":
    case "reasoning":
      return [{ type: part.type, text: part.text, ...providerOptions(part.options) }]
    case "file":
      return [filePart(part, specification)]
    case "tool-call":
      return [
        {
          type: "tool-call",
          toolCallId: part.id,
          toolName: part.name,
          input: part.params,
          ...(part.providerExecuted ? { providerExecuted: true } : {}),
          ...providerOptions(part.options)
        }
      ]
    case "tool-result":
      return [toolResult(part, specification)]
    case "tool-approval-request":
      // asked and answered between the user and this program: providers know nothing of it
      return []
  }
}

const message = (self: Prompt.Message, specification: Specification): LanguageModelV4Message | undefined => {
  const options = providerOptions(self.options)
  switch (self.role) {
    case "system":
      return { role: "system", content: self.content, ...options }
    case "user":
      return {
        role: "user",
        content: self.content.map((part) =>
          part.type === "text"
            ? { type: "text", text: part.text, ...providerOptions(part.options) }
            : filePart(part, specification)
        ),
        ...options
      }
    case "assistant": {
      const content = self.content.flatMap((part) => assistantPart(part, specification))
      return content.length === 0 ? undefined : { role: "assistant", content, ...options }
    }
    case "tool": {
      const content = self.content.flatMap((part) =>
        part.type === "tool-result" ? [toolResult(part, specification)] : []
      )
      return content.length === 0 ? undefined : { role: "tool", content, ...options }
    }
  }
}

/** Throws where an address cannot be read, with a sentence that says which. */
export const toPrompt = (prompt: Prompt.Prompt, specification: Specification): LanguageModelV4Prompt =>
  prompt.content.flatMap((self) => message(self, specification) ?? [])

/** What the AI SDK answers as parts of effect's responses. */
import type { LanguageModelV4Content, LanguageModelV4FinishReason, LanguageModelV4Usage } from "@ai-sdk/provider"
import * as Base64 from "effect/encoding/Base64"
import * as AiError from "effect/ai/AiError"
import type * as LanguageModel from "effect/ai/LanguageModel"
import type * as Response from "effect/ai/Response"
import * as Effect from "effect/Effect"
import { toldHeaders } from "./httpStatus.ts"
import { metadata, toJson } from "./json.ts"
import type { Plan } from "./request.ts"
import { parseParams, toolParams } from "./toolParams.ts"
import { toUsage } from "./usage.ts"

/** One answer while it is read. */
export interface Answer {
  readonly plan: Plan
  readonly options: LanguageModel.ProviderOptions
  /** Parts that effect has no place for, by their kind; the finish part lists them. */
  readonly leftOut: Array<string>
  /** A call to a tool that was not offered. The answer is read to its end all the same, for its usage. */
  unknownTool: AiError.ToolNotFoundError | undefined
}

type Content = LanguageModelV4Content
type Part = Response.PartEncoded & Response.StreamPartEncoded
type Parts = ReadonlyArray<Response.TextPartEncoded | Response.ReasoningPartEncoded | Part>

const leaveOut = (answer: Answer, kind: string): Parts => {
  answer.leftOut.push(kind)
  return []
}

/** Version 3 has the data itself, version 4 an object around it. */
const fileData = (data: unknown): string | Uint8Array | undefined => {
  if (typeof data === "string" || data instanceof Uint8Array) return data
  return typeof data === "object" && data !== null && "data" in data ? fileData(data.data) : undefined
}

const toolCall = (answer: Answer, part: Extract<Content, { type: "tool-call" }>): Effect.Effect<Parts> => {
  const { options, plan } = answer
  const tool = options.tools.find(({ name }) => name === part.toolName)
  const call = (params: unknown): Parts => [
    {
      type: "tool-call",
      id: part.toolCallId,
      name: part.toolName,
      params,
      ...(part.providerExecuted === true ? { providerExecuted: true } : {}),
      ...metadata(part.providerMetadata)
    }
  ]
  if (tool !== undefined) return Effect.map(toolParams(tool, part.input, plan.transformer), call)
  // the provider ran it: its answer counts, the call itself cannot be told
  if (part.providerExecuted === true) return Effect.sync(() => leaveOut(answer, `tool-call ${part.toolName}`))
  if (options.toolCallValidation === "deferred") return Effect.succeed(call(parseParams(part.input)))
  return Effect.sync(() => {
    answer.unknownTool ??= new AiError.ToolNotFoundError({
      toolName: part.toolName,
      availableTools: options.tools.map(({ name }) => name)
    })
    return []
  })
}

const toolResult = (answer: Answer, part: Extract<Content, { type: "tool-result" }>): Parts =>
  answer.options.tools.some(({ name }) => name === part.toolName)
    ? [
        {
          type: "tool-result",
          id: part.toolCallId,
          name: part.toolName,
          result: toJson(part.result),
          isFailure: part.isError ?? false,
          providerExecuted: true,
          ...(part.preliminary === true ? { preliminary: true } : {}),
          ...metadata(part.providerMetadata)
        }
      ]
    : leaveOut(answer, `tool-result ${part.toolName}`)

const source = (answer: Answer, part: Extract<Content, { type: "source" }>): Parts => {
  const common = { type: "source", id: part.id, title: part.title ?? "", ...metadata(part.providerMetadata) } as const
  if (part.sourceType === "document") {
    const { filename: fileName, mediaType } = part
    return [{ ...common, sourceType: "document", mediaType, ...(fileName === undefined ? {} : { fileName }) }]
  }
  return URL.canParse(part.url)
    ? [{ ...common, sourceType: "url", url: part.url }]
    : leaveOut(answer, "source without a readable address")
}

/** The parts of one piece of content; those of a stream that come whole are the same. */
export const toParts = (answer: Answer, part: Content): Effect.Effect<Parts> => {
  switch (part.type) {
    case "text":
    case "reasoning":
      return Effect.succeed([{ type: part.type, text: part.text, ...metadata(part.providerMetadata) }])
    case "tool-call":
      return toolCall(answer, part)
    case "tool-result":
      return Effect.sync(() => toolResult(answer, part))
    case "source":
      return Effect.sync(() => source(answer, part))
    case "file": {
      const data = fileData(part.data)
      return Effect.sync(() =>
        data === undefined
          ? leaveOut(answer, "file that is an address")
          : [
              {
                type: "file",
                mediaType: part.mediaType,
                data: typeof data === "string" ? data : Base64.encode(data),
                ...metadata(part.providerMetadata)
              }
            ]
      )
    }
    default:
      return Effect.sync(() => leaveOut(answer, part.type))
  }
}

const reasons = new Set<string>(["stop", "length", "content-filter", "tool-calls", "error", "other"])
const isReason = (unified: string): unified is "stop" => reasons.has(unified)

export const finishReason = ({ raw, unified }: LanguageModelV4FinishReason): typeof Response.FinishReason.Encoded => {
  // Anthropic asks to be called again; its adapter says "stop"
  if (raw === "pause_turn") return "pause"
  // servers that follow a provider have words of their own; tools only run for an answer that is known to be complete
  if (unified === "other" && /^(function|tool)_?(calls?|use)$/i.test(raw ?? "")) return "tool-calls"
  return isReason(unified) ? unified : unified === "interrupted" ? "error" : "unknown"
}

export interface Ending {
  readonly finishReason: LanguageModelV4FinishReason
  readonly usage: LanguageModelV4Usage
  readonly providerMetadata?: object | undefined
  readonly warnings?: ReadonlyArray<object> | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
}

export const toFinish = (answer: Answer, ending: Ending): Response.FinishPartEncoded => {
  const headers = toldHeaders(ending.headers ?? {})
  return {
    type: "finish",
    reason: finishReason(ending.finishReason),
    usage: toUsage(ending.usage),
    ...(Object.keys(headers).length === 0 ? {} : { response: { status: 200, headers } }),
    ...metadata({
      ...ending.providerMetadata,
      aiSdk: {
        finishReason: ending.finishReason.raw ?? null,
        usage: ending.usage?.raw ?? null,
        warnings: ending.warnings ?? [],
        leftOut: answer.leftOut
      }
    })
  }
}

export interface About {
  readonly id?: string | undefined
  readonly modelId?: string | undefined
  readonly timestamp?: Date | undefined
}

export const toResponseMetadata = ({ id, modelId, timestamp }: About): Response.ResponseMetadataPartEncoded => ({
  type: "response-metadata",
  id,
  modelId,
  timestamp: timestamp === undefined || Number.isNaN(timestamp.getTime()) ? undefined : timestamp.toISOString()
})

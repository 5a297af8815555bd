/** A model of the AI SDK that says what a test wants, also what no provider should say. */
import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4GenerateResult,
  LanguageModelV4StreamPart
} from "@ai-sdk/provider"

export const usage = {
  inputTokens: { total: 10, noCache: 10, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: 5, text: 5, reasoning: undefined }
}

export const stop = { unified: "stop", raw: "stop" } as const

export interface Scripted extends LanguageModelV4 {
  readonly calls: Array<LanguageModelV4CallOptions>
}

export const scripted = (
  answer: Partial<LanguageModelV4GenerateResult> = {},
  parts: ReadonlyArray<LanguageModelV4StreamPart> = [{ type: "finish", usage, finishReason: stop }]
): Scripted => {
  const calls: Array<LanguageModelV4CallOptions> = []
  return {
    specificationVersion: "v4",
    provider: "scripted.test",
    modelId: "s-1",
    supportedUrls: {},
    calls,
    doGenerate: async (options) => {
      calls.push(options)
      return { content: [{ type: "text", text: "hi" }], usage, finishReason: stop, warnings: [], ...answer }
    },
    doStream: async (options) => {
      calls.push(options)
      return {
        stream: new ReadableStream({
          start: (controller) => {
            for (const part of parts) controller.enqueue(part)
            controller.close()
          }
        })
      }
    }
  }
}

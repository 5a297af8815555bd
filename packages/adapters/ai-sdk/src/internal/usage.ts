/** Token counts as providers report them: often partly, sometimes wrongly. */
import type { LanguageModelV4Usage } from "@ai-sdk/provider"
import type * as Response from "effect/ai/Response"

export type Usage = typeof Response.Usage.Encoded

const count = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isFinite(value) && value >= 0 ? Math.round(value) : undefined

/** What is not a count of tokens is unknown: one bad number must not lose an answer that was paid for. */
export const toUsage = (usage: LanguageModelV4Usage | undefined): Usage => {
  const { inputTokens, outputTokens } = { ...usage } as Partial<LanguageModelV4Usage>
  return {
    inputTokens: {
      uncached: count(inputTokens?.noCache),
      total: count(inputTokens?.total),
      cacheRead: count(inputTokens?.cacheRead),
      cacheWrite: count(inputTokens?.cacheWrite)
    },
    outputTokens: {
      total: count(outputTokens?.total),
      text: count(outputTokens?.text),
      reasoning: count(outputTokens?.reasoning)
    }
  }
}

export const isReported = ({ inputTokens, outputTokens }: Usage): boolean =>
  inputTokens.total !== undefined || outputTokens.total !== undefined

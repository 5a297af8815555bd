import type * as Response from "effect/ai/Response"
import type { Tokens } from "../PriceTable.ts"

/** What the request was reserved at. */
export interface Reserved {
  readonly inputTokens: number
  readonly outputTokens: number
}

/** All tokens of a call, each as a whole number. */
export type Counted = { readonly [Kind in keyof Tokens]-?: number } & {
  /** Whether both totals were told: where not, nobody knows at which rates they were charged. */
  readonly isComplete: boolean
}

/** No answer has more: what is beyond it is no report. */
const most = 1_000_000_000

const count = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= most ? value : undefined

const sum = (...counts: ReadonlyArray<number | undefined>): number =>
  counts.reduce<number>((total, value) => total + (value ?? 0), 0)

/** What a provider has told of its tokens; what it left out, or what is no count, is not known. */
export type Told = { readonly [Kind in keyof Tokens]?: number | undefined }

/** A total that is smaller than its parts is not one. */
const total = (all: number | undefined, rest: number | undefined, ...parts: ReadonlyArray<number | undefined>) =>
  all === undefined && rest === undefined ? undefined : Math.max(all ?? 0, sum(rest, ...parts))

export const toldOf = ({ inputTokens: input, outputTokens: output }: typeof Response.Usage.Encoded): Told => {
  const cachedInputTokens = count(input.cacheRead)
  const cacheWriteTokens = count(input.cacheWrite)
  const reasoningTokens = count(output.reasoning)
  return {
    inputTokens: total(count(input.total), count(input.uncached), cachedInputTokens, cacheWriteTokens),
    outputTokens: total(count(output.total), count(output.text), reasoningTokens),
    cachedInputTokens,
    cacheWriteTokens,
    reasoningTokens
  }
}

/** The tokens that a provider reported. What is not known was used as reserved: unknown is never free. */
export const tokensOf = (usage: typeof Response.Usage.Encoded, reserved: Reserved): Counted => {
  const { cachedInputTokens = 0, cacheWriteTokens = 0, inputTokens, outputTokens, reasoningTokens = 0 } = toldOf(usage)
  return {
    isComplete: inputTokens !== undefined && outputTokens !== undefined,
    inputTokens: inputTokens ?? Math.max(reserved.inputTokens, cachedInputTokens + cacheWriteTokens),
    outputTokens: outputTokens ?? Math.max(reserved.outputTokens, reasoningTokens),
    cachedInputTokens,
    cacheWriteTokens,
    reasoningTokens
  }
}

import type { Response } from "effect/ai"
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

/**
 * The tokens that a provider reported. What it left out, or what is no count, was used as reserved: unknown is never free. A total
 * that is smaller than its parts is not one.
 */
export const tokensOf = (usage: typeof Response.Usage.Encoded, reserved: Reserved): Counted => {
  const { inputTokens: input, outputTokens: output } = usage
  const cachedInputTokens = count(input.cacheRead) ?? 0
  const cacheWriteTokens = count(input.cacheWrite) ?? 0
  const uncached = count(input.uncached)
  const reasoningTokens = count(output.reasoning) ?? 0
  const text = count(output.text)
  const inputTotal = count(input.total) ?? (uncached === undefined ? reserved.inputTokens : 0)
  const outputTotal = count(output.total) ?? (text === undefined ? reserved.outputTokens : 0)
  return {
    isComplete: (count(input.total) ?? uncached) !== undefined && (count(output.total) ?? text) !== undefined,
    inputTokens: Math.max(inputTotal, sum(uncached, cachedInputTokens, cacheWriteTokens)),
    outputTokens: Math.max(outputTotal, sum(text, reasoningTokens)),
    cachedInputTokens,
    cacheWriteTokens,
    reasoningTokens
  }
}

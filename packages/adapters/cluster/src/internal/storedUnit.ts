/** What is stored of a unit. */
export interface StoredUnit {
  readonly kind: string
  readonly hash: string | null
  readonly value: string
}

/** A success of another run as that of this one, which has spent nothing for it; only successes are taken over. */
export const copied = ({ value }: StoredUnit): string | undefined => {
  const outcome = JSON.parse(value)
  if (outcome._tag !== "succeeded") return undefined
  const usage = { inputTokens: 0, outputTokens: 0, cachedInputTokens: 0, reasoningTokens: 0, calls: 0, microUsd: 0 }
  return JSON.stringify({ ...outcome, usage })
}

/** Whether a retry has to do it again: what failed, and what was stored of it as a failure. */
export const isFailure = ({ kind, value }: StoredUnit): boolean => {
  if (kind === "decision") return false
  const { _tag } = JSON.parse(value)
  return kind === "task" ? _tag !== "succeeded" : _tag === "Failure"
}

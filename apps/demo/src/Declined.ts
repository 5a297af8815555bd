/** Tasks that did not write because nobody allowed it: that is an answer, and no failure of the run. */
import { type RunResult, SideEffect } from "@aria/orchestrator-core"
import * as Schema from "effect/Schema"

type Outcome = RunResult.RunResult<unknown, unknown>["results"][number]

const isNotPerformed = Schema.is(SideEffect.SideEffectNotPerformedError)

export const isDeclined = (outcome: Outcome): boolean =>
  outcome._tag === "failed" &&
  isNotPerformed(outcome.error) &&
  (outcome.error.reason === "denied" || outcome.error.reason === "expired" || outcome.error.reason === "nobody")

/** Whether nothing went wrong but what was declined, and what was skipped because of it. */
export const onlyDeclined = (result: RunResult.RunResult<unknown, unknown>): boolean => {
  const parents = new Set(result.results.map(({ parent }) => parent))
  return (
    result.results.some(isDeclined) &&
    result.results.every(
      (outcome) => outcome._tag === "succeeded" || outcome._tag === "skipped" || isDeclined(outcome) || (outcome._tag === "failed" && parents.has(outcome.taskId))
    )
  )
}

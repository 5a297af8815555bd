import { InvalidPayloadError } from "../Agent.ts"
import type { AgentOutcome, AgentResult, ExecutionMode, OrchestrationResult } from "../AgentOrchestrator.ts"
import { describe, describeError, type TaskOutcome } from "../TaskOutcome.ts"
import type * as Usage from "../Usage.ts"
import type { Steps } from "./agentOrchestratorContext.ts"

/** As text, never empty: what the first users know as the error of a result. */
const errorText = (outcome: TaskOutcome<unknown, unknown>): string => {
  if (outcome._tag !== "failed") return describe(outcome)
  if (outcome.error instanceof InvalidPayloadError) return "Input validation failed"
  const { agent, error } = outcome
  const message = typeof error === "object" && error !== null && "message" in error && typeof error.message === "string" ? error.message : ""
  return message.trim() || describeError(error).trim() || `${agent} failed without a message`
}

const resultOf = (outcome: TaskOutcome<unknown, unknown>): AgentResult<unknown> => {
  const tokensUsed = outcome.usage.tokens
  const executionTimeMs = outcome.startedAt === undefined ? 0 : outcome.endedAt - outcome.startedAt
  return outcome._tag === "succeeded"
    ? { success: true, data: outcome.output, error: null, tokensUsed, executionTimeMs }
    : { success: false, data: null, error: errorText(outcome), tokensUsed, executionTimeMs }
}

export const orchestrationResult = (
  mode: ExecutionMode,
  runId: string,
  outcomes: ReadonlyArray<AgentOutcome<unknown, unknown>>,
  usage: Usage.Usage,
  totalExecutionTimeMs: number,
  steps: Steps
): OrchestrationResult<any> => {
  const count = (...tags: ReadonlyArray<string>) => outcomes.filter(({ _tag }) => tags.includes(_tag)).length
  const successCount = count("succeeded")
  return {
    mode,
    runId,
    results: outcomes.map(resultOf),
    outcomes,
    totalTokens: usage.tokens,
    totalExecutionTimeMs,
    usage,
    successCount,
    failedCount: count("failed", "cancelled", "timedOut"),
    skippedCount: count("skipped"),
    allSucceeded: successCount === outcomes.length,
    context: steps.envelope()
  }
}

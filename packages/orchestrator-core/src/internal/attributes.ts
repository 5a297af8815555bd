import * as Cause from "effect/Cause"
import * as Option from "effect/Option"
import type * as Tracer from "effect/Tracer"
import type * as Usage from "../Usage.ts"
import { errorType } from "./emitter.ts"

/** Span attributes by OpenTelemetry's semantic conventions for generative AI. */
export const agentAttributes = (agent: string, runId: string, taskId: string): Record<string, string> => ({
  "gen_ai.operation.name": "invoke_agent",
  "gen_ai.agent.name": agent,
  "gen_ai.agent.id": `${runId}/${taskId}`
})

export const workflowAttributes = (plan: string, runId: string, userId: string): Record<string, string> => ({
  "gen_ai.operation.name": "invoke_workflow",
  "gen_ai.workflow.name": plan,
  "aria.run.id": runId,
  "enduser.id": userId
})

export const usageAttributes = (span: Tracer.Span, usage: Usage.Usage): void => {
  if (usage.inputTokens > 0) span.attribute("gen_ai.usage.input_tokens", usage.inputTokens)
  if (usage.outputTokens > 0) span.attribute("gen_ai.usage.output_tokens", usage.outputTokens)
}

export const errorTypeOf = (cause: Cause.Cause<unknown>): string => {
  const error = Cause.findErrorOption(cause)
  if (Option.isSome(error)) return errorType(error.value)
  return Cause.hasInterruptsOnly(cause) ? "cancelled" : "defect"
}

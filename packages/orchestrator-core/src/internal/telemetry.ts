import type * as Context from "effect/Context"
import * as Metric from "effect/Metric"
import type { TaskOutcome } from "../TaskOutcome.ts"
import * as Usage from "../Usage.ts"

/** Names follow OpenTelemetry's advice: dots between parts, the unit in the description, no unit in the name. */
const runs = Metric.counter("aria.runs", { description: "Runs that ended, by plan and result", incremental: true })
const tasks = Metric.counter("aria.tasks", { description: "Tasks that ended, by agent and outcome", incremental: true })
const tokens = Metric.counter("aria.tokens", { description: "Tokens used by tasks, by agent and type", incremental: true })
const calls = Metric.counter("aria.calls", { description: "Calls made by tasks, by agent", incremental: true })
const permitWait = Metric.histogram("aria.permit.wait", {
  description: "Milliseconds that a ready task waited for its permit",
  boundaries: [1, 5, 10, 50, 100, 500, 1_000, 5_000, 10_000, 60_000]
})
const held = Metric.gauge("aria.budget.held", { description: "Tokens reserved by calls in flight" })

/** Looking a metric up by its attributes costs more than a task, so each is made once. */
const cached = <Input, State>(metric: Metric.Metric<Input, State>) => {
  const byKey = new Map<string, Metric.Metric<Input, State>>()
  return (attributes: Record<string, string>): Metric.Metric<Input, State> => {
    const key = Object.values(attributes).join("\u0000")
    let made = byKey.get(key)
    if (made === undefined) {
      // Names come from plans and agents, of which there are few; should a program make them up, the memory is bounded.
      if (byKey.size >= 1_000) byKey.clear()
      made = Metric.withAttributes(metric, attributes)
      byKey.set(key, made)
    }
    return made
  }
}
const runsBy = cached(runs)
const tasksBy = cached(tasks)
const tokensBy = cached(tokens)
const callsBy = cached(calls)

type Services = Context.Context<never>

export const heldTokens = (services: Services, change: number): void => {
  if (change !== 0) held.modifyUnsafe(change, services)
}

export const runEnded = (services: Services, plan: string, result: "succeeded" | "incomplete"): void =>
  runsBy({ plan, result }).updateUnsafe(1, services)

export const taskStarted = (services: Services, waitedMillis: number): void => permitWait.updateUnsafe(waitedMillis, services)

/** What nested runs spent is counted once, with their own tasks. */
export const taskEnded = (services: Services, { _tag: outcome, agent, usage }: TaskOutcome<unknown, unknown>, nested: Usage.Usage = Usage.zero): void => {
  tasksBy({ agent, outcome }).updateUnsafe(1, services)
  const count = (metric: Metric.Metric<number, unknown>, amount: number) => {
    if (amount > 0) metric.updateUnsafe(amount, services)
  }
  if (usage === Usage.zero) return
  count(tokensBy({ agent, type: "input" }), usage.inputTokens - nested.inputTokens)
  count(tokensBy({ agent, type: "output" }), usage.outputTokens - nested.outputTokens)
  count(callsBy({ agent }), usage.calls - nested.calls)
}

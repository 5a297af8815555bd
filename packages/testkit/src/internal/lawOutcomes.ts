import type { TaskOutcome } from "@aria/orchestrator-core/TaskOutcome"
import * as Usage from "@aria/orchestrator-core/Usage"
import * as Option from "effect/Option"
import type { Law } from "./law.ts"
import { isSlowed } from "./lawScheduling.ts"
import type { Op } from "./lawScenario.ts"
import type { Reserve, Trace } from "./lawTrace.ts"
import { mayBeStopped, nameOf, type RunView, seqOf, type TaskView, viewsOf } from "./lawViews.ts"

type Check = (view: RunView, task: TaskView, outcome: TaskOutcome<unknown, unknown>, trace: Trace) => string | undefined

/** A law about each task of each run that has ended. */
export const eachOutcome = (name: string, check: Check): Law => ({
  name,
  check: (trace) => {
    const found: Array<string> = []
    for (const view of viewsOf(trace)) {
      for (const task of view.tasks.values()) {
        const wrong = task.outcome === undefined ? undefined : check(view, task, task.outcome, trace)
        if (wrong !== undefined) found.push(`${nameOf(view, task.id)}: ${wrong}`)
      }
    }
    return found
  }
})

const kinds = { succeeded: "complete", failed: "failed", skipped: "skipped", cancelled: "cancelled", timedOut: "timedOut" } as const

const exactlyOne: Law = {
  name: "Outcomes: every task ends in exactly one outcome and one terminal event",
  check: (trace) => {
    const found: Array<string> = []
    for (const view of viewsOf(trace)) {
      if (view.result === undefined) continue
      for (const task of view.tasks.values()) {
        const outcomes = view.result.results.filter(({ taskId }) => taskId === task.id)
        const terminals = task.events.filter(({ event }) => "elapsedMillis" in event)
        const known = !task.item || view.tasks.get(task.spec.id)!.starting !== undefined
        if (outcomes.length !== (known ? 1 : 0)) found.push(`${nameOf(view, task.id)} has ${outcomes.length} outcomes`)
        if (terminals.length !== (known ? 1 : 0)) found.push(`${nameOf(view, task.id)} has ${terminals.length} terminal events`)
        const [outcome, terminal] = [outcomes[0], terminals[0]]
        if (outcome !== undefined && terminal !== undefined && kinds[outcome._tag] !== terminal.event._tag) {
          found.push(`${nameOf(view, task.id)} is ${outcome._tag}, its event ${terminal.event._tag}`)
        }
      }
    }
    return found
  }
}

/** What a script comes to where nothing but itself decides it. */
const predict = (trace: Trace, ops: ReadonlyArray<Op>): "ok" | "bad" | undefined => {
  for (const op of ops) {
    switch (op.op) {
      case "fail":
      case "die":
        return "bad"
      case "reserve":
      case "region":
      case "charge":
      case "within":
        return undefined
      case "child": {
        const child = predict(trace, trace.scenario.scripts[op.script]!.attempts[0]!)
        if (child !== "ok") return child
        break
      }
      case "par": {
        const branches = new Set(op.branches.map((branch) => predict(trace, branch)))
        if (branches.has(undefined)) return undefined
        if (branches.has("bad")) return "bad"
        break
      }
      case "guard": {
        const body = predict(trace, op.body)
        if (body !== "ok") return body
      }
    }
  }
  return "ok"
}

const predicted = (trace: Trace, task: TaskView): "ok" | "bad" | undefined => {
  const { invalid, kind, policy, scripts, timeout, when } = task.spec
  if (kind !== "agent" || timeout !== undefined || invalid || when === "throws" || policy.kind !== "none") return undefined
  return predict(trace, trace.scenario.scripts[scripts[0]!]!.attempts[0]!)
}

const isBlocked = (view: RunView, task: TaskView): string | undefined =>
  task.item ? undefined : task.spec.dependsOn.find(({ id, optional }) => !optional && view.tasks.get(id)!.outcome?._tag !== "succeeded")?.id

const independent = eachOutcome("Outcomes: a failure never affects independent tasks", (view, task, outcome, trace) => {
  if (view.plan.onFailure === "stop" || mayBeStopped(trace, view)) return undefined
  if (outcome._tag === "cancelled") return "was cancelled, and nothing stopped the run"
  if (outcome._tag === "timedOut" && task.spec.timeout === undefined) return "timed out without a timeout"
  if (isBlocked(view, task) !== undefined) return undefined
  if (outcome._tag === "skipped") return task.spec.when === false ? undefined : `was skipped (${outcome.reason._tag}) with all it needs`
  const expected = predicted(trace, task)
  if (expected === undefined || expected === (outcome._tag === "succeeded" ? "ok" : "bad")) return undefined
  return `is ${outcome._tag}, its script says ${expected}`
})

const skipReasons = eachOutcome("Outcomes: skipped says why", (view, task, outcome, trace) => {
  const blocked = isBlocked(view, task)
  const stops = mayBeStopped(trace, view) || view.plan.onFailure === "stop"
  if (outcome._tag !== "skipped") {
    if (blocked !== undefined) return `is ${outcome._tag}, though ${blocked} did not succeed`
    return task.spec.when === false && !task.item && outcome._tag !== "cancelled" ? `is ${outcome._tag}, though its condition was false` : undefined
  }
  switch (outcome.reason._tag) {
    case "Upstream":
      return outcome.reason.taskId === blocked ? undefined : `blames ${outcome.reason.taskId}, but it is ${blocked}`
    case "Condition":
      return task.spec.when === false && blocked === undefined ? undefined : "blames a condition that was not false"
    case "Stopped":
      return stops ? undefined : "blames a stop that never was"
  }
})

const conditions: Law = {
  name: "Outcomes: a condition that is false gives dependents none and leaves allSucceeded alone",
  check: (trace) => {
    const found: Array<string> = []
    for (const view of viewsOf(trace)) {
      if (view.result === undefined) continue
      const outcomes = view.result.results
      const tags = new Set(outcomes.map((outcome) => (outcome._tag === "skipped" ? outcome.reason._tag : outcome._tag)))
      const clean = Array.from(tags).every((tag) => tag === "succeeded" || tag === "Condition")
      const dirty = ["failed", "cancelled", "timedOut", "Stopped"].some((tag) => tags.has(tag as never))
      if (clean && !view.result.allSucceeded) found.push(`${view.runId}: conditions that are false made it not succeed`)
      if (dirty && view.result.allSucceeded) found.push(`${view.runId}: all succeeded, but ${Array.from(tags).join()}`)
    }
    // One plan may run more than once: its envelopes are those of any of its runs.
    for (const { keys, plan, taskId, values } of trace.envelopes) {
      const runs = viewsOf(trace).filter((view) => view.plan.name === plan)
      for (const [position, key] of keys.entries()) {
        const spec = trace.tasks.get(plan)!.get(taskId)!.dependsOn[position]
        if (spec?.id !== key || !spec.optional) continue
        const value = values[position]
        if (!Option.isOption(value)) found.push(`${plan}/${taskId}: ${key} is optional, its output is no Option`)
        else if (runs.length === 1 && Option.isSome(value) !== (runs[0]!.tasks.get(key)!.terminal?.event._tag === "complete")) {
          found.push(`${plan}/${taskId}: ${key} is ${value._tag}, its event ${runs[0]!.tasks.get(key)!.terminal?.event._tag}`)
        }
      }
    }
    return found
  }
}

const stopsOnFailure: Law = {
  name: "Outcomes: onFailure stop starts nothing after a failure and cancels what runs",
  check: (trace) => {
    const found: Array<string> = []
    for (const view of viewsOf(trace)) {
      if (view.plan.onFailure !== "stop") continue
      const tasks = Array.from(view.tasks.values())
      const failed = Math.min(...tasks.map(({ terminal }) => (terminal?.event._tag === "failed" || terminal?.event._tag === "timedOut" ? seqOf(terminal) : Infinity)))
      for (const task of tasks) {
        if (task.starting !== undefined && seqOf(task.starting) > failed) found.push(`${nameOf(view, task.id)} started after a failure`)
        if (task.terminal?.event._tag === "skipped" && seqOf(task.terminal) > failed && task.terminal.event.reason._tag === "Condition") {
          found.push(`${nameOf(view, task.id)} was decided after a failure`)
        }
      }
    }
    return found
  }
}

const same = (a: Usage.Usage, b: Usage.Usage) =>
  a.inputTokens === b.inputTokens && a.outputTokens === b.outputTokens && a.calls === b.calls && a.microUsd === b.microUsd
const text = ({ calls, microUsd, tokens }: Usage.Usage) => `${tokens} tokens, ${calls} calls, ${microUsd} micro-dollars`

const finishedStays = eachOutcome("Outcomes: what finished stays in the result, with its output and usage", (_, task, outcome) => {
  const event = task.terminal?.event
  if (event !== undefined && "usage" in event && "elapsedMillis" in event && !same(event.usage, outcome.usage)) {
    return `its event tells ${text(event.usage)}, the result ${text(outcome.usage)}`
  }
  if (event?._tag === "complete" && outcome._tag !== "succeeded") return `completed, and is ${outcome._tag} in the result`
  if (outcome._tag === "succeeded" && task.spec.kind === "agent") {
    const output = outcome.output
    if (!(typeof output === "object" && output !== null && "script" in output && output.script === task.spec.scripts[0])) {
      return `its output is ${JSON.stringify(output)}`
    }
  }
  return undefined
})

const timeouts = eachOutcome("Outcomes: a timeout counts from the first permit", (_, task, outcome, trace) => {
  const { kind, timeout } = task.spec
  if (isSlowed(trace) || timeout === undefined || outcome.startedAt === undefined || (kind === "forEach" && !task.item)) return undefined
  const took = outcome.endedAt - outcome.startedAt
  const first = task.calls.find(({ child }) => !child)
  if (first !== undefined && kind !== "plan" && first.startAt < outcome.startedAt) return "it was called before it started"
  if (first !== undefined && kind !== "plan" && task.spec.policy.kind === "none" && first.startAt !== outcome.startedAt) {
    return `its time counts from ${outcome.startedAt}, its first permit came at ${first.startAt}`
  }
  if (outcome._tag === "timedOut" && outcome.timeoutMillis === timeout && took < timeout - 1e-6) return `timed out after ${took} of ${timeout} ms`
  if (outcome._tag === "succeeded" && took > timeout + 1e-6) return `took ${took} ms of ${timeout}`
  const late = task.calls.find((call) => !call.child && call.startAt > outcome.startedAt! + timeout + 1e-6)
  return late === undefined ? undefined : `was called ${late.startAt - outcome.startedAt} ms after its start, its timeout is ${timeout}`
})

const attempts = eachOutcome("Outcomes: each evaluation of call is one attempt, with an event of its own", (_, task, outcome) => {
  const { kind, policy } = task.spec
  const own = task.calls.filter(({ child }) => !child)
  if (kind === "plan" || (kind === "forEach" && !task.item)) return outcome.attempts === 0 ? undefined : `has ${outcome.attempts} attempts and no agent`
  const events = task.events.filter(({ event }) => event._tag === "running" || event._tag === "retrying").length
  if (events !== outcome.attempts) return `${outcome.attempts} attempts, ${events} events of them`
  if (new Set(own.map(({ attempt }) => attempt)).size !== own.length) return "two attempts have one number"
  if (own.length > outcome.attempts) return `${own.length} calls, ${outcome.attempts} attempts`
  if (outcome._tag === "succeeded" && own.length !== outcome.attempts) return `${own.length} calls, ${outcome.attempts} attempts`
  const most = kind === "iterate" ? 3 : 1
  return policy.kind === "none" && outcome.attempts > most ? `${outcome.attempts} attempts without a policy` : undefined
})

/** What the handlers of a task, and all beneath it, saw themselves spend. */
const spentBy = (trace: Trace, view: RunView, task: TaskView): Usage.Usage => {
  const mine = (runId: string, taskId: string) => runId === view.runId && (taskId === task.id || (!task.item && taskId.startsWith(`${task.id}/`)))
  return Usage.sum(
    trace.spends
      .filter(({ call }) => mine(call.runId, call.taskId) || (trace.ancestors.get(call.runId) ?? []).some(({ runId, taskId }) => mine(runId, taskId)))
      .map(({ usage }) => usage)
  )
}

/** Usage that adds up, of tasks in which some reservation ended in one of these ways; of all where none is given. */
export const usageAddsUp = (name: string, ...endings: ReadonlyArray<Reserve["ended"]>): Law =>
  eachOutcome(name, (view, task, outcome, trace) => {
    if (endings.length > 0 && !trace.reserves.some(({ call, ended }) => call.runId === view.runId && call.taskId === task.id && endings.includes(ended))) return undefined
    const spent = spentBy(trace, view, task)
    return same(spent, outcome.usage) ? undefined : `spent ${text(spent)}, its outcome says ${text(outcome.usage)}`
  })

const sums: Law = {
  name: "Outcomes: the usage of a run is the sum of its tasks'",
  check: (trace) =>
    viewsOf(trace).flatMap(({ result, runId }) => {
      if (result === undefined) return []
      const sum = Usage.sum(result.results.filter(({ parent }) => parent === undefined).map(({ usage }) => usage))
      return same(sum, result.usage) ? [] : [`${runId}: the tasks used ${text(sum)}, the run ${text(result.usage)}`]
    })
}

const invalidPayloads = eachOutcome("Outcomes: a payload that does not decode is an InvalidPayloadError with the path, and touches nothing", (view, task, outcome) => {
  if (!task.spec.invalid || outcome._tag === "skipped" || task.spec.when === "throws" || (task.spec.kind === "forEach" && !task.item)) return undefined
  if (task.calls.length > 0 || outcome.attempts > 0 || !Usage.isZero(outcome.usage)) return "something was called"
  if (outcome._tag === "cancelled" || outcome._tag === "timedOut") return undefined
  const error: any = outcome._tag === "failed" ? outcome.error : undefined
  if (error?._tag !== "InvalidPayloadError") return `is ${outcome._tag} (${error?._tag})`
  return error.issues.some(({ path }: any) => path.join() === "script") ? undefined : `names ${JSON.stringify(error.issues)}, not "script"`
})

export const outcomes: ReadonlyArray<Law> = [
  exactlyOne,
  independent,
  skipReasons,
  conditions,
  stopsOnFailure,
  finishedStays,
  timeouts,
  attempts,
  usageAddsUp("Outcomes: usage adds up, failed, retried and cancelled attempts and nested runs included"),
  sums,
  invalidPayloads
]

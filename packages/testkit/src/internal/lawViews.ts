import type * as Progress from "@aria/orchestrator-core/Progress"
import type { RunResult } from "@aria/orchestrator-core/RunResult"
import type { TaskOutcome } from "@aria/orchestrator-core/TaskOutcome"
import { itemIds, planOrder, type PlanSpec, type TaskSpec } from "./lawScenario.ts"
import type { Call, RunRecord, Trace } from "./lawTrace.ts"

/** One task of one run, an item of a fan-out as well, as its events tell. */
export interface TaskView {
  readonly id: string
  readonly spec: TaskSpec
  readonly item: boolean
  /** The tasks that have to end first. */
  readonly after: ReadonlyArray<string>
  readonly events: Array<Heard>
  readonly calls: Array<Call>
  starting: Heard | undefined
  terminal: Heard | undefined
  outcome: TaskOutcome<unknown, unknown> | undefined
}

export interface Heard {
  readonly order: number
  readonly at: number
  readonly event: Progress.Event
}

/** One run, nested or not. */
export interface RunView {
  readonly runId: string
  readonly root: RunRecord
  readonly plan: PlanSpec
  readonly depth: number
  readonly started: Heard
  readonly startSeq: number
  ended: Heard | undefined
  result: RunResult<unknown, unknown> | undefined
  readonly tasks: ReadonlyMap<string, TaskView>
  readonly events: Array<Heard>
}

const cache = new WeakMap<Trace, ReadonlyArray<RunView>>()

/** All runs of a trace, as their events tell. Worked out once, for all laws. */
export const viewsOf = (trace: Trace): ReadonlyArray<RunView> => {
  const known = cache.get(trace)
  if (known !== undefined) return known
  const byId = new Map<string, RunView>()
  for (const [order, entry] of trace.entries.entries()) {
    if (entry.kind !== "event") continue
    const { event } = entry
    const heard: Heard = { order, at: entry.at, event }
    if (event._tag === "RunStarted" && trace.plans.has(event.plan)) byId.set(event.runId, open(trace, entry.run, heard, event))
    const view = byId.get(event.runId)
    if (view === undefined) continue
    view.events.push(heard)
    if (event._tag === "RunEnded") {
      view.ended = heard
      view.result = event.result
      for (const outcome of event.result.results) {
        const task = view.tasks.get(outcome.taskId)
        if (task !== undefined) task.outcome = outcome
      }
    }
    if (!("taskId" in event)) continue
    const task = view.tasks.get(event.taskId)
    if (task === undefined) continue
    task.events.push(heard)
    if (event._tag === "starting") task.starting ??= heard
    if ("elapsedMillis" in event) task.terminal ??= heard
  }
  for (const call of trace.calls) byId.get(call.runId)?.tasks.get(call.taskId)?.calls.push(call)
  const views = Array.from(byId.values())
  cache.set(trace, views)
  return views
}

const open = (trace: Trace, run: number, started: Heard, event: Extract<Progress.Event, { _tag: "RunStarted" }>): RunView => {
  const plan = trace.plans.get(event.plan)!
  const tasks = new Map<string, TaskView>()
  const add = (id: string, spec: TaskSpec, item: boolean) =>
    tasks.set(id, {
      id,
      spec,
      item,
      after: spec.dependsOn.map(({ id }) => id),
      events: [],
      calls: [],
      starting: undefined,
      terminal: undefined,
      outcome: undefined
    })
  for (const spec of planOrder(plan)) {
    add(spec.id, spec, false)
    for (const id of itemIds(spec)) add(id, spec, true)
  }
  return {
    runId: event.runId,
    root: trace.runs[run]!,
    plan,
    depth: event.path.length,
    started,
    startSeq: event.seq,
    ended: undefined,
    result: undefined,
    tasks,
    events: []
  }
}

/** The first call of a task's own agent. */
export const firstCall = (task: TaskView): Call | undefined => task.calls.find(({ child }) => !child)

/** Whether something outside of its tasks may have ended the run or one above it. */
export const mayBeStopped = (trace: Trace, view: RunView): boolean =>
  view.root.stoppingOrder !== undefined ||
  view.root.spec.timeout !== undefined ||
  trace.scenario.options.runTimeout !== undefined ||
  view.depth > 0 ||
  view.root.spec.regions.length > 0

export const seqOf = (heard: Heard | undefined): number => heard?.event.seq ?? Infinity

export const nameOf = (view: RunView, id: string): string => `${view.runId}/${id}`

import * as Cause from "effect/Cause"
import * as Exit from "effect/Exit"
import type { Law } from "./law.ts"
import { planOrder } from "./lawScenario.ts"
import type { Call, RunRecord, Trace } from "./lawTrace.ts"
import { firstCall, nameOf, type RunView, seqOf, type TaskView, viewsOf } from "./lawViews.ts"

/** The caps that a call of a root run counts in: each with what tells the calls that share it. */
const capsOf = (trace: Trace, run: RunRecord): ReadonlyArray<{ readonly name: string; readonly cap: number; readonly counts: (call: Call) => boolean }> => {
  const { options } = trace.scenario
  const ofRun = (call: Call) => call.rootRunId === run.runId
  const user = run.spec.user
  return [
    { name: "run", cap: Math.min(run.spec.concurrency ?? Infinity, options.runConcurrency ?? Infinity), counts: ofRun },
    { name: `user ${user}`, cap: options.userConcurrency ?? Infinity, counts: (call: Call) => call.user === user },
    { name: "orchestrator", cap: options.concurrency ?? 10, counts: () => true }
  ].filter(({ cap }) => cap !== Infinity)
}

/** A task that needs a permit, from when it was ready to when it began. Times alone order what different runs do. */
interface Wait {
  readonly view: RunView
  readonly task: TaskView
  readonly call: Call | undefined
  readonly readyAt: number
  readonly readySeq: number
  readonly readyOrder: number
  readonly index: number
  readonly priority: number
  /** Whether deciding that it was ready took time of its own. */
  readonly decided: boolean
  /** When it stopped to wait, as an order. */
  readonly until: number
  /** The same as a time: of what was never called all that is known is when its end was heard. */
  readonly untilAt: number
}

const waits = new WeakMap<Trace, ReadonlyArray<Wait>>()
const waitsOf = (trace: Trace): ReadonlyArray<Wait> => {
  const known = waits.get(trace)
  if (known !== undefined) return known
  const found: Array<Wait> = []
  for (const view of viewsOf(trace)) {
    let index = 0
    for (const task of view.tasks.values()) {
      index++
      if (task.spec.kind === "plan" || (task.spec.kind === "forEach" && !task.item) || task.spec.invalid) continue
      const parent = task.item ? view.tasks.get(task.spec.id)!.starting : undefined
      if (task.item && parent === undefined) continue
      const before = task.item ? [] : task.after.map((id) => view.tasks.get(id)!.terminal)
      if (before.some((heard) => heard === undefined)) continue
      const call = firstCall(task)
      const known = [view.started, parent, ...before].filter((heard) => heard !== undefined)
      found.push({
        view,
        task,
        call,
        readyAt: Math.max(...known.map(({ event }) => event.timestamp)),
        readySeq: Math.max(...known.map(seqOf)),
        readyOrder: Math.max(...known.map(({ order }) => order)),
        index,
        priority: task.spec.priority ?? view.root.spec.priority,
        decided: task.item || task.spec.when !== undefined,
        until: Math.min(call?.startOrder ?? Infinity, task.terminal?.order ?? Infinity),
        untilAt: call?.startAt ?? task.terminal?.event.timestamp ?? Infinity
      })
    }
  }
  waits.set(trace, found)
  return found
}

/** Whether `wait` went on waiting when `call` started. */
const waitedThrough = (wait: Wait, call: Call): boolean =>
  wait.call === undefined ? wait.untilAt > call.startAt : wait.until > call.startOrder

const isBefore = (a: Wait, b: Wait): boolean =>
  a.readyAt < b.readyAt ||
  (a.view === b.view && !a.decided && !b.decided && a.readyAt === b.readyAt && (a.readySeq < b.readySeq || (a.readySeq === b.readySeq && a.index < b.index)))

const startsAfterDependencies: Law = {
  name: "Scheduling: a task starts only after all it depends on have ended",
  check: (trace) => {
    const found: Array<string> = []
    for (const view of viewsOf(trace)) {
      for (const task of view.tasks.values()) {
        for (const id of task.after) {
          const before = view.tasks.get(id)!
          if (task.starting !== undefined && !(seqOf(before.terminal) < seqOf(task.starting))) found.push(`${nameOf(view, task.id)} started before ${id} had ended`)
          const first = task.calls[0]
          if (first === undefined) continue
          for (const call of before.calls) if (call.endOrder > first.startOrder) found.push(`${nameOf(view, task.id)} was called while ${id} was`)
        }
      }
    }
    return found
  }
}

/** A listener that blocks may slow a run, and it alone: then nothing is said about when things start. */
export const isSlowed = ({ scenario }: Trace): boolean => scenario.runs.some(({ listeners }) => listeners.includes("block"))

/** At each instant in which nothing moves: is there a free slot, and somebody who could have it? */
const idle = (withWaits: boolean) => (trace: Trace): ReadonlyArray<string> => {
  const found: Array<string> = []
  if (isSlowed(trace)) return found
  const all = waitsOf(trace)
  for (const [order, entry] of trace.entries.entries()) {
    if (entry.kind !== "quiet" || entry.waits !== withWaits) continue
    for (const wait of all) {
      if (wait.readyOrder >= order || wait.until <= order) continue
      const stopped = wait.view.root.stoppingOrder
      if (stopped !== undefined && stopped < order) continue
      if (wait.view.ended !== undefined && wait.view.ended.order < order) continue
      const full = capsOf(trace, wait.view.root).some(({ cap, counts }) => entry.working.filter(({ call }) => counts(call)).length >= cap)
      if (!full) found.push(`at ${entry.at} ${nameOf(wait.view, wait.task.id)} was ready and a slot was free (${entry.working.length} work)`)
    }
  }
  return found
}

const isEnding = (call: Call, at: number): boolean =>
  call.endAt === at && call.exit !== undefined && Exit.isFailure(call.exit) && Cause.hasInterruptsOnly(call.exit.cause)

const capHolds: Law = {
  name: "Scheduling: the cap counts every call in flight, of all runs and the whole tree",
  check: (trace) => {
    const found: Array<string> = []
    const waiting = new Map<Call, number>()
    const runs = new Map(trace.runs.map((run) => [run.runId, run]))
    for (const entry of trace.entries) {
      if (entry.kind === "start") waiting.set(entry.call, 0)
      else if (entry.kind === "end") waiting.delete(entry.call)
      else if (entry.kind === "wait" && waiting.has(entry.call)) waiting.set(entry.call, waiting.get(entry.call)! + 1)
      // What is interrupted as a whole comes back from its wait only to end.
      else if (entry.kind === "back" && waiting.has(entry.call) && isEnding(entry.call, entry.at)) continue
      else if (entry.kind === "back" && waiting.has(entry.call)) waiting.set(entry.call, waiting.get(entry.call)! - 1)
      else continue
      if (entry.kind !== "start" && entry.kind !== "back") continue
      const run = runs.get(entry.call.rootRunId)
      if (run === undefined) continue
      const working = Array.from(waiting).filter(([, count]) => count === 0).map(([call]) => call)
      for (const { cap, counts, name } of capsOf(trace, run)) {
        const count = working.filter(counts).length
        if (count > cap) found.push(`at ${entry.at} ${count} calls worked under the cap ${cap} of the ${name}`)
      }
    }
    return found
  }
}

const resumesFirst: Law = {
  name: "Scheduling: who waited for a child goes on before new starts",
  check: (trace) => {
    const found: Array<string> = []
    if (isSlowed(trace)) return found
    const childEnded = new Map<Call, { readonly at: number; readonly order: number }>()
    const parentOf = (child: Call) => trace.calls.find(({ id }) => child.payload.context === `child of ${id}`)
    for (const [order, entry] of trace.entries.entries()) {
      if (entry.kind === "end" && entry.call.child && entry.call.exit?._tag === "Success") {
        const parent = parentOf(entry.call)
        if (parent !== undefined && parent.branches === 1) childEnded.set(parent, { at: entry.at, order })
      }
      if (entry.kind === "back" || entry.kind === "end") childEnded.delete(entry.call)
      if (entry.kind !== "start" || entry.call.attempt > 1) continue
      for (const [parent, { at }] of childEnded) {
        if (at < entry.at && parent.rootRunId === entry.call.rootRunId) {
          found.push(`${entry.call.runId}/${entry.call.taskId} started at ${entry.at}, while ${parent.runId}/${parent.taskId} had its child's result since ${at}`)
        }
      }
    }
    return found
  }
}

const sameGates = (trace: Trace, a: Wait, b: Wait): boolean => {
  if (a.view.root === b.view.root) return true
  const { runConcurrency } = trace.scenario.options
  return runConcurrency === undefined && a.view.root.spec.concurrency === undefined && b.view.root.spec.concurrency === undefined
}

const firstCome: Law = {
  name: "Scheduling: first come, first served by readiness, within priority and user; ties in plan order",
  check: (trace) => {
    const found: Array<string> = []
    if (isSlowed(trace)) return found
    const all = waitsOf(trace)
    for (const a of all) {
      for (const b of all) {
        if (a === b || a.priority !== b.priority || a.view.root.spec.user !== b.view.root.spec.user || !sameGates(trace, a, b)) continue
        if (b.call !== undefined && isBefore(a, b) && waitedThrough(a, b.call) && b.call.startAt >= a.readyAt) {
          found.push(`${nameOf(a.view, a.task.id)} was ready before ${nameOf(b.view, b.task.id)}, which started first`)
        }
      }
    }
    return found
  }
}

const priorities: Law = {
  name: "Scheduling: a higher priority starts first",
  check: (trace) => {
    const found: Array<string> = []
    if (isSlowed(trace)) return found
    const all = waitsOf(trace)
    for (const a of all) {
      for (const b of all) {
        if (a.priority <= b.priority || b.call === undefined || !sameGates(trace, a, b)) continue
        if (trace.scenario.options.userConcurrency !== undefined && a.view.root.spec.user !== b.view.root.spec.user) continue
        if (a.readyAt < b.call.startAt && waitedThrough(a, b.call)) {
          found.push(`${nameOf(a.view, a.task.id)} (priority ${a.priority}) waited while ${nameOf(b.view, b.task.id)} (${b.priority}) started`)
        }
      }
    }
    return found
  }
}

const fairUsers: Law = {
  name: "Scheduling: users share fairly",
  check: (trace) => {
    const { runConcurrency, userConcurrency } = trace.scenario.options
    if (isSlowed(trace) || userConcurrency !== undefined || runConcurrency !== undefined || trace.runs.some(({ spec }) => spec.concurrency !== undefined)) return []
    const found: Array<string> = []
    const all = waitsOf(trace)
    const starts = all.filter(({ call }) => call !== undefined).sort((a, b) => a.call!.startOrder - b.call!.startOrder)
    for (const a of all) {
      let turns = 0
      for (const b of starts) {
        if (b.call!.startAt <= a.readyAt || b.call!.startOrder >= a.until || b.priority !== a.priority) continue
        // Calls of its own user's children take its turns as well.
        const own = trace.calls.some((call) => call.user === a.view.root.spec.user && call.startOrder <= b.call!.startOrder && call.startAt >= a.readyAt)
        if (own) break
        if (b.view.root.spec.user !== a.view.root.spec.user && ++turns > 1) {
          found.push(`${nameOf(a.view, a.task.id)} of ${a.view.root.spec.user} waited while ${b.view.root.spec.user} had ${turns} turns`)
        }
      }
    }
    return found
  }
}

const planOrdered: Law = {
  name: "Scheduling: results come in plan order, items after their fan-out",
  check: (trace) => {
    const found: Array<string> = []
    for (const { plan, result, runId } of viewsOf(trace)) {
      if (result === undefined) continue
      const own = result.results.filter(({ parent }) => parent === undefined).map(({ taskId }) => taskId)
      const wanted = planOrder(plan).map(({ id }) => id)
      if (own.join() !== wanted.join()) found.push(`results of ${runId} are ${own.join()}, plan order is ${wanted.join()}`)
      let above = ""
      let item = 0
      for (const { parent, taskId } of result.results) {
        if (parent === undefined) [above, item] = [taskId, 0]
        else if (parent !== above || !(taskId.endsWith(`/k${item}`) || taskId.endsWith(`/${item}`))) found.push(`${taskId} of ${runId} is not in its place`)
        if (parent !== undefined) item++
      }
    }
    return found
  }
}

const everyRunEnds: Law = {
  name: "Scheduling: every run ends, nested ones under a cap of 1 as well",
  check: (trace) => (trace.hung === undefined ? [] : [trace.hung])
}

const invalidLimits: Law = {
  name: "Scheduling: limits that are none are refused with a typed error",
  check: (trace) => (trace.invalid === undefined || trace.invalid === "InvalidLimitError" ? [] : [`${JSON.stringify(trace.scenario.invalidOptions.name)} of ${trace.scenario.invalidOptions.value}: ${trace.invalid}`])
}

export const scheduling: ReadonlyArray<Law> = [
  startsAfterDependencies,
  { name: "Scheduling: no batches: a free slot is never idle while something is ready", check: idle(false) },
  { name: "Scheduling: who waits holds no permit", check: idle(true) },
  capHolds,
  everyRunEnds,
  resumesFirst,
  firstCome,
  priorities,
  fairUsers,
  planOrdered,
  invalidLimits
]

import type { Law } from "./law.ts"
import { planOrder } from "./lawScenario.ts"
import { viewsOf } from "./lawViews.ts"

const isStopped = ({ stoppingOrder }: { readonly stoppingOrder: number | undefined }) => stoppingOrder !== undefined

const nothingLives: Law = {
  name: "Stop: when a run has ended, no handler of its tree is alive",
  check: (trace) =>
    trace.runs.flatMap((run) => {
      const own = trace.calls.filter(({ rootRunId }) => rootRunId === run.runId)
      const later = own.filter(({ endOrder, startOrder }) => startOrder > run.resultOrder || endOrder > run.resultOrder)
      if (run.runId === undefined || later.length === 0) return []
      return [`${run.runId}: ${later.map(({ taskId }) => taskId).join()} lived on after the result`]
    })
}

const promptly: Law = {
  name: "Stop: no handler starts once a run is stopped",
  check: (trace) =>
    trace.runs.flatMap((run) =>
      trace.calls
        .filter(({ rootRunId, startOrder }) => isStopped(run) && rootRunId === run.runId && startOrder > run.stoppingOrder!)
        .map(({ taskId }) => `${run.runId}: ${taskId} started after the run was stopped`)
    )
}

const finalizers: Law = {
  name: "Stop: when a run has ended, the finalizers of all its calls ran",
  check: (trace) => trace.runs.flatMap(({ runId, takenAtEnd }) => (runId === undefined || takenAtEnd === 0 ? [] : [`${runId}: ${takenAtEnd} calls left something behind`]))
}

const permitsBack: Law = {
  name: "Stop: permits are back: a run after all others works at full cap",
  check: (trace) => (trace.probe === undefined || trace.probe.seen === trace.probe.wanted ? [] : [`${trace.probe.seen} calls started at once, ${trace.probe.wanted} had to`])
}

const nothingHeld: Law = {
  name: "Stop: nothing is held any more",
  check: (trace) => [...trace.held, ...trace.runs.flatMap(({ heldAtEnd, runId }) => heldAtEnd.map((held) => `${runId}: ${held}`))]
}

const noAdmission: Law = {
  name: "Stop: no reservation is admitted after a stop, nor after its call has ended",
  check: (trace) => {
    const stops = new Map(trace.runs.map((run) => [run.runId, run.stoppingOrder ?? Infinity]))
    return trace.reserves
      // A child's calls count in its caller's task, which may still live.
      .filter(({ admittedOrder, call }) => admittedOrder !== Infinity && admittedOrder > Math.min(stops.get(call.rootRunId) ?? Infinity, call.child ? Infinity : call.endOrder))
      .map(({ call, leaked }) => `${call.runId}/${call.taskId}: ${leaked ? "a fiber that outlived its handler" : "a call"} was admitted too late`)
  }
}

const awaitGives: Law = {
  name: "Stop: await gives the result, with what was done",
  check: (trace) =>
    trace.runs.flatMap(({ exit, runId, spec }) => {
      if (spec.mode !== "start" || exit === undefined || runId === undefined) return []
      if (exit._tag === "Failure") return [`${runId}: await failed`]
      const ids = exit.value.results.filter(({ parent }) => parent === undefined).map(({ taskId }) => taskId)
      return ids.length === planOrder(spec.plan).length ? [] : [`${runId}: the result has ${ids.join()}`]
    })
}

const runEnded: Law = {
  name: "Stop: the result of an interrupted run arrives as its RunEnded event",
  check: (trace) => viewsOf(trace).flatMap(({ ended, runId }) => (ended === undefined ? [`${runId} has no RunEnded event`] : []))
}

export const stop: ReadonlyArray<Law> = [nothingLives, promptly, finalizers, permitsBack, nothingHeld, noAdmission, awaitGives, runEnded]

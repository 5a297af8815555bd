import type * as Progress from "@aria/orchestrator-core/Progress"
import type { Law } from "./law.ts"
import { planOrder } from "./lawScenario.ts"
import type { RunRecord, Trace } from "./lawTrace.ts"
import { nameOf, viewsOf } from "./lawViews.ts"

const grammar: Law = {
  name: "Progress: starting, running, then updates, waits and retries, then one terminal event",
  check: (trace) => {
    const found: Array<string> = []
    for (const view of viewsOf(trace)) {
      const order = new Map(planOrder(view.plan).map(({ id }, index) => [id, index]))
      for (const task of view.tasks.values()) {
        const kinds = task.events.map(({ event }) => event._tag)
        if (kinds.length === 0) continue
        const word = kinds.join(" ")
        const right = /^(starting (running( (update|waiting|retrying))* )?)?(complete|failed|skipped|cancelled|timedOut)$/
        if (view.ended !== undefined && !right.test(word)) found.push(`${nameOf(view, task.id)}: ${word}`)
        if (kinds.includes("complete") && !kinds.includes("running")) found.push(`${nameOf(view, task.id)} completed and never ran: ${word}`)
        for (const { event } of task.events) {
          if (!("index" in event)) continue
          if (!task.item && event.index !== order.get(task.id)) found.push(`${nameOf(view, task.id)} has the index ${event.index}`)
          if (event.index >= event.total) found.push(`${nameOf(view, task.id)} is number ${event.index} of ${event.total}`)
        }
      }
      const [first, last] = [view.events[0]?.event._tag, view.events[view.events.length - 1]?.event._tag]
      if (first !== "RunStarted") found.push(`${view.runId} begins with ${first}`)
      if (view.ended !== undefined && last !== "RunEnded") found.push(`${view.runId} ends with ${last}`)
    }
    return found
  }
}

const numbers: Law = {
  name: "Progress: events carry their run, path and version, and numbers that rise strictly",
  check: (trace) => {
    const found: Array<string> = []
    for (const { events, root, runId } of viewsOf(trace)) {
      const path = (trace.ancestors.get(runId) ?? []).map(({ taskId }) => taskId).join()
      let [seq, time] = [-1, 0]
      for (const { event } of events) {
        if (event.seq <= seq) found.push(`${runId}: number ${event.seq} comes after ${seq}`)
        if (event.timestamp < time) found.push(`${runId}: time goes back to ${event.timestamp}`)
        if (event.v !== 1 || event.rootRunId !== root.runId || event.path.join() !== path) found.push(`${runId}: ${event._tag} says ${event.rootRunId}, ${event.path.join()}`)
        seq = event.seq
        time = event.timestamp
      }
    }
    return found
  }
}

const idOf = ({ runId, seq }: Progress.Event) => `${runId}#${seq}`
const with_ = (trace: Trace, ...kinds: ReadonlyArray<string>): ReadonlyArray<readonly [RunRecord, ReadonlyArray<Progress.Event>]> =>
  trace.runs.flatMap((run, index) =>
    run.exit !== undefined && run.spec.listeners.some((listener) => kinds.includes(listener)) ? [[run, trace.eventsOf(index).map(({ event }) => event)] as const] : []
  )

const heardAll = (name: string, ...kinds: ReadonlyArray<string>): Law => ({
  name,
  check: (trace) =>
    with_(trace, ...kinds).flatMap(([{ heard, runId }, events]) => {
      const all = new Set(heard.map(idOf))
      const missing = events.filter((event) => !all.has(idOf(event)))
      if (missing.length > 0) return [`${runId}: ${missing.map(({ _tag }) => _tag).join()} were lost`]
      return heard.some(({ _tag }) => _tag === "dropped") ? [`${runId}: some were dropped`] : []
    })
})

const dropped: Law = {
  name: "Progress: under pressure only updates are dropped, and a mark says how many",
  check: (trace) =>
    with_(trace, "small").flatMap(([{ heard, runId }, events]) => {
      const all = new Set(heard.filter(({ _tag }) => _tag !== "dropped").map(idOf))
      const missing = events.filter((event) => !all.has(idOf(event)))
      const others = missing.filter(({ _tag }) => _tag !== "update")
      const told = heard.reduce((sum, event) => sum + (event._tag === "dropped" ? event.dropped : 0), 0)
      if (others.length > 0) return [`${runId}: ${others.map(({ _tag }) => _tag).join()} were dropped`]
      return told === missing.length ? [] : [`${runId}: ${missing.length} updates were dropped, the marks say ${told}`]
    })
}

const streams: Law = {
  name: "Progress: a reader of a run's events, early or late, gets all of them, nested runs' included",
  check: (trace) =>
    trace.runs.flatMap(({ late, read, runId }, index) => {
      if (late === undefined) return []
      const [heard, early, again] = [trace.eventsOf(index).map(({ event }) => event), read, late].map((events) => events.map(idOf).join())
      if (heard !== again) return [`${runId}: heard ${heard}, the stream gave ${again}`]
      return early === again ? [] : [`${runId}: a reader that followed got ${early}, a late one ${again}`]
    })
}

export const progress: ReadonlyArray<Law> = [
  grammar,
  numbers,
  heardAll("Progress: a callback that throws, fails, rejects or is slow loses nothing", "throws", "fails", "rejects", "slow"),
  dropped,
  heardAll("Progress: a listener that blocks hears everything", "block"),
  streams
]

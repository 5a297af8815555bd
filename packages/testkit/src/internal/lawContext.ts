import * as Option from "effect/Option"
import type { Law } from "./law.ts"
import { ownContext } from "./lawPlans.ts"

const envelopes: Law = {
  name: "Context: upstream results are an immutable envelope of the direct dependencies, in order",
  check: (trace) =>
    trace.envelopes.flatMap(({ frozen, keys, plan, taskId }) => {
      const wanted = Array.from(new Set(trace.tasks.get(plan)!.get(taskId)!.dependsOn.map(({ id }) => id)))
      if (keys.join() !== wanted.join()) return [`${plan}/${taskId} got ${keys.join()}, it depends on ${wanted.join()}`]
      return frozen ? [] : [`${plan}/${taskId} could change its envelope`]
    })
}

const untouched: Law = {
  name: "Context: a payload's own field called context is never touched",
  check: (trace) => {
    const plans = new Map(trace.entries.flatMap((entry) => (entry.kind === "event" && entry.event._tag === "RunStarted" ? [[entry.event.runId, entry.event.plan] as const] : [])))
    return trace.calls
      .filter(({ child, payload, runId, taskId }) => !child && plans.has(runId) && runId !== "probe" && payload.context !== ownContext(plans.get(runId)!, taskId.split("/")[0]!))
      .map(({ payload, runId, taskId }) => `${runId}/${taskId} got ${JSON.stringify(payload.context)}`)
  }
}

const sameAgentTwice: Law = {
  name: "Context: the same agent twice keeps both results",
  check: (trace) =>
    trace.envelopes.flatMap(({ keys, plan, taskId, values }) =>
      keys.flatMap((key, index) => {
        const spec = trace.tasks.get(plan)!.get(key)
        const value: any = Option.isOption(values[index]) ? Option.getOrUndefined(values[index] as Option.Option<any>) : values[index]
        if (spec === undefined || value === undefined) return []
        if (spec.kind === "agent" && value.script !== spec.scripts[0]) return [`${plan}/${taskId}: ${key} has the output of script ${value.script}`]
        if (spec.kind === "forEach" && value.map(({ script }: any) => script).join() !== spec.scripts.join()) return [`${plan}/${taskId}: ${key} has ${JSON.stringify(value)}`]
        return []
      })
    )
}

const encodes = (name: string, what: string): Law => ({
  name,
  check: (trace) => trace.codecFaults.filter((fault) => fault.startsWith(what)).map((fault) => fault.slice(0, 600))
})

export const context: ReadonlyArray<Law> = [
  envelopes,
  untouched,
  sameAgentTwice,
  encodes("Encoding: results encode to JSON and back, with and without their plan", "result"),
  encodes("Encoding: events encode to JSON and back", "event")
]

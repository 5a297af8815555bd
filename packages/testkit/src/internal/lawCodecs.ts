import * as Progress from "@aria/orchestrator-core/Progress"
import * as RunResult from "@aria/orchestrator-core/RunResult"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Schema from "effect/Schema"
import { planOf } from "./lawPlans.ts"
import type { Trace } from "./lawTrace.ts"

const eventCodec = Schema.toCodecJson(Progress.Event)

/** There and back again, as JSON: what comes out must encode to the same text. */
const roundTrip = <A>(codec: Schema.Codec<A, any>, value: A): string | undefined => {
  const exit = Effect.runSyncExit(
    Effect.gen(function* () {
      const first = JSON.stringify(yield* Schema.encodeEffect(codec)(value))
      const back = yield* Schema.decodeEffect(codec)(JSON.parse(first))
      const second = JSON.stringify(yield* Schema.encodeEffect(codec)(back))
      return first === second ? undefined : `${first} came back as ${second}`
    })
  )
  return Exit.isSuccess(exit) ? exit.value : String(exit.cause)
}

/** Encodes and decodes what a scenario showed. Every kind of event once: they are many, and alike. */
export const checkCodecs = (trace: Trace): void => {
  const seen = new Set<string>()
  const fault = (what: string, found: string | undefined) => {
    if (found !== undefined) trace.codecFaults.push(`${what}: ${found}`)
  }
  for (const entry of trace.entries) {
    if (entry.kind !== "event" || seen.has(entry.event._tag)) continue
    seen.add(entry.event._tag)
    fault(`event ${entry.event._tag}`, roundTrip(eventCodec, entry.event))
  }
  for (const { exit, spec } of trace.runs) {
    if (exit === undefined || !Exit.isSuccess(exit)) continue
    fault(`result of ${spec.plan.name}, without its plan`, roundTrip(RunResult.RunResult, exit.value))
    fault(`result of ${spec.plan.name}`, roundTrip(RunResult.schemaFor(planOf(trace, spec.plan) as any) as any, exit.value))
  }
}

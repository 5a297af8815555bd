import { expect, it } from "@effect/vitest"
import { Effect, Layer, Option, Schema } from "effect"
import { Agent, Budget, Orchestrator, Plan, Progress, RunResult, Task } from "@aria/orchestrator-core"

class Scout extends Agent.make("Scout", { description: "s", payload: { entities: Schema.NonEmptyArray(Schema.String) }, success: { signals: Schema.Array(Schema.String) }, error: Schema.String }) {
  static readonly layer = this.toLayer(({ entities }) => Effect.gen(function* () {
    yield* Progress.report("looking")
    yield* Effect.sleep("10 millis")
    yield* Budget.charge({ inputTokens: 10, calls: 1 })
    return { signals: [entities[0] + " ships"] }
  }))
}
class Scribe extends Agent.make("Scribe", { description: "w", payload: { signals: Schema.Array(Schema.String) }, success: Schema.String }) {
  static readonly layer = this.toLayer(({ signals }) => Effect.succeed(signals.join("; ")))
}
const P = Plan.make("p", { version: "1", input: Schema.Struct({ companies: Schema.NonEmptyArray(Schema.String) }) }, ({ companies }) => {
  const signals = Task.forEach("signals", Scout, { items: () => companies.map((name) => ({ entities: [name] as const })), key: (p) => p.entities[0] })
  const one = Task.make("one", Scout, { payload: { entities: ["x"] }, policy: (call) => Effect.retry(call, { times: 2 }) })
  const brief = Task.make("brief", Scribe, { dependsOn: [signals, Task.optional(one)], payload: ({ signals, one }) => ({ signals: [...signals.flatMap((s) => s.signals), ...Option.match(one, { onNone: () => [], onSome: (o) => o.signals })] }) })
  return [brief]
})
it.live("smoke", () => Effect.gen(function* () {
  const events: Array<Progress.Event> = []
  const result = yield* Orchestrator.run(P, { companies: ["A", "B", "C"] }).pipe(Progress.listen((e) => { events.push(e) }))
  const { brief } = yield* result.outputs
  expect(brief).toBe("A ships; B ships; C ships; x ships")
  console.log(events.map((e) => `${e.seq} ${e._tag} ${"taskId" in e ? e.taskId : ""}`).join("\n"))
  const json = yield* Schema.encodeEffect(RunResult.schemaFor(P))(result)
  const back = yield* Schema.decodeEffect(RunResult.schemaFor(P))(JSON.parse(JSON.stringify(json)))
  expect((yield* back.outputs).brief).toBe(brief)
  expect(result.usage.tokens).toBe(40)
  const codec = Schema.toCodecJson(Progress.Event)
  for (const e of events) {
    const j = JSON.parse(JSON.stringify(yield* Schema.encodeEffect(codec)(e)))
    const b = yield* Schema.decodeEffect(codec)(j)
    expect(b._tag).toBe(e._tag)
  }
  console.log(JSON.stringify(json).slice(0, 1500))
}).pipe(Effect.provide([Scout.layer, Scribe.layer, Orchestrator.layer])))

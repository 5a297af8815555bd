import { Effect, Exit, Fiber, Layer, Option, Schema, Cause, Schedule } from "effect"
import { Agent, Budget, Orchestrator, Plan, Progress, Run, RunResult, Task, Usage } from "@aria/orchestrator-core"
const go = async (name: string, effect: Effect.Effect<any, any, any>) => {
  const exit = await Promise.race([Effect.runPromiseExit(effect as any), new Promise((r) => setTimeout(() => r("HUNG"), 1500))]) as any
  console.log("==", name, exit === "HUNG" ? "HUNG" : Exit.isSuccess(exit) ? exit.value : "FAIL " + Cause.pretty(exit.cause).split("\n").slice(0, 3).join(" | "))
}
const started: Array<string> = []
class A extends Agent.make("A", { description: "a", payload: { n: Schema.String }, success: Schema.String }) {
  static readonly layer = this.toLayer(({ n }) => Effect.gen(function* () { started.push(n); yield* Effect.sleep("50 millis"); return n }))
}
const layers = (o: Orchestrator.Options = {}) => Layer.merge(A.layer, Orchestrator.layerWith(o))
const t = (id: string, extra: object = {}) => Task.make(id, A, { payload: { n: id }, ...extra })
const brief = (r: RunResult.RunResult<any, any>) => r.results.map((o: any) => `${o.taskId}:${o._tag}${o.error ? " " + o.error.message : ""}${o.reason ? " " + JSON.stringify(o.reason) : ""}`)
await go("cancel cap1", Effect.gen(function* () {
  started.length = 0
  const h = yield* Orchestrator.start(Plan.make("p", [t("a"), t("b"), t("c")]))
  yield* Effect.sleep(10)
  const r = yield* h.cancel
  return [brief(r), started.slice()]
}).pipe(Effect.provide(layers({ concurrency: 1 }))))
await go("scope standalone", Effect.gen(function* () {
  class S extends Agent.make("S", { description: "a", payload: {}, success: Schema.String }) {
    static readonly layer = this.toLayer(() => Effect.as(Effect.acquireRelease(Effect.void, () => Effect.sync(() => console.log("released"))), "x"))
  }
  return yield* S.run({}).pipe(Effect.provide(S.layer))
}))
await go("items null", Orchestrator.run(Plan.make("p", [Task.forEach("f", A, { items: () => null as any, key: (p) => p.n })])).pipe(Effect.map(brief), Effect.provide(layers())))
await go("items element undefined", Orchestrator.run(Plan.make("p", [Task.forEach("f", A, { items: () => [undefined as any, { n: "0" }], key: (p) => p.n })])).pipe(Effect.map(brief), Effect.provide(layers())))
await go("key not string", Orchestrator.run(Plan.make("p", [Task.forEach("f", A, { items: () => [{ n: "a" }, {n: "b"}], key: (() => undefined) as any })])).pipe(Effect.map(brief), Effect.provide(layers())))
await go("next throws", Orchestrator.run(Plan.make("p", [Task.iterate("f", A, { initial: { n: "a" }, next: () => { throw new Error("nn") }, maxIterations: 3 })])).pipe(Effect.map(brief), Effect.provide(layers())))
await go("policy throws", Orchestrator.run(Plan.make("p", [t("a", { policy: () => { throw new Error("pp") } })])).pipe(Effect.map(brief), Effect.provide(layers())))
await go("policy returns undefined", Orchestrator.run(Plan.make("p", [t("a", { policy: () => undefined })])).pipe(Effect.map(brief), Effect.provide(layers())))
await go("plan fn throws", Orchestrator.run(Plan.make("p", { version: "1", input: Schema.String }, (): [typeof x] => { throw new Error("boom") }), "x").pipe(Effect.map(brief), Effect.provide(layers())))
const x = t("a")
await go("plan fn dup", Orchestrator.run(Plan.make("p", { version: "1", input: Schema.String }, () => [t("a"), t("a")]), "x").pipe(Effect.map(brief), Effect.provide(layers())))
await go("nested plan fn throws", Orchestrator.run(Plan.make("o", [Task.plan("n", Plan.make("p", { version: "1", input: Schema.String }, (s): [typeof x] => { throw new Error("boom") }), { input: "x" })])).pipe(Effect.map(brief), Effect.provide(layers())))
await go("nested plan bad input", Orchestrator.run(Plan.make("o", [Task.plan("n", Plan.make("p", { version: "1", input: Schema.NonEmptyString }, (s) => [x]), { input: "" })])).pipe(Effect.map(brief), Effect.provide(layers())))
for (const [name, h] of Object.entries({
  throwsync: () => { throw new Error("sync") }, dies: () => Effect.die("dead"), undef: () => undefined as any, interrupt: () => Effect.interrupt,
  throwNull: () => { throw null }, circular: () => { const e: any = {}; e.e = e; throw e }, noString: () => { throw Object.create(null) },
})) {
  class B extends Agent.make("B", { description: "a", payload: {}, success: Schema.String }) { static readonly layer = this.toLayer(h as any) }
  await go("handler " + name, Orchestrator.run(Plan.make("p", [Task.make("b", B, { payload: {} }), t("ok")])).pipe(Effect.map(brief), Effect.provide([layers(), B.layer] as any)))
}
await go("decode throws", Effect.gen(function* () {
  class B extends Agent.make("B", { description: "a", payload: { s: Schema.String.check(Schema.makeFilter(() => { throw new Error("filter") })) }, success: Schema.String }) { static readonly layer = this.toLayer(({ s }) => Effect.succeed(s)) }
  return yield* Orchestrator.run(Plan.make("p", [Task.make("b", B, { payload: { s: "" } }), Task.forEach("f", B, { items: () => [{ s: "x" }], key: (p) => p.s }), t("ok")])).pipe(Effect.map(brief), Effect.provide([layers(), B.layer] as any))
}))
await go("same tag same schemas", Effect.gen(function* () {
  class B1 extends Agent.make("B", { description: "one", payload: Schema.String, success: Schema.String }) { static readonly layer = this.toLayer((s) => Effect.succeed(s)) }
  class B2 extends Agent.make("B", { description: "two", version: "2", payload: Schema.String, success: Schema.String }) { }
  return yield* B2.run("x").pipe(Effect.provide(B1.layer))
}))
await go("listener interrupt RunEnded", Effect.gen(function* () {
  const ev: string[] = []
  const f = yield* Effect.forkChild(Orchestrator.run(Plan.make("p", [t("a")])).pipe(Progress.listen((e) => Effect.andThen(Effect.sleep(5), Effect.sync(() => { ev.push(e._tag) })))))
  yield* Effect.sleep(20)
  yield* Fiber.interrupt(f)
  return ev
}).pipe(Effect.provide(layers())))
await go("forkDetach later reserve", Effect.gen(function* () {
  const log: string[] = []
  class B extends Agent.make("B", { description: "a", payload: {}, success: Schema.String }) { static readonly layer = this.toLayer(() => Effect.gen(function* () {
    yield* Effect.forkDetach(Effect.gen(function* () { yield* Effect.sleep(30); log.push("asking"); yield* Budget.reserve({ calls: 1 }, () => Effect.sync(() => { log.push("ADMITTED") })) }))
    return "x" })) }
  const r = yield* Orchestrator.run(Plan.make("p", [Task.make("b", B, { payload: {} })])).pipe(Effect.provide([B.layer] as any)) as any
  yield* Effect.sleep(80)
  return [log, r.usage.calls]
}).pipe(Effect.provide(layers())))
await go("forkDetach later child agent", Effect.gen(function* () {
  const log: string[] = []
  started.length = 0
  class B extends Agent.make("B", { description: "a", payload: {}, success: Schema.String }) { static readonly layer = this.toLayer(() => Effect.gen(function* () {
    yield* Effect.forkDetach(Effect.gen(function* () { yield* Effect.sleep(30); log.push("asking"); yield* Progress.report("late"); yield* A.run({ n: "late" }); log.push("child ran") }))
    return "x" }) as any) }
  const ev: string[] = []
  const r = yield* Orchestrator.run(Plan.make("p", [Task.make("b", B, { payload: {} })])).pipe(Progress.listen((e) => { ev.push(e._tag) }), Effect.provide([B.layer] as any)) as any
  const h = yield* Orchestrator.start(Plan.make("p", [Task.make("b", B, { payload: {} })])).pipe(Effect.provide([B.layer] as any)) as any
  yield* h.await
  yield* Effect.sleep(150)
  return [log, started.slice(), ev]
}).pipe(Effect.provide(layers())))
await go("reserve NaN standalone", Budget.reserve({ tokens: NaN }, () => Effect.succeed("ran")))
await go("reserve NaN region", Budget.reserve({ tokens: NaN }, () => Effect.succeed("ran")).pipe(Budget.limit({ tokens: 1 })))
await go("charge NaN region", Budget.charge({ inputTokens: NaN }).pipe(Budget.limit({ tokens: 1 })))
await go("charge -1 region", Budget.charge({ calls: -1 }).pipe(Budget.limit({ tokens: 1 })))
await go("charge usd NaN", Budget.charge({ usd: NaN }).pipe(Budget.limit({ tokens: 1 })))
await go("settle NaN", Budget.reserve({ tokens: 1 }, (r) => r.settle({ inputTokens: NaN })).pipe(Budget.limit({ tokens: 1 })))
for (const v of [0, -1, 1.5, NaN]) {
  await go("cap " + v, Effect.provide(Effect.void, Orchestrator.layerWith({ concurrency: v })))
  await go("limit " + v, Budget.limit({ tokens: v })(Effect.void))
  await go("limit usd " + v, Budget.limit({ usd: v })(Effect.void))
  await go("conf timeout " + v, Run.configure({ timeout: v })(Effect.void))
  await go("orch timeout " + v, Effect.provide(Effect.void, Orchestrator.layerWith({ runTimeout: v })))
  await go("task timeout " + v, Effect.sync(() => t("a", { timeout: v })))
  await go("conf conc " + v, Run.configure({ concurrency: v })(Effect.void))
  await go("prio " + v, Run.configure({ priority: v })(Effect.void))
  await go("maxIter " + v, Effect.sync(() => Task.iterate("i", A, { initial: { n: "" }, next: () => Option.none(), maxIterations: v })))
  await go("task prio " + v, Effect.map(Orchestrator.run(Plan.make("p", [t("a", { priority: v }), t("b")])), brief).pipe(Effect.provide(layers({ concurrency: 1 }))))
}
await go("timeout string", Effect.sync(() => t("a", { timeout: "soon" })))
process.exit(0)

import * as Agent from "@aria/orchestrator-core/Agent"
import * as Budget from "@aria/orchestrator-core/Budget"
import * as Orchestrator from "@aria/orchestrator-core/Orchestrator"
import * as Plan from "@aria/orchestrator-core/Plan"
import * as Progress from "@aria/orchestrator-core/Progress"
import * as Run from "@aria/orchestrator-core/Run"
import * as RunResult from "@aria/orchestrator-core/RunResult"
import * as Task from "@aria/orchestrator-core/Task"
import { DefectError, DuplicateKeyError } from "@aria/orchestrator-core/TaskOutcome"
import * as Usage from "@aria/orchestrator-core/Usage"
import { assert, describe, expect, it } from "@effect/vitest"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/testing/TestClock"

class Brief extends Schema.Class<Brief>("Brief")({
  title: Schema.String,
  at: Schema.DateTimeUtcFromString,
  note: Schema.Option(Schema.String)
}) {
  get shout(): string {
    return this.title.toUpperCase()
  }
}
class NoNewsError extends Schema.TaggedError<NoNewsError>()("NoNewsError", { company: Schema.String, since: Schema.DateTimeUtcFromString }) {}

const at = DateTime.makeUnsafe("2026-11-23T08:00:00Z")
const How = Schema.Literals(["brief", "fails", "dies", "never ends", "asks too much"])
class Writer extends Agent.make("Writer", { description: "Writes", payload: { name: Schema.String, how: How }, success: Brief, error: NoNewsError }) {
  static readonly layer = this.toLayer(({ how, name }) =>
    Effect.gen(function* () {
      yield* Progress.report({ message: "reading", fraction: 0.5, data: { name } })
      yield* Budget.charge({ inputTokens: 10, outputTokens: 5, calls: 1, usd: 0.001 })
      if (how === "fails") return yield* new NoNewsError({ company: name, since: at })
      if (how === "dies") return yield* Effect.die(new TypeError("dead"))
      if (how === "never ends") return yield* Effect.never
      if (how === "asks too much") yield* Budget.reserve({ calls: 1_000 }, () => Effect.void)
      return new Brief({ title: name, at, note: Option.some("first") })
    })
  )
}
const write = (id: string, how: typeof How.Type, options: { readonly timeout?: number } = {}) =>
  Task.make(id, Writer, { payload: { name: id, how }, ...options })
const layers = Layer.merge(Writer.layer, Orchestrator.layer)

const json = <A, E>(schema: Schema.Codec<A, E>, value: A) =>
  Effect.map(Schema.encodeEffect(schema)(value), (encoded): unknown => JSON.parse(JSON.stringify(encoded)))
/** Out of the process and back: what comes back leaves it in the same shape again. */
const throughJson = <A, E>(schema: Schema.Codec<A, E>, value: A) =>
  Effect.gen(function* () {
    const data = yield* json(schema, value)
    const back = yield* Schema.decodeUnknownEffect(schema)(data)
    expect(yield* json(schema, back)).toEqual(data)
    return back
  })
/** A run while ten seconds go by, with its events, stopped after that. */
const recorded = <A, E, R>(plan: Plan.Plan<string, A, E, R>) => {
  const events: Array<Progress.Event> = []
  return Effect.gen(function* () {
    const handle = yield* Orchestrator.start(plan)
    yield* TestClock.adjust("10 seconds")
    return { result: yield* handle.cancel, events }
  }).pipe(
    Progress.listen((event) => {
      events.push(event)
    }),
    Budget.limit({ calls: 900, usd: 1 }, { name: "around" })
  )
}

/** Each kind of outcome, and each kind of task. */
const everything = () => {
  const good = write("good", "brief")
  const failed = write("failed", "fails")
  const wrong: any = { name: 1, how: "brief" }
  const inner = Plan.make("inner", [write("deep", "brief"), write("deepFailure", "fails")])
  const innerGood = Plan.make("innerGood", [write("deep", "brief")])
  return {
    good,
    failed,
    plan: Plan.make("everything", [
      good,
      failed,
      Task.make("upstream", Writer, { dependsOn: [failed], payload: { name: "u", how: "brief" } }),
      Task.make("condition", Writer, { dependsOn: [good], when: () => false, payload: { name: "c", how: "brief" } }),
      write("defect", "dies"),
      write("refused", "asks too much"),
      Task.make("invalid", Writer, { payload: wrong }),
      write("timedOut", "never ends", { timeout: 1_000 }),
      write("cancelled", "never ends"),
      Task.make("stopped", Writer, { dependsOn: [write("blocker", "never ends")], payload: { name: "s", how: "brief" } }),
      Task.forEach("each", Writer, { items: () => [{ name: "a", how: "brief" }, { name: "b", how: "brief" }], key: ({ name }) => name }),
      Task.forEach("twice", Writer, { items: () => [{ name: "a", how: "brief" }, { name: "a", how: "brief" }], key: ({ name }) => name }),
      Task.iterate("loop", Writer, {
        initial: { name: "l", how: "brief" },
        next: ({ title }) => (title.length < 3 ? Option.some({ name: `${title}l`, how: "brief" }) : Option.none()),
        maxIterations: 9
      }),
      Task.plan("nested", innerGood),
      Task.plan("nestedFailure", inner)
    ])
  }
}

describe("RunResult as JSON", () => {
  it.effect("keeps every kind of outcome with its types, where the plan is known", () =>
    Effect.gen(function* () {
      const { failed, good, plan } = everything()
      const { result } = yield* recorded(plan)
      const back = yield* throughJson(RunResult.schemaFor(plan), result)
      expect(RunResult.isRunResult(back)).toBe(true)
      expect(back.results.map(({ _tag, taskId }) => `${taskId} ${_tag}`)).toEqual(result.results.map(({ _tag, taskId }) => `${taskId} ${_tag}`))
      expect(new Set(back.results.map(({ _tag }) => _tag))).toEqual(new Set(["succeeded", "failed", "skipped", "cancelled", "timedOut"]))
      const numbers = (run: RunResult.RunResult<unknown, unknown>) =>
        run.results.map(({ attempts, endedAt, parent, startedAt, usage }) => ({ attempts, endedAt, parent, startedAt, usage }))
      expect(numbers(back)).toEqual(numbers(result))
      for (const field of ["runId", "plan", "planVersion", "startedAt", "endedAt", "executionTimeMs", "successCount", "failedCount"] as const) {
        expect(back[field], field).toEqual(result[field])
      }
      expect([back.skippedCount, back.allSucceeded]).toEqual([result.skippedCount, false])
      expect(back.usage).toBeInstanceOf(Usage.Usage)
      expect(back.usage).toEqual(result.usage)
      expect(back.usage.tokens).toBe(result.usage.tokens)

      const brief = back.outcome(good)
      assert(brief._tag === "succeeded")
      expect(brief.output).toBeInstanceOf(Brief)
      expect(brief.output.shout).toBe("GOOD")
      expect(DateTime.toEpochMillis(brief.output.at)).toBe(DateTime.toEpochMillis(at))
      expect(brief.output.note).toEqual(Option.some("first"))
      const noNews = back.outcome(failed)
      assert(noNews._tag === "failed")
      assert(noNews.error instanceof NoNewsError)
      expect([noNews.origin, noNews.error.company]).toEqual(["agent", "failed"])
      expect(DateTime.isDateTime(noNews.error.since)).toBe(true)

      const by = (id: string) => back.results.find(({ taskId }) => taskId === id)
      const errorOf = (id: string) => {
        const outcome = by(id)
        return outcome?._tag === "failed" ? outcome.error : undefined
      }
      expect(errorOf("defect")).toBeInstanceOf(DefectError)
      expect(errorOf("invalid")).toBeInstanceOf(Agent.InvalidPayloadError)
      expect(errorOf("twice")).toBeInstanceOf(DuplicateKeyError)
      const refused = errorOf("refused")
      assert(refused instanceof Budget.BudgetExceededError)
      expect([refused.scope, refused.requested]).toEqual(["around", 1_000])
      expect(by("upstream")).toMatchObject({ _tag: "skipped", reason: { _tag: "Upstream", taskId: "failed" } })
      expect(by("condition")).toMatchObject({ _tag: "skipped", reason: { _tag: "Condition" } })
      expect(by("stopped")).toMatchObject({ _tag: "skipped", reason: { _tag: "Stopped" } })
      expect(by("timedOut")).toMatchObject({ _tag: "timedOut", timeoutMillis: 1_000 })
      expect(by("each/a")).toMatchObject({ parent: "each", output: { title: "a" } })
      expect(by("loop")).toMatchObject({ attempts: 3, output: { title: "lll" } })
      expect(by("invalid")?.startedAt).toBeUndefined()

      const nested = by("nested")
      assert(nested?._tag === "succeeded" && nested.run !== undefined)
      expect(RunResult.isRunResult(nested.run)).toBe(true)
      expect(nested.output).toEqual({ deep: new Brief({ title: "deep", at, note: Option.some("first") }) })
      const nestedFailure = by("nestedFailure")
      assert(nestedFailure?._tag === "failed")
      expect(nestedFailure.error).toBeInstanceOf(NoNewsError)
      expect(nestedFailure.run?.results.map(({ _tag }) => _tag)).toEqual(["succeeded", "failed"])

      // The outputs fail with the error of the first goal that has none, as they did before.
      expect(yield* Effect.flip(back.outputs)).toBeInstanceOf(NoNewsError)
    }).pipe(Effect.provide(layers))
  )

  it.effect("decodes without the plan, and then outputs and errors are plain JSON", () =>
    Effect.gen(function* () {
      const { plan } = everything()
      const { result } = yield* recorded(plan)
      const back = yield* throughJson(RunResult.RunResult, result)
      expect(yield* json(RunResult.RunResult, back)).toEqual(yield* json(RunResult.schemaFor(plan), result))
      const by = (id: string) => back.results.find(({ taskId }) => taskId === id)
      const good = by("good")
      assert(good?._tag === "succeeded")
      expect(good.output).not.toBeInstanceOf(Brief)
      expect(good.output).toMatchObject({ title: "good", at: "2026-11-23T08:00:00.000Z" })
      expect(JSON.parse(JSON.stringify(good.output))).toEqual(good.output)
      expect(by("failed")).toMatchObject({ error: { _tag: "NoNewsError", company: "failed" } })
      // The engine's own errors are known without a plan.
      const refused = by("refused")
      expect(refused?._tag === "failed" && refused.error).toBeInstanceOf(Budget.BudgetExceededError)
      expect(back.successCount).toBe(result.successCount)
      expect(back.usage).toEqual(result.usage)
      expect(() => back.outcome("nobody" as never)).toThrow('RunResult.outcome: the plan "everything" has no task "nobody"')
    }).pipe(Effect.provide(layers))
  )

  it.effect("keeps the outputs of a plan with input, and its input", () =>
    Effect.gen(function* () {
      const input = Schema.Struct({ companies: Schema.NonEmptyArray(Schema.String), since: Schema.DateTimeUtcFromString })
      const plan = Plan.make("daily", { version: "7", input }, ({ companies }) => [
        Task.forEach("briefs", Writer, { items: () => companies.map((name) => ({ name, how: "brief" })), key: ({ name }) => name })
      ])
      const result = yield* Orchestrator.run(plan, { companies: ["Acme", "Beta"], since: at })
      const back = yield* throughJson(RunResult.schemaFor(plan), result)
      expect(back.allSucceeded).toBe(true)
      expect(back.planVersion).toBe("7")
      expect(back.input).toEqual({ companies: ["Acme", "Beta"], since: at })
      const { briefs } = yield* back.outputs
      expect(briefs.map(({ shout }) => shout)).toEqual(["ACME", "BETA"])
      const plain = yield* throughJson(RunResult.RunResult, result)
      expect(plain.input).toEqual({ companies: ["Acme", "Beta"], since: "2026-11-23T08:00:00.000Z" })
    }).pipe(Effect.provide(layers))
  )

  it.effect("refuses what is no result of the plan, with a path", () =>
    Effect.gen(function* () {
      const plan = Plan.make("one", [write("good", "brief")])
      const schema = RunResult.schemaFor(plan)
      const data: any = yield* json(schema, yield* Orchestrator.run(plan))
      const refused = (change: object) => Effect.map(Effect.flip(Schema.decodeUnknownEffect(schema)({ ...data, ...change })), String)
      expect(yield* refused({ v: 2 })).toContain('["v"]')
      expect(yield* refused({ results: [{ ...data.results[0], output: { title: "no date" } }] })).toContain('["at"]')
      expect(yield* refused({ results: [{ ...data.results[0], attempts: -1 }] })).toContain('["attempts"]')
      expect(yield* refused({ startedAt: "yesterday" })).toContain('["startedAt"]')
      expect((yield* Schema.decodeUnknownEffect(schema)({ ...data, later: "a field of a later version" })).plan).toBe("one")
    }).pipe(Effect.provide(layers))
  )
})

describe("Progress.Event as JSON", () => {
  it.effect("every kind of event comes back as it was, and RunEnded has the whole result", () =>
    Effect.gen(function* () {
      const { plan } = everything()
      const { events, result } = yield* recorded(plan)
      const codec = Schema.toCodecJson(Progress.Event)
      for (const event of events) {
        const back = yield* throughJson(codec, event)
        expect(back._tag).toBe(event._tag)
        if (event._tag === "RunEnded" || event._tag === "RunStarted") continue
        expect(back).toEqual(event)
      }
      const kinds = new Set(events.map(({ _tag }) => _tag))
      for (const kind of ["RunStarted", "starting", "running", "update", "retrying", "waiting", "complete", "failed", "skipped", "cancelled", "timedOut", "RunEnded"]) {
        expect([...kinds], kind).toContain(kind)
      }
      const started = events.find(({ _tag }) => _tag === "RunStarted")
      assert(started?._tag === "RunStarted")
      const back = yield* throughJson(codec, started)
      assert(back._tag === "RunStarted")
      expect(back.budgets[0]).toBeInstanceOf(Budget.LedgerState)
      expect(back.budgets.map(({ limits, owner }) => [owner, limits])).toContainEqual(["region", { calls: 900, usd: 1 }])
      const ended = events.findLast(({ _tag }) => _tag === "RunEnded")
      assert(ended?._tag === "RunEnded")
      const decoded = yield* throughJson(codec, ended)
      assert(decoded._tag === "RunEnded")
      expect(decoded.result.results.length).toBe(result.results.length)
      expect(decoded.result.usage).toEqual(result.usage)
      expect(decoded.result.runId).toBe(result.runId)
    }).pipe(Effect.provide(layers))
  )

  it.effect("a dropped mark is an event too", () =>
    Effect.gen(function* () {
      const mark: Progress.Event = { _tag: "dropped", v: 1, runId: "r", rootRunId: "r", path: ["a"], seq: 3, timestamp: 5, dropped: 2 }
      expect(yield* throughJson(Schema.toCodecJson(Progress.Event), mark)).toEqual(mark)
    })
  )

  it.effect("the run is found again in each of them: ids, path, numbers that rise", () =>
    Effect.gen(function* () {
      const { plan } = everything()
      const { events } = yield* recorded(plan).pipe(Run.configure({ id: "outermost" }))
      expect(new Set(events.map(({ rootRunId }) => rootRunId))).toEqual(new Set(["outermost"]))
      for (const runId of new Set(events.map((event) => event.runId))) {
        const own = events.filter((event) => event.runId === runId).map(({ seq }) => seq)
        expect(own.every((seq, place) => place === 0 || seq > own[place - 1]!)).toBe(true)
      }
    }).pipe(Effect.provide(layers))
  )
})

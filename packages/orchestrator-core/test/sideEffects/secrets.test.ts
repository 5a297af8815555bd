import { Agent, Approval, Budget, HumanInput, Orchestrator, Plan, Progress, QuestionQueue, ReceiptStore, Run, RunResult, SideEffect, Task } from "@aria/orchestrator-core"
import { describe, expect, it } from "@effect/vitest"
import { Cause, Config, ConfigProvider, Effect, Layer, Logger, Metric, Option, Redacted, References, Schema, Stream, Tracer } from "effect"
import { FetchHttpClient, HttpClient, HttpClientRequest } from "effect/http"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { inspect } from "node:util"

/** What must not appear anywhere: a token from the configuration, a password in a payload. */
const token = "tok-5f1c2a"
const password = "pw-77aa01"
/** What must appear where a person decides, and nowhere else: the content of an action. */
const content = "merger-with-initech"

class ApiError extends Schema.TaggedError<ApiError>()("ApiError", { cause: Schema.Defect() }) {}
class MailError extends Schema.TaggedError<MailError>()("MailError", { ambiguous: Schema.Boolean }) {}

/** A server that takes nothing. */
const server = Layer.effect(HttpClient.HttpClient)(
  Effect.gen(function* () {
    const http = createServer((_, response) => void response.writeHead(401, { "www-authenticate": "Bearer" }).end("no"))
    yield* Effect.acquireRelease(
      Effect.callback<void>((resume) => void http.listen(0, "127.0.0.1", () => resume(Effect.void))),
      () => Effect.callback<void>((resume) => void http.close(() => resume(Effect.void)))
    )
    const client = yield* HttpClient.HttpClient
    const { port } = http.address() as AddressInfo
    return HttpClient.mapRequest(client, HttpClientRequest.prependUrl(`http://127.0.0.1:${port}`))
  })
).pipe(Layer.provide(FetchHttpClient.layer))

/** Calls the server with the token, and fails as it is told. */
class Caller extends Agent.make("Caller", {
  description: "Calls a server",
  payload: { password: Schema.Redacted(Schema.String.check(Schema.isMaxLength(20))), end: Schema.Literals(["fail", "die", "leak"]) },
  success: Schema.Void,
  error: ApiError
}) {
  static readonly layer = this.toLayer(
    Effect.gen(function* () {
      const client = yield* HttpClient.HttpClient
      const secret = yield* Config.Redacted("API_TOKEN")
      return Caller.of(
        Effect.fnUntraced(function* ({ end, password }) {
          const request = HttpClientRequest.get("/items").pipe(
            HttpClientRequest.bearerToken(secret),
            HttpClientRequest.setHeader("x-password", Redacted.value(password)),
            HttpClientRequest.basicAuth("ada", password)
          )
          yield* Effect.logInfo("calling", { password, secret, to: "/items" })
          yield* Progress.report({ message: "calling", data: { tried: true } })
          yield* Budget.charge({ inputTokens: 5, calls: 1 })
          if (end === "leak") yield* Effect.logInfo(`with ${Redacted.value(password)}`)
          // Its failure carries the request with its headers.
          const call = Effect.asVoid(HttpClient.filterStatusOk(client).execute(HttpClientRequest.bearerToken(request, secret)))
          if (end === "die") return yield* Effect.orDie(call)
          return yield* Effect.mapError(call, (cause) => new ApiError({ cause }))
        })
      )
    })
  )
}

const Send = SideEffect.make("mail.send", {
  input: Schema.Struct({ to: Schema.String, body: Schema.String.check(Schema.isMaxLength(40)) }),
  success: Schema.Void,
  error: MailError,
  recipients: ({ to }) => [to],
  settleAfter: 0,
  expiresIn: "10 seconds",
  call: ({ to }) => (to === "lost@example.com" ? Effect.fail(new MailError({ ambiguous: true })) : Effect.void)
})

/** Sends a mail with what nobody but its approver may read. */
class Sender extends Agent.make("Sender", {
  description: "Sends mail",
  payload: { key: Schema.String, to: Schema.String, long: Schema.optionalKey(Schema.Boolean) },
  success: Schema.Void,
  error: Schema.Union([MailError, SideEffect.Failure]),
  dependencies: [Approval.Approval, ReceiptStore.ReceiptStore]
}) {
  static readonly layer = this.toLayer(({ key, long, to }) => Send.perform({ key, input: { to, body: long === true ? content.repeat(9) : content } }))
}

const agents = Layer.mergeAll(Caller.layer.pipe(Layer.provide(server), Layer.orDie), Sender.layer)
const queue = HumanInput.layerQueue({ pollInterval: "10 millis" }).pipe(Layer.provideMerge(QuestionQueue.layerMemory))
const services = agents.pipe(
  Layer.provideMerge(Orchestrator.layer),
  Layer.provideMerge(Approval.layerAsk),
  Layer.provideMerge(Layer.mergeAll(queue, ReceiptStore.layerMemory)),
  Layer.provide(ConfigProvider.layer(ConfigProvider.fromUnknown({ API_TOKEN: token })))
)

const call = (id: string, end: "fail" | "die" | "leak", secret = password) => Task.make(id, Caller, { payload: { password: Redacted.make(secret), end } })
const send = (id: string, key: string, to: string, long?: boolean) => Task.make(id, Sender, { payload: { key, to, ...(long === true ? { long } : {}) } })

/** All texts in which a value may leave a process. */
const textsOf = (value: unknown): ReadonlyArray<string> => [
  String(value),
  JSON.stringify(value, (_, one: unknown) => (typeof one === "bigint" ? String(one) : one)) ?? "",
  inspect(value, { depth: 20, showHidden: true }),
  ...(value instanceof Error ? [value.message, value.stack ?? "", inspect(value.cause, { depth: 20 })] : [])
]

/** Runs an effect and gathers all that it logs, traces and measures. */
const gathered = <A, E, R>(self: Effect.Effect<A, E, R>) =>
  Effect.suspend(() => {
    const spans: Array<Tracer.NativeSpan> = []
    const lines: Array<string> = []
    const tracer = Tracer.make({
      span(options) {
        const span = new Tracer.NativeSpan(options)
        spans.push(span)
        return span
      }
    })
    const loggers = [Logger.formatJson, Logger.formatLogFmt, Logger.formatSimple].map((format) => Logger.map(format, (line) => void lines.push(line)))
    return self.pipe(
      Effect.exit,
      Effect.flatMap((exit) => Effect.map(Metric.snapshot, (metrics) => ({ exit, metrics }))),
      Effect.provide(Logger.layer(loggers), { local: true }),
      Effect.provideService(References.MinimumLogLevel, "All"),
      Effect.provideService(Tracer.Tracer, tracer),
      Effect.provideService(Metric.MetricRegistry, new Map()),
      Effect.map(({ exit, metrics }) => ({
        exit,
        logs: lines,
        metrics: textsOf(metrics),
        spans: spans.flatMap((span) => [
          span.name,
          ...textsOf([...span.attributes]),
          ...textsOf(span.events),
          ...(span.status._tag === "Ended" && span.status.exit._tag === "Failure" ? [...textsOf(span.status.exit.cause), Cause.pretty(span.status.exit.cause)] : [])
        ])
      }))
    )
  })

/** Answers what comes into the queue: yes, but for one recipient. */
const person = Effect.gen(function* () {
  const questions = yield* QuestionQueue.QuestionQueue
  const seen: Array<QuestionQueue.Queued> = []
  const answering = Effect.gen(function* () {
    for (const queued of yield* questions.list({ states: ["open"] })) {
      seen.push(queued)
      yield* questions.answer(queued.question.id, { value: !JSON.stringify(queued).includes("no@example.com"), by: "bob" })
    }
    yield* Effect.sleep("5 millis")
  })
  yield* Effect.forkScoped(Effect.forever(answering))
  return seen
})

/** Runs a plan and gives all that it left behind, by where it is. */
const run = <A, E, R>(plan: Plan.Plan<string, A, E, R>) =>
  Effect.gen(function* () {
    const store = yield* ReceiptStore.ReceiptStore
    const seen = yield* person
    const events: Array<Progress.Event> = []
    const { exit, ...rest } = yield* gathered(
      Orchestrator.run(plan).pipe(
        Progress.listen((event) => void events.push(event)),
        SideEffect.allow(["mail.*"]),
        Run.configure({ userId: "ada" }),
        Budget.limit({ calls: 100 })
      )
    )
    const result = yield* exit
    const errors = result.results.flatMap((outcome) => (outcome._tag === "failed" ? [outcome.error] : []))
    const outside = {
      ...rest,
      events: textsOf(yield* Effect.forEach(events, (event) => Schema.encodeEffect(Schema.toCodecJson(Progress.Event))(event))),
      result: textsOf(yield* Schema.encodeEffect(RunResult.schemaFor(plan))(result)),
      live: textsOf(result),
      errors: errors.flatMap(textsOf),
      audit: yield* Stream.runCollect(store.audit).pipe(Effect.map((all) => all.map(({ line }) => line)))
    }
    return { outside, result, tags: errors.map((error) => (error as { readonly _tag: string })._tag), decisions: [JSON.stringify(seen)], receipts: [JSON.stringify(yield* store.list({}))] }
  })

const leaks = (texts: Readonly<Record<string, ReadonlyArray<string>>>, secret: string) =>
  Object.entries(texts).flatMap(([place, all]) => all.filter((text) => text.includes(secret)).map((text) => `${place}: ${text.slice(0, 400)}`))

describe("what a run leaves behind", () => {
  const everything = Plan.make("p", [
    call("refused", "fail"),
    call("died", "die"),
    call("invalid", "fail", `${password}-that-is-far-too-long`),
    send("sent", "a", "yes@example.com"),
    send("denied", "b", "no@example.com"),
    send("lost", "c", "lost@example.com"),
    send("invalidInput", "d", "yes@example.com", true)
  ])

  it.live("has no secret in it, and the content of an action only where a person decides", () =>
    Effect.gen(function* () {
      const { decisions, outside, receipts, result, tags } = yield* run(everything)
      expect(tags.sort()).toStrictEqual(
        ["ApiError", "DefectError", "InvalidPayloadError", "SideEffectNotPerformedError", "SideEffectNotPerformedError", "SideEffectUnknownError"]
      )
      expect(result.successCount).toBe(1)
      for (const [place, texts] of Object.entries(outside)) expect([place, texts.join("").length > 20]).toStrictEqual([place, true])
      for (const secret of [token, password, btoa(`ada:${password}`), "Bearer tok"]) {
        expect(leaks({ ...outside, decisions, receipts }, secret)).toStrictEqual([])
      }
      expect(leaks(outside, content)).toStrictEqual([])
      expect(decisions.join("")).toContain(content)
      expect(receipts.join("")).toContain(content)
    }).pipe(Effect.scoped, Effect.provide(services))
  )

  it.live("would show one that a handler logs: the net is fine enough", () =>
    Effect.gen(function* () {
      const { outside } = yield* run(Plan.make("p", [call("leaks", "leak")]))
      expect(leaks(outside, password).length).toBeGreaterThan(0)
    }).pipe(Effect.scoped, Effect.provide(services))
  )

  it.effect("refuses another input for a key, and an action that was not given, without naming what is in it", () =>
    Effect.gen(function* () {
      yield* Send.perform({ key: "a", input: { to: "yes@example.com", body: "short" } }).pipe(SideEffect.allow(["*"]))
      const conflict = yield* Effect.flip(Send.perform({ key: "a", input: { to: "yes@example.com", body: content } }).pipe(SideEffect.allow(["*"])))
      const notAllowed = yield* Effect.flip(Send.perform({ key: "b", input: { to: "yes@example.com", body: content } }))
      expect([conflict._tag, notAllowed._tag]).toStrictEqual(["SideEffectConflictError", "SideEffectNotPerformedError"])
      expect(leaks({ errors: [conflict, notAllowed].flatMap(textsOf) }, content)).toStrictEqual([])
    }).pipe(Effect.provide([Approval.layerApproveAll("ada"), ReceiptStore.layerMemory]))
  )
})

describe("a schema with a secret in it", () => {
  const Inner = Schema.Struct({ token: Schema.Redacted(Schema.String) })
  class Klass extends Schema.Class<Klass>("Klass")({ inner: Schema.Array(Inner) }) {}
  interface Tree {
    readonly children: ReadonlyArray<Tree>
    readonly secret?: Redacted.Redacted
  }
  const Tree: Schema.Codec<Tree, unknown> = Schema.Struct({
    children: Schema.Array(Schema.suspend((): Schema.Codec<Tree, unknown> => Tree)),
    secret: Schema.optionalKey(Schema.Redacted(Schema.String))
  })
  const cases: ReadonlyArray<readonly [name: string, schema: Agent.Portable, path: string]> = [
    ["itself", Schema.Redacted(Schema.String), "input is a Redacted value"],
    ["decoded from a text", Schema.RedactedFromValue(Schema.String), "input is a Redacted value"],
    ["in a field", Inner, "token"],
    ["in a class", Klass, "inner.*.token"],
    ["in a union", Schema.Struct({ one: Schema.NullOr(Inner) }), "one.token"],
    ["in a record", Schema.Record(Schema.String, Inner), "*.token"],
    ["in an option", Schema.Struct({ maybe: Schema.Option(Inner) }), "maybe.token"],
    ["in a tree", Tree, "secret"],
    ["made late", Schema.Struct({ late: Schema.suspend(() => Inner) }), "late.token"],
    ["in what it is decoded from", Schema.Struct({ a: Inner }).pipe(Schema.decodeTo(Schema.Struct({ a: Schema.Unknown }))), "a.token"]
  ]
  it.each(cases)("%s defines no action: its receipt would hold it in clear", (_, schema, path) => {
    const make = () => SideEffect.make("mail.send", { input: schema, success: Schema.Void, call: () => Effect.void })
    expect(make).toThrow(path)
    expect(make).toThrow('SideEffect.make("mail.send"): input')
    expect(make).toThrow("from Config")
    expect(() => SideEffect.make("mail.send", { input: Schema.String, success: schema, call: () => Effect.never })).toThrow("success")
    expect(() => SideEffect.make("mail.send", { input: Schema.String, success: Schema.Void, error: schema, call: () => Effect.void })).toThrow("error")
  })

  it.effect("gives an agent no layer whose results and errors would show it", () =>
    Effect.gen(function* () {
      const Leaky = Agent.make("Leaky", { description: "Gives a token", payload: Schema.Void, success: Inner })
      const Failing = Agent.make("Failing", { description: "Fails with one", payload: Schema.Void, success: Schema.Void, error: Inner })
      const built = (layer: Layer.Layer<any>) => Effect.exit(Effect.scoped(Layer.build(layer)))
      expect(String(yield* built(Leaky.toLayer(() => Effect.succeed({ token: Redacted.make(token) }))))).toContain('The agent "Leaky": success has a Redacted value at token')
      expect(String(yield* built(Failing.toLayer(() => Effect.void)))).toContain('The agent "Failing": error has a Redacted value at token')
    })
  )

  it("without one defines an action, trees and classes too", () => {
    class Plain extends Schema.Class<Plain>("Plain")({ a: Schema.Option(Schema.Array(Schema.Date)) }) {}
    interface Node {
      readonly next: Node | null
    }
    const Node: Schema.Codec<Node> = Schema.Struct({ next: Schema.NullOr(Schema.suspend((): Schema.Codec<Node> => Node)) })
    for (const input of [Plain, Node, Schema.Record(Schema.String, Schema.Unknown)] as ReadonlyArray<Agent.Portable>) {
      expect(SideEffect.make("mail.send", { input, success: Schema.Void, call: () => Effect.void }).kind).toBe("mail.send")
    }
  })

  it.effect("asks nobody for it: the answer would be in the queue in clear", () =>
    Effect.gen(function* () {
      let asked = false
      const human = Layer.succeed(HumanInput.HumanInput)({ ask: () => Effect.suspend(() => ((asked = true), Effect.never)) })
      const thrown = yield* Effect.flip(
        Run.ask("password", { schema: Inner, prompt: "Your password?" }).pipe(Effect.provide(human), Effect.catchDefect((defect) => Effect.fail(String(defect))))
      )
      expect(thrown).toContain('Run.ask("password"): schema has a Redacted value at token')
      expect(asked).toBe(false)
      expect(Option.isNone(yield* Run.Current)).toBe(true)
    })
  )
})

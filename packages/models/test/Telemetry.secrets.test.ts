import { Breaker, Fallback, Guarded, Limiter, Metered, ModelAgent, RetryBudget, Telemetry, type TokenCount } from "@aria/models"
import { Agent, Orchestrator, Plan, Task } from "@aria/orchestrator-core"
import { describe, expect, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Metric from "effect/Metric"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { HttpClient, HttpClientResponse } from "effect/http"
import { Otlp } from "effect/observability"
import { AiError, LanguageModel, type Response, Tool, Toolkit } from "effect/ai"
import { call } from "./modelAgentScript.ts"
import { failure, finish, provider, usage } from "./provider.ts"
import { collector, textOf } from "./traces.ts"

/** In everything that is said, asked for, given and failed with. */
const secret = "hunter2"
const counter: TokenCount.TokenCount = { request: () => Effect.succeed(100), texts: () => Effect.succeed(100) }
const options = { provider: "acme", model: "one", counter, maxOutputTokens: 50, retry: { times: 0 } } as const
const traffic = Layer.mergeAll(Limiter.layer(), RetryBudget.layer(), Breaker.layerMemory())

const Look = Tool.make("look", { parameters: Schema.Struct({ at: Schema.String }), success: Schema.String })
const Lose = Tool.make("lose", {
  parameters: Schema.Struct({ at: Schema.String }),
  success: Schema.String,
  failure: Schema.Struct({ why: Schema.String })
})
const Break = Tool.make("break", { parameters: Schema.Struct({ at: Schema.String }), success: Schema.String })
const Tools = Toolkit.make(Look, Lose, Break)
const handlers = Tools.toLayer({
  look: ({ at }) => Effect.succeed(`found ${at}`),
  lose: ({ at }) => Effect.fail({ why: at }),
  break: ({ at }) => Effect.die(new Error(at))
})

type Parts = ReadonlyArray<Response.PartEncoded>
const end = finish(usage(10, 5))
/** What a provider may answer; in each the secret is somewhere. */
const answers: Readonly<Record<string, Effect.Effect<Parts, AiError.AiError>>> = {
  "a text": Effect.succeed([{ type: "text", text: secret }, end]),
  "thoughts": Effect.succeed([{ type: "reasoning", text: secret }, end]),
  "a call of a tool": Effect.succeed([call("look", { at: secret }), end]),
  "a call that fails": Effect.succeed([call("lose", { at: secret }), end]),
  "a call that breaks": Effect.succeed([call("break", { at: secret }), end]),
  "a call that does not fit": Effect.succeed([call("look", { at: [secret] }), end]),
  "a call of no tool": Effect.succeed([call("nothing", { at: secret }), end]),
  "parts that do not fit": Effect.succeed([{ type: "text", text: [secret] as never }, end]),
  "an object": Effect.succeed([{ type: "text", text: `{"secret":"${secret}"}` }, end]),
  "no object": Effect.succeed([{ type: "text", text: `{"secret":["${secret}"]}` }, end]),
  "an error": Effect.fail(failure(new AiError.InvalidRequestError({ description: `no: ${secret}` }))),
  "a defect": Effect.die(new Error(secret))
}

const streamOf = (parts: Parts): Stream.Stream<Response.StreamPartEncoded> =>
  Stream.fromIterable(
    parts.flatMap((part): ReadonlyArray<Response.StreamPartEncoded> => {
      if (part.type !== "text" && part.type !== "reasoning") return [part as Response.StreamPartEncoded]
      const { text, type } = part
      return [
        { type: `${type}-start`, id: "1" },
        { type: `${type}-delta`, id: "1", delta: text },
        { type: `${type}-end`, id: "1" }
      ] as ReadonlyArray<Response.StreamPartEncoded>
    })
  )
const functionsOf = (answer: Effect.Effect<Parts, AiError.AiError>): Metered.Functions =>
  provider({ generateText: Effect.map(answer, (parts) => [...parts]), streamText: Stream.unwrap(Effect.map(answer, streamOf)) })

const prompt = `the word is ${secret}`
/** How a model may be asked. */
const calls: Readonly<Record<string, (model: LanguageModel.LanguageModel) => Effect.Effect<unknown, unknown, any>>> = {
  generateText: (model) => model.generateText({ prompt, toolkit: Tools }),
  "generateText without running tools": (model) => model.generateText({ prompt, toolkit: Tools, disableToolCallResolution: true }),
  "generateText with an approval": (model) =>
    model.generateText({
      prompt: [
        { role: "user", content: [{ type: "text", text: prompt }] },
        {
          role: "assistant",
          content: [
            { type: "tool-call", id: "a", name: "look", params: { at: secret }, providerExecuted: false },
            { type: "tool-approval-request", approvalId: "p", toolCallId: "a" }
          ]
        },
        { role: "tool", content: [{ type: "tool-approval-response", approvalId: "p", approved: true }] }
      ],
      toolkit: Tools,
      disableToolCallResolution: true
    }),
  generateObject: (model) => model.generateObject({ prompt, schema: Schema.Struct({ secret: Schema.String }) }),
  streamText: (model) => Stream.runDrain(model.streamText({ prompt, toolkit: Tools }))
}

type Made = Effect.Effect<LanguageModel.LanguageModel, unknown, any>
const built = (layer: Layer.Layer<LanguageModel.LanguageModel, unknown, any>): Made =>
  Effect.map(Layer.build(layer), (context) => Context.get(context, LanguageModel.LanguageModel))
/** How a model may be made. */
const models: Readonly<Record<string, (functions: Metered.Functions) => Made>> = {
  "Guarded.layer": (functions) => built(Guarded.layer(options, functions)),
  "Metered.layer": (functions) => built(Metered.layer(options, functions)),
  "Telemetry.model": (functions) => Effect.map(LanguageModel.make(functions), (model) => Telemetry.model(model)),
  "Fallback.layer": (functions) => built(Fallback.layer([Guarded.layer(options, functions), Metered.layer(options, functions)]))
}

/** All that an exporter, a logger or a reader of metrics could see of it. */
const seen = (run: Effect.Effect<unknown, unknown, any>) =>
  Effect.gen(function* () {
    const { spans, traced } = collector()
    const lines: Array<string> = []
    const logger = Logger.make(({ message }) => void lines.push(JSON.stringify(message)))
    const metrics = yield* Effect.andThen(Effect.exit(traced(run)), Metric.snapshot).pipe(
      Effect.provideService(Metric.MetricRegistry, new Map()),
      Effect.provide(Logger.layer([logger]), { local: true })
    )
    return { spans, texts: [...spans.map(textOf), ...lines, JSON.stringify(metrics)] }
  })

const within = (self: Effect.Effect<any, any, any>): Effect.Effect<any, any> =>
  Effect.scoped(Effect.provide(self, Layer.merge(traffic, handlers))) as Effect.Effect<any, any>

describe.each(Object.entries(models))("of a model of %s", (_, make) => {
  describe.each(Object.entries(calls))("asked by %s", (_, ask) => {
    it.effect.each(Object.entries(answers))("nothing reaches a trace that was said, where the answer is %s", ([, answer]) =>
      within(
        Effect.gen(function* () {
          const model = yield* make(functionsOf(answer))
          const { spans, texts } = yield* seen(ask(model))
          expect(spans.length).toBeGreaterThan(1)
          expect(texts.filter((text) => text.includes(secret))).toStrictEqual([])
        })
      )
    )
  })
})

describe("what effect alone writes", () => {
  it.effect("has it: or these tests would prove nothing", () =>
    within(
      Effect.gen(function* () {
        const ways = [
          [calls["generateText"]!, answers["a call of a tool"]!],
          [calls["generateText"]!, answers["a call that does not fit"]!],
          [calls["generateText with an approval"]!, answers["a text"]!],
          [(model: LanguageModel.LanguageModel) => Effect.withSpan(calls["streamText"]!(model), "mine"), answers["a call of a tool"]!],
          [calls["generateObject"]!, answers["no object"]!],
          [calls["streamText"]!, answers["an error"]!]
        ] as const
        for (const [ask, answer] of ways) {
          const model = yield* LanguageModel.make(functionsOf(answer))
          const { texts } = yield* seen(ask(model))
          expect(texts.filter((text) => text.includes(secret))).not.toStrictEqual([])
        }
      })
    )
  )
})

describe("where content was asked for", () => {
  it.effect.each(Object.entries(models))("it is on the spans: %s", ([, make]) =>
    within(
      Effect.gen(function* () {
        for (const kind of ["generateText", "streamText"] as const) {
          const model = yield* make(functionsOf(answers["a call of a tool"]!))
          const { spans } = yield* seen(Effect.provideService(calls[kind]!(model), Telemetry.Spans, "content"))
          const chat = spans.find(({ name }) => name.startsWith("chat"))
          const tool = spans.find(({ name }) => name === "execute_tool look")
          expect(JSON.parse(String(chat!.attributes.get("gen_ai.input.messages")))).toStrictEqual([
            { role: "user", parts: [{ type: "text", content: prompt }] }
          ])
          expect(JSON.parse(String(chat!.attributes.get("gen_ai.output.messages")))).toStrictEqual([
            {
              role: "assistant",
              parts: [{ type: "tool_call", id: "look-id", name: "look", arguments: { at: secret } }],
              finish_reason: "stop"
            }
          ])
          expect(tool!.attributes.get("gen_ai.tool.call.arguments")).toBe(`{"at":"${secret}"}`)
          expect(tool!.attributes.get("gen_ai.tool.call.result")).toBe(`"found ${secret}"`)
        }
      })
    )
  )

  it.effect("texts that came in pieces are whole, conversations have all their parts, and errors their messages", () =>
    within(
      Effect.gen(function* () {
        const shown = (model: LanguageModel.LanguageModel, messages: any, kind: "generateText" | "streamText") =>
          seen(
            Effect.provideService(
              kind === "generateText"
                ? Effect.asVoid(model.generateText({ prompt: messages }))
                : Stream.runDrain(model.streamText({ prompt: messages })),
              Telemetry.Spans,
              "content"
            )
          )
        const spoken: Parts = [{ type: "reasoning", text: "hm" }, { type: "text", text: "well" }, end]
        const model = yield* models["Guarded.layer"]!(functionsOf(Effect.succeed(spoken)))
        for (const kind of ["generateText", "streamText"] as const) {
          const { spans } = yield* shown(
            model,
            [
              { role: "system", content: "Be brief." },
              { role: "assistant", content: [{ type: "tool-call", id: "1", name: "look", params: { at: "x" }, providerExecuted: false }] },
              { role: "tool", content: [{ type: "tool-result", id: "1", name: "look", isFailure: false, result: { a: 1 } }] },
              {
                role: "user",
                content: [{ type: "file", mediaType: "text/plain", fileName: "a.txt", data: new Uint8Array([104, 105]) }]
              }
            ],
            kind
          )
          const chat = spans.find(({ name }) => name.startsWith("chat"))!
          expect(JSON.parse(String(chat.attributes.get("gen_ai.input.messages")))).toStrictEqual([
            { role: "system", parts: [{ type: "text", content: "Be brief." }] },
            { role: "assistant", parts: [{ type: "tool_call", id: "1", name: "look", arguments: { at: "x" } }] },
            { role: "tool", parts: [{ type: "tool_call_response", id: "1", response: { a: 1 } }] },
            { role: "user", parts: [{ type: "attachment", mime_type: "text/plain", name: "a.txt" }] }
          ])
          expect(JSON.parse(String(chat.attributes.get("gen_ai.output.messages")))).toStrictEqual([
            {
              role: "assistant",
              parts: [
                { type: "reasoning", content: "hm" },
                { type: "text", content: "well" }
              ],
              finish_reason: "stop"
            }
          ])
        }
        const failing = yield* models["Telemetry.model"]!(functionsOf(answers["an error"]!))
        const { texts } = yield* shown(failing, "hi", "generateText")
        expect(texts.filter((text) => text.includes(secret)).length).toBeGreaterThan(0)
      })
    )
  )

  it.effect("by an agent, it is on the spans of that agent alone", () =>
    within(
      Effect.gen(function* () {
        class Inner extends Agent.make("Inner", { description: "", payload: {}, success: Schema.String, error: ModelAgent.Failure }) {}
        class Outer extends Agent.make("Outer", { description: "", payload: {}, success: Schema.String, error: ModelAgent.Failure }) {}
        const Ask = Toolkit.make(Tool.make("ask", { success: Schema.String }))
        const says = (...parts: Parts) => functionsOf(Effect.succeed([...parts, end]))
        let turn = 0
        const outerModel = Guarded.layer(
          options,
          functionsOf(Effect.suspend(() => Effect.succeed(turn++ === 0 ? [call("ask", {}), end] : [{ type: "text", text: "open", } as const, end])))
        )
        const inner = Inner.toLayer(ModelAgent.make(Inner, { instructions: secret })).pipe(
          Layer.provide(Guarded.layer(options, says({ type: "text", text: secret })))
        )
        const asking = Ask.toLayer(
          Effect.map(Effect.context<Agent.Services<typeof Inner>>(), (services) => ({
            ask: () => Effect.as(Effect.orDie(Effect.provide(Inner.run({}), services)), "asked")
          }))
        ).pipe(Layer.provide(inner))
        const outer = Outer.toLayer(
          ModelAgent.make(Outer, { instructions: "shown", toolkit: Ask, spans: "content" })
        ).pipe(Layer.provide([outerModel, asking]))
        const plan = Plan.make("p", [Task.make("t", Outer, { payload: {} })])
        const { spans, texts } = yield* seen(
          Effect.flatMap(Orchestrator.run(plan), ({ outputs }) => outputs).pipe(Effect.provide(Layer.merge(outer, Orchestrator.layer)))
        )
        const chats = spans.filter(({ name }) => name === "chat one")
        expect(chats.map(({ attributes }) => [attributes.get("gen_ai.agent.name"), attributes.has("gen_ai.input.messages")])).toStrictEqual([
          ["Outer", true],
          ["Inner", false],
          ["Outer", true]
        ])
        // The engine's own spans end with what an agent gave, which no exporter writes down.
        const ofModels = texts.filter((text) => !text.startsWith("invoke_"))
        expect(ofModels.filter((text) => text.includes(secret))).toStrictEqual([])
      })
    )
  )
})

describe("a model agent", () => {
  class Reader extends Agent.make("Reader", {
    description: "",
    payload: { word: Schema.String },
    success: Schema.Struct({ word: Schema.String }),
    error: Schema.Union([ModelAgent.Failure, Schema.Struct({ why: Schema.String })])
  }) {}
  const names = ["a call of a tool", "a call that fails", "a call that does not fit", "a call of no tool"] as const

  it.effect.each([
    ["metered", "activity"],
    ["metered", "content"],
    ["unmetered", "activity"],
    ["unmetered", "content"]
  ] as const)("writes nothing of it on spans of models and tools: %s, %s", ([kind, progress]) =>
    within(
      Effect.gen(function* () {
        for (const name of names) {
          let turn = 0
          const functions = functionsOf(
            Effect.suspend(() => (turn++ === 0 ? answers[name]! : Effect.succeed([call("answer", { word: secret }), end])))
          )
          const model =
            kind === "metered" ? Guarded.layer(options, functions) : Layer.effect(LanguageModel.LanguageModel, LanguageModel.make(functions))
          const run = Effect.flatMap(
            ModelAgent.make(Reader, { instructions: secret, toolkit: Tools, progress, maxTurns: 3 }),
            (handle) => handle({ word: secret })
          )
          const { spans, texts } = yield* seen(Effect.provide(run, model))
          expect(spans.length).toBeGreaterThan(1)
          expect(texts.filter((text) => text.includes(secret))).toStrictEqual([])
        }
      })
    )
  )
})

describe("what effect's exporter sends", () => {
  it.live("is spans and metrics with their units, and not a word of what was said", () =>
    within(
      Effect.gen(function* () {
        const sent: Array<{ readonly url: string; readonly body: any }> = []
        const client = HttpClient.make((request) =>
          Effect.sync(() => {
            const { body, url } = request
            const text = body._tag === "Uint8Array" ? new TextDecoder().decode(body.body) : JSON.stringify(body)
            sent.push({ url, body: JSON.parse(text) })
            return HttpClientResponse.fromWeb(request, new globalThis.Response(null, { status: 200 }))
          })
        )
        const exporter = Otlp.layerJson({ baseUrl: "http://127.0.0.1:4318", resource: { serviceName: "test" } }).pipe(
          Layer.provide(Layer.succeed(HttpClient.HttpClient, client))
        )
        const exits = yield* Effect.gen(function* () {
          const all: Array<Exit.Exit<unknown, unknown>> = []
          for (const answer of [answers["a call of a tool"]!, answers["a call that does not fit"]!, answers["an error"]!]) {
            const model = yield* models["Guarded.layer"]!(functionsOf(answer))
            all.push(yield* Effect.exit(calls["generateText"]!(model)))
          }
          return all
        }).pipe(Effect.provide(exporter, { local: true }), Effect.provideService(Metric.MetricRegistry, new Map()))
        expect(exits.map(({ _tag }) => _tag)).toStrictEqual(["Success", "Failure", "Failure"])
        const text = JSON.stringify(sent)
        expect(text).not.toContain(secret)
        const spans = sent
          .filter(({ url }) => url.endsWith("/v1/traces"))
          .flatMap(({ body }) => body.resourceSpans[0].scopeSpans[0].spans as ReadonlyArray<{ readonly name: string }>)
        expect(spans.map(({ name }) => name).sort()).toStrictEqual([
          "LanguageModel.generateText",
          "LanguageModel.generateText",
          "LanguageModel.generateText",
          "chat one",
          "chat one",
          "chat one",
          "execute_tool look",
          "execute_tool look"
        ])
        const metrics = sent
          .filter(({ url }) => url.endsWith("/v1/metrics"))
          .flatMap(({ body }) => body.resourceMetrics[0].scopeMetrics[0].metrics as ReadonlyArray<{ name: string; unit: string }>)
        const units = Object.fromEntries(metrics.map(({ name, unit }) => [name, unit]))
        expect(units).toMatchObject({ "gen_ai.client.operation.duration": "s", "gen_ai.client.token.usage": "{token}" })
      })
    )
  )
})

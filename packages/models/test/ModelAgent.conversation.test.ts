import { ModelAgent, TokenCount } from "@aria/models"
import { Agent, Orchestrator, Plan, Progress, Task } from "@aria/orchestrator-core"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Tracer from "effect/Tracer"
import { AiError, LanguageModel, Prompt, Tool, Toolkit } from "effect/ai"
import { call, ends, fails, model, says, turn, type Turn } from "./modelAgentScript.ts"

const Search = Tool.make("search", {
  parameters: Schema.Struct({ query: Schema.String }),
  success: Schema.String,
  failure: Schema.String,
  failureMode: "return"
})
const Tools = Toolkit.make(Search)
const Handlers = Tools.toLayer({
  search: ({ query }) =>
    Effect.gen(function* () {
      yield* Effect.annotateCurrentSpan({ parameters: "the handler's own", pages: 3 })
      yield* Effect.withSpan(Effect.void, "inside")
      return query === "?" ? yield* Effect.fail("nothing found") : `private page ${query}`
    })
})
class Reader extends Agent.make("Reader", {
  description: "Reads",
  payload: { about: Schema.String },
  success: Schema.String,
  error: ModelAgent.Failure
}) {}

const read = (
  turns: ReadonlyArray<Turn>,
  more: Omit<ModelAgent.Options<typeof Reader>, "instructions" | "toolkit"> = {}
) => {
  const scripted = model(turns)
  const layer = Reader.toLayer(ModelAgent.make(Reader, { ...more, instructions: "Read.", toolkit: Tools })).pipe(
    Layer.provide(Layer.merge(Handlers, scripted.layer))
  )
  return { ...scripted, layer, run: Effect.provide(Reader.run({ about: "private matter" }), layer) }
}
const look = (query: string) => turn(says(`Looking for ${query}.`), call("search", { query }, query))
const done = turn(says("Done."))

describe("the context window", () => {
  /** Ten tokens for each message. */
  const counter: TokenCount.TokenCount = {
    request: ({ prompt }) => Effect.succeed(10 * prompt.content.length),
    texts: () => Effect.succeed(0)
  }
  const texts = (prompt: Prompt.Prompt | undefined) =>
    (prompt?.content ?? []).map(({ content, role }) =>
      typeof content === "string"
        ? `${role}: ${content}`
        : `${role}: ${content.map((part) => (part.type === "text" ? part.text : part.type)).join()}`
    )
  const looking = ["1", "2", "3", "4"].map(look)

  it.effect("leaves out the oldest turns, each as a whole, and says so", () =>
    Effect.gen(function* () {
      // System, question, note, and two turns of two messages each.
      const { requests, run } = read([...looking, look("5"), look("6"), look("7"), done], { contextWindow: { maxTokens: 70, counter } })
      expect(yield* run).toBe("Done.")
      expect(requests.map(({ prompt }) => prompt.content.length)).toStrictEqual([2, 4, 6, 7, 7, 7, 7, 7])
      expect(texts(requests[4]?.prompt)).toStrictEqual([
        "system: Read.",
        `user: {"about":"private matter"}`,
        "user: [2 earlier turns of this conversation are left out.]",
        "assistant: Looking for 3.,tool-call",
        "tool: tool-result",
        "assistant: Looking for 4.,tool-call",
        "tool: tool-result"
      ])
      expect(texts(requests[3]?.prompt)[2]).toBe("user: [1 earlier turn of this conversation is left out.]")
    })
  )

  it.effect("puts a summary in their place, made of all that goes, by the same model", () =>
    Effect.gen(function* () {
      const gone: Array<ReadonlyArray<string>> = []
      const { requests, run } = read(
        [look("1"), look("2"), look("3"), turn(says("one")), look("4"), turn(says("one and two")), done],
        {
          contextWindow: {
            maxTokens: 70,
            counter,
            summarise: (left) => {
              gone.push(texts(left))
              return Effect.map(LanguageModel.generateText({ prompt: "Sum up" }), ({ text }) => text)
            }
          }
        }
      )
      expect(yield* run).toBe("Done.")
      expect(texts(requests[4]?.prompt)[2]).toBe(
        "user: [In place of earlier turns of this conversation, a summary:]\none"
      )
      expect(texts(requests[6]?.prompt)[2]).toContain("one and two")
      expect(gone[0]).toStrictEqual(["assistant: Looking for 1.,tool-call", "tool: tool-result"])
      expect(gone[1]?.[0]).toContain("a summary:]\none")
      expect(gone[1]?.slice(1)).toStrictEqual(["assistant: Looking for 2.,tool-call", "tool: tool-result"])
    })
  )

  it.effect("does without a summary that does not fit itself, and fails with the model where it fails", () =>
    Effect.gen(function* () {
      const bytes: TokenCount.TokenCount = {
        request: ({ prompt }) => Effect.succeed(texts(prompt).join("").length),
        texts: () => Effect.succeed(0)
      }
      const window = (text: Effect.Effect<string, AiError.AiError>) => ({
        contextWindow: { maxTokens: 220, counter: bytes, summarise: () => text }
      })
      const long = read([...looking, done], window(Effect.succeed("word ".repeat(100))))
      expect(yield* long.run).toBe("Done.")
      expect(texts(long.requests[4]?.prompt).join()).toContain("left out.]")
      const failing = AiError.make({
        module: "m",
        method: "m",
        reason: new AiError.InternalProviderError({ description: "down" })
      })
      expect(yield* Effect.flip(read([...looking, done], window(Effect.fail(failing))).run)).toMatchObject({
        _tag: "ModelCallError",
        reason: "InternalProviderError"
      })
    })
  )

  it.effect("fails where not even the newest turn fits, before the model is asked", () =>
    Effect.gen(function* () {
      const { requests, run } = read([look("1"), done], { contextWindow: { maxTokens: 30, counter } })
      const error = yield* Effect.flip(run)
      expect(error).toStrictEqual(
        new ModelAgent.ContextWindowError({ agent: "Reader", turn: 2, tokens: 40, maxTokens: 30 })
      )
      expect(requests).toHaveLength(1)
      const first = read([done], { contextWindow: { maxTokens: 19, counter } })
      expect(yield* Effect.flip(first.run)).toMatchObject({ turn: 1, tokens: 20 })
      expect(first.requests).toHaveLength(0)
    })
  )

  it.effect("is counted by default with a bound that no tokenizer exceeds, tools included", () =>
    Effect.gen(function* () {
      const { run } = read([done], { contextWindow: { maxTokens: 1_000 } })
      const error = yield* Effect.flip(run)
      expect(error).toBeInstanceOf(ModelAgent.ContextWindowError)
    })
  )
})

describe("progress", () => {
  const heard = (turns: ReadonlyArray<Turn>, progress: "none" | "activity" | "content" | undefined) =>
    Effect.gen(function* () {
      const told: Array<readonly [string, Schema.Json | undefined]> = []
      const { layer } = read(turns, { progress })
      yield* Orchestrator.run(Plan.make("reading", [Task.make("read", Reader, { payload: { about: "x" } })])).pipe(
        Progress.listen((event) => {
          if (event._tag === "update") told.push([event.message, event.data])
        }),
        Effect.provide(Layer.merge(layer, Orchestrator.layer))
      )
      return told
    })
  const turns = [turn(call("search", { query: "a" }, "1"), call("search", { query: "?" }, "2")), turn(says("Hi!"))]

  it.effect("tells of turns and tools, without what they say", () =>
    Effect.gen(function* () {
      const told = yield* heard(turns, undefined)
      const messages = told.map(([message]) => message)
      // Calls end in any order.
      expect([...messages.slice(0, 3), ...messages.slice(3, 5).toSorted(), ...messages.slice(5)]).toStrictEqual([
        "turn 1",
        "calls search",
        "calls search",
        "search failed",
        "search is done",
        "turn 2"
      ])
      for (const [, data] of told) Schema.decodeUnknownSync(ModelAgent.Activity)(data)
      expect(JSON.stringify(told)).not.toContain("private page")
      expect(told[1]?.[1]).toStrictEqual({ _tag: "toolCall", turn: 1, tool: "search", callId: "1" })
    })
  )

  it.effect("streams text, arguments and results where content is asked for", () =>
    Effect.gen(function* () {
      const told = (yield* heard(turns, "content")).map(([, data]) =>
        Schema.decodeUnknownSync(ModelAgent.Activity)(data)
      )
      expect(told.flatMap((activity) => (activity._tag === "text" ? [activity.delta] : []))).toStrictEqual([
        "H",
        "i",
        "!"
      ])
      expect(told).toContainEqual({ _tag: "toolCall", turn: 1, tool: "search", callId: "1", arguments: { query: "a" } })
      expect(told).toContainEqual({
        _tag: "toolResult",
        turn: 1,
        tool: "search",
        callId: "2",
        isFailure: true,
        result: "nothing found"
      })
    })
  )

  it.effect("tells nothing where none is wanted, and of a repair where there is one", () =>
    Effect.gen(function* () {
      expect(yield* heard(turns, "none")).toStrictEqual([])
      expect((yield* heard([turn(says("")), done], "activity")).map(([message]) => message)).toStrictEqual([
        "turn 1",
        "asks for an answer that fits",
        "turn 2"
      ])
    })
  )

  it.effect("gives the same answers streamed as whole, failures too", () =>
    Effect.gen(function* () {
      const same = (script: () => ReadonlyArray<Turn>) =>
        Effect.gen(function* () {
          const [whole, streamed] = yield* Effect.all([
            Effect.exit(read(script(), { progress: "activity" }).run),
            Effect.exit(read(script(), { progress: "content" }).run)
          ])
          expect(streamed).toStrictEqual(whole)
        })
      yield* same(() => turns)
      yield* same(() => [ends("length", says("Hal")), done])
      yield* same(() => [fails(new AiError.InternalProviderError({ description: "down" }))])
      yield* same(() => [turn(call("nope", {})), turn(call("nope", {}))])
    })
  )
})

describe("traces", () => {
  const traced = (
    turns: ReadonlyArray<Turn>,
    more: Pick<ModelAgent.Options<typeof Reader>, "spans" | "progress"> = {}
  ) =>
    Effect.gen(function* () {
      const all: Array<Tracer.Span> = []
      const tracer = Tracer.make({
        span: (options) => {
          const span = Tracer.nativeTracer.span(options)
          all.push(span)
          return span
        }
      })
      const { run } = read(turns, more)
      const exit = yield* Effect.exit(Effect.withTracer(run, tracer))
      return { exit, all, texts: JSON.stringify(all.map(({ attributes, name }) => [name, [...attributes]])) }
    })
  const turns = [
    turn({ type: "response-metadata", id: "r1", modelId: "one-2026" }, call("search", { query: "acme" }, "c1")),
    turn(call("search", { query: "?" }, "c2")),
    done
  ]

  it.effect.each(["activity", "content"] as const)(
    "have one chat span for each turn and one execute_tool span for each call: %s",
    (progress) =>
      Effect.gen(function* () {
        const { all: spans } = yield* traced(turns, { progress })
        // Around each exchange is the span of effect's own call, which says nothing of it.
        const effects = spans.filter(({ name }) => name.startsWith("LanguageModel."))
        expect(effects.length).toBe(3)
        for (const { attributes } of effects) {
          expect([...attributes.keys()]).toStrictEqual(["effect.ai.tool_choice", "effect.ai.concurrency"])
        }
        const all = spans.filter((span) => !effects.includes(span))
        const names = all.map(({ name }) => name).filter((name) => name !== "inside")
        expect(names).toStrictEqual(["chat", "execute_tool search", "chat", "execute_tool search", "chat"])
        const attributes = all.map(({ attributes }) => Object.fromEntries(attributes))
        expect(attributes[0]).toMatchObject({
          "gen_ai.operation.name": "chat",
          "gen_ai.agent.name": "Reader",
          "gen_ai.response.id": "r1",
          "gen_ai.response.model": "one-2026",
          "gen_ai.response.finish_reasons": ["stop"],
          "gen_ai.usage.input_tokens": 10,
          "gen_ai.usage.output_tokens": 5
        })
        expect(attributes[1]).toStrictEqual({
          "gen_ai.operation.name": "execute_tool",
          "gen_ai.agent.name": "Reader",
          "gen_ai.tool.name": "search",
          "gen_ai.tool.call.id": "c1",
          "gen_ai.tool.type": "function",
          // What the handler itself writes stays.
          parameters: "the handler's own",
          pages: 3
        })
        expect(attributes[4]).toMatchObject({ "error.type": "tool_failure" })
        const inside = all.find(({ name }) => name === "inside")
        expect(inside?.parent).toMatchObject({ value: { spanId: all[1]?.spanId } })
        for (const span of spans) expect(span.status._tag).toBe("Ended")
      })
  )

  it.effect("have nothing of what was said, asked for or found, unless it is wanted", () =>
    Effect.gen(function* () {
      const secret = ["private", "acme", "Done.", "Read.", "nothing found"]
      const { texts } = yield* traced(turns)
      for (const text of secret) expect(texts).not.toContain(text)
      const open = yield* traced(turns, { spans: "content" })
      for (const text of secret) expect(open.texts).toContain(text)
      expect(Object.fromEntries(open.all[2]!.attributes)).toMatchObject({
        "gen_ai.tool.call.arguments": `{"query":"acme"}`,
        "gen_ai.tool.call.result": `"private page acme"`
      })
    })
  )

  it.effect("say what a call of the model failed with", () =>
    Effect.gen(function* () {
      for (const progress of ["activity", "content"] as const) {
        const { all } = yield* traced([fails(new AiError.InternalProviderError({ description: "down" }))], { progress })
        expect(all.map(({ name }) => name)).toStrictEqual([expect.stringMatching(/^LanguageModel\./), "chat"])
        expect(all[1]!.attributes.get("error.type")).toBe("InternalProviderError")
      }
    })
  )
})

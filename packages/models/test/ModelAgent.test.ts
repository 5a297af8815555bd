import { ModelAgent } from "@aria/models"
import { Agent } from "@aria/orchestrator-core"
import { describe, expect, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { AiError, Tool, Toolkit } from "effect/ai"
import { TestClock } from "effect/testing"
import { call, defects, ends, fails, model, results, says, turn, type Turn } from "./modelAgentScript.ts"

class NotFound extends Schema.TaggedError<NotFound>()("NotFound", { query: Schema.String }) {
  override get message() {
    return `Nothing is known of ${this.query}`
  }
}

const Search = Tool.make("search", {
  parameters: Schema.Struct({ query: Schema.String, delay: Schema.optionalKey(Schema.Int) }),
  success: Schema.Array(Schema.String),
  failure: NotFound,
  failureMode: "return"
})
const Fetch = Tool.make("fetch", {
  parameters: Schema.Struct({ url: Schema.String }),
  success: Schema.String,
  failure: NotFound
})
const Tools = Toolkit.make(Search, Fetch)
const Failure = Schema.Union([ModelAgent.Failure, NotFound])

const asked: Array<string> = []
const Handlers = Tools.toLayer({
  search: ({ delay = 0, query }) =>
    Effect.gen(function* () {
      asked.push(query)
      if (delay > 0) yield* Effect.sleep(delay)
      return query.startsWith("?") ? yield* new NotFound({ query }) : [`about ${query}`]
    }),
  fetch: ({ url }) =>
    url.startsWith("?") ? Effect.fail(new NotFound({ query: url })) : Effect.succeed(`page of ${url}`)
})

class Researcher extends Agent.make("Researcher", {
  description: "Answers questions from what it finds",
  payload: { question: Schema.NonEmptyString },
  success: { answer: Schema.String, sources: Schema.Array(Schema.String) },
  error: Failure
}) {}
type More = Omit<ModelAgent.Options<typeof Researcher>, "instructions" | "toolkit">

const research = (turns: ReadonlyArray<Turn>, more: More = {}) => {
  const scripted = model(turns)
  asked.length = 0
  const layer = Researcher.toLayer(
    ModelAgent.make(Researcher, { ...more, instructions: "Find it.", toolkit: Tools })
  ).pipe(Layer.provide(Layer.merge(Handlers, scripted.layer)))
  return { ...scripted, run: Effect.provide(Researcher.run({ question: "Who?" }), layer) }
}
const answer = call("answer", { answer: "Acme", sources: ["a"] })
const given = { answer: "Acme", sources: ["a"] }

describe("the loop", () => {
  it.effect("tells the model its work, the payload and its tools, and gives what it answers", () =>
    Effect.gen(function* () {
      const { messages, requests, run } = research([turn(answer)])
      expect(yield* run).toStrictEqual(given)
      expect(messages(0)).toMatchObject([
        { role: "system", content: "Find it." },
        { role: "user", content: [{ type: "text", text: `{"question":"Who?"}` }] }
      ])
      expect(requests[0]!.tools.map(({ name }) => name)).toStrictEqual(["search", "fetch", "answer"])
      expect(requests[0]!.toolChoice).toBe("required")
      expect(Tool.getJsonSchema(requests[0]!.tools[2]!)).toMatchObject({
        type: "object",
        required: ["answer", "sources"]
      })
    })
  )

  it.effect("takes instructions and a prompt made of the payload", () =>
    Effect.gen(function* () {
      const scripted = model([turn(answer)])
      const handler = yield* Effect.provide(
        ModelAgent.make(Researcher, {
          instructions: ({ question }) => `Answer "${question}".`,
          prompt: ({ question }) => [{ role: "user", content: question }],
          toolChoice: "auto"
        }),
        scripted.layer
      )
      expect(yield* handler({ question: "Where?" })).toStrictEqual(given)
      expect(scripted.messages(0)).toMatchObject([
        { role: "system", content: `Answer "Where?".` },
        { role: "user", content: [{ text: "Where?" }] }
      ])
      expect(scripted.requests[0]!.toolChoice).toBe("auto")
    })
  )

  it.effect("runs the calls of a turn at once, and gives their results in the order of the calls", () =>
    Effect.gen(function* () {
      const { requests, run } = research([
        turn(
          says("Looking."),
          call("search", { query: "slow", delay: 2_000 }, "1"),
          call("search", { query: "fast", delay: 1_000 }, "2"),
          call("fetch", { url: "now" }, "3")
        ),
        turn(answer)
      ])
      const fiber = yield* Effect.forkChild(run)
      yield* TestClock.adjust("2 seconds")
      expect(yield* Fiber.join(fiber)).toStrictEqual(given)
      expect(requests[1]!.prompt.content.map(({ role }) => role)).toStrictEqual(["system", "user", "assistant", "tool"])
      expect(results(requests[1])).toStrictEqual([
        { id: "1", name: "search", isFailure: false, result: ["about slow"] },
        { id: "2", name: "search", isFailure: false, result: ["about fast"] },
        { id: "3", name: "fetch", isFailure: false, result: "page of now" }
      ])
    })
  )

  it.effect("runs as many at once as it may", () =>
    Effect.gen(function* () {
      const calls = [1, 2, 3].map((n) => call("search", { query: String(n), delay: 1_000 }, String(n)))
      const { run } = research([turn(...calls), turn(answer)], { concurrency: 1 })
      const fiber = yield* Effect.forkChild(run)
      yield* TestClock.adjust("1500 millis")
      expect(asked).toStrictEqual(["1", "2"])
      yield* TestClock.adjust("1500 millis")
      expect(yield* Fiber.join(fiber)).toStrictEqual(given)
    })
  )

  it.effect("ends after maxTurns", () =>
    Effect.gen(function* () {
      const looking = turn(call("search", { query: "x" }))
      const { requests, run } = research([looking, looking, turn(answer)], { maxTurns: 2 })
      const error = yield* Effect.flip(run)
      expect(error).toBeInstanceOf(ModelAgent.MaxTurnsExceededError)
      expect(error.message).toBe(
        "Researcher had no answer after 2 turns, which is its maxTurns: raise it, or say in the instructions when the work is done"
      )
      expect(requests).toHaveLength(2)
      expect(yield* research([looking, looking, turn(answer)], { maxTurns: 3 }).run).toStrictEqual(given)
      expect(yield* Effect.map(Effect.flip(research(Array(10).fill(looking)).run), ({ _tag }) => _tag)).toBe(
        "MaxTurnsExceededError"
      )
    })
  )

  it.effect("goes on where the model paused, and leaves alone what the provider ran itself", () =>
    Effect.gen(function* () {
      const { requests, run } = research([
        ends("pause", says("One moment.")),
        turn({ ...call("search", { query: "there" }), providerExecuted: true } as never, answer)
      ])
      expect(yield* run).toStrictEqual(given)
      expect(asked).toStrictEqual([])
      expect(requests[1]!.prompt.content.at(-1)?.role).toBe("assistant")
    })
  )
})

describe("tools that fail", () => {
  it.effect("a failure that is returned is told to the model, with its sentence", () =>
    Effect.gen(function* () {
      const { requests, run } = research([turn(call("search", { query: "?" })), turn(answer)])
      expect(yield* run).toStrictEqual(given)
      expect(results(requests[1])).toStrictEqual([
        {
          id: "search-id",
          name: "search",
          isFailure: true,
          result: { _tag: "NotFound", query: "?", message: "Nothing is known of ?" }
        }
      ])
    })
  )

  it.effect("one that is an error ends the agent as it is, and stops its siblings", () =>
    Effect.gen(function* () {
      const { requests, run } = research([
        turn(call("search", { query: "long", delay: 1_000_000 }), call("fetch", { url: "?" })),
        turn(answer)
      ])
      expect(yield* Effect.flip(run)).toStrictEqual(new NotFound({ query: "?" }))
      expect(requests).toHaveLength(1)
    })
  )

  it.effect("parameters that do not fit are told, whatever the tool does with its failures, and nothing is run", () =>
    Effect.gen(function* () {
      const { requests, run } = research([
        turn(call("search", { query: 5 }, "1"), call("fetch", {}, "2"), call("search", "no object", "3")),
        turn(answer)
      ])
      expect(yield* run).toStrictEqual(given)
      expect(asked).toStrictEqual([])
      const told = results(requests[1])
      expect(told.map(({ isFailure }) => isFailure)).toStrictEqual([true, true, true])
      for (const { result } of told)
        expect(JSON.stringify(result)).toContain("The parameters do not fit, the tool was not run")
      expect(JSON.stringify(told[0]!.result)).toContain("query")
    })
  )

  it.effect("a tool that does not exist is told of once", () =>
    Effect.gen(function* () {
      const { requests, run } = research([
        turn(call("find", {}, "1"), call("search", { query: "x" }, "2")),
        turn(answer)
      ])
      expect(yield* run).toStrictEqual(given)
      expect(results(requests[1])).toMatchObject([
        {
          id: "1",
          isFailure: true,
          result: { error: `There is no tool "find". Your tools are: search, fetch, answer.` }
        },
        { id: "2", isFailure: false }
      ])
      const again = research([
        turn(call("find", {})),
        turn(call("search", { query: "x" }), call("toString", {})),
        turn(answer)
      ])
      const error = yield* Effect.flip(again.run)
      expect(error).toStrictEqual(
        new ModelAgent.UnknownToolError({ agent: "Researcher", tool: "toString", available: ["search", "fetch"] })
      )
      // Nothing of that turn was run.
      expect(asked).toStrictEqual([])
    })
  )

  it.effect("also where the provider itself hands such calls back", () =>
    Effect.gen(function* () {
      const unknown = fails(new AiError.ToolNotFoundError({ toolName: "find", availableTools: [] }))
      const { messages, run } = research([unknown, turn(answer)])
      expect(yield* run).toStrictEqual(given)
      expect(messages(1).at(-1)).toMatchObject({
        role: "user",
        content: [{ text: expect.stringContaining(`no tool "find"`) }]
      })
      expect(yield* Effect.flip(research([unknown, unknown]).run)).toBeInstanceOf(ModelAgent.UnknownToolError)
    })
  )

  it.effect("a bug in a tool is a defect", () =>
    Effect.gen(function* () {
      const bug = new Error("bug")
      const scripted = model([turn(call("fetch", { url: "x" }))])
      const broken = Tools.toLayer({ search: () => Effect.succeed([]), fetch: () => Effect.die(bug) })
      const handler = ModelAgent.make(Researcher, { instructions: "", toolkit: Tools })
      const run = Effect.flatMap(handler, (handle) => handle({ question: "?" }))
      expect(defects(yield* Effect.exit(Effect.provide(run, Layer.merge(broken, scripted.layer))))).toStrictEqual([bug])
    })
  )
})

describe("the answer", () => {
  it.effect("that does not fit is put right by the model, which is told what does not fit", () =>
    Effect.gen(function* () {
      const { requests, run } = research([turn(call("answer", { answer: 5, sources: ["a", 7] })), turn(answer)])
      expect(yield* run).toStrictEqual(given)
      const [told] = results(requests[1])
      expect(told).toMatchObject({ name: "answer", isFailure: true })
      expect(JSON.stringify(told!.result)).toContain("answer: Expected string; sources.1: Expected string")
    })
  )

  it.effect("that never fits ends in an error, which repeats no text of the answer", () =>
    Effect.gen(function* () {
      const wrong = turn(call("answer", { answer: { secret: "xyzzy" } }))
      for (const [maxRepairs, calls] of [
        [0, 1],
        [undefined, 2],
        [3, 4]
      ] as const) {
        const { requests, run } = research(Array(10).fill(wrong), { maxRepairs })
        const error = yield* Effect.flip(run)
        expect(error).toStrictEqual(
          new ModelAgent.InvalidAnswerError({
            agent: "Researcher",
            repairs: calls - 1,
            problems: ["answer: Expected string", "sources: Missing key"]
          })
        )
        expect(error.message).not.toContain("xyzzy")
        expect(requests).toHaveLength(calls)
      }
    })
  )

  it.effect("is not asked for again in the last turn", () =>
    Effect.gen(function* () {
      const { run } = research([turn(call("answer", {}))], { maxTurns: 1 })
      expect(yield* Effect.flip(run)).toBeInstanceOf(ModelAgent.InvalidAnswerError)
    })
  )

  it.effect("as text is taken where it is the JSON that was asked for, and put right where not", () =>
    Effect.gen(function* () {
      const json = JSON.stringify(given)
      expect(yield* research([turn(says(json))]).run).toStrictEqual(given)
      expect(yield* research([turn(says("```json\n" + json + "\n```"))]).run).toStrictEqual(given)
      const { messages, run } = research([turn(says("It is Acme.")), turn(answer)])
      expect(yield* run).toStrictEqual(given)
      expect(messages(1).slice(2)).toMatchObject([
        { role: "assistant", content: [{ text: "It is Acme." }] },
        { role: "user", content: [{ text: expect.stringContaining(`call the tool "answer"`) }] }
      ])
    })
  )

  it.effect("beside other calls is not taken: it was given before their results", () =>
    Effect.gen(function* () {
      const early = call("answer", { answer: "early", sources: [] }, "2")
      const { requests, run } = research([turn(call("search", { query: "x" }, "1"), early), turn(answer)], {
        maxRepairs: 0
      })
      expect(yield* run).toStrictEqual(given)
      expect(asked).toStrictEqual(["x"])
      expect(results(requests[1])).toMatchObject([
        { id: "1", isFailure: false },
        { id: "2", isFailure: true, result: { error: expect.stringContaining("Not taken") } }
      ])
    })
  )

  it.effect("given twice at once, nothing at all, and one that was cut off are put right", () =>
    Effect.gen(function* () {
      const twice = research([turn(answer, call("answer", { answer: "B", sources: [] }, "2")), turn(answer)])
      expect(yield* twice.run).toStrictEqual(given)
      expect(results(twice.requests[1])).toHaveLength(2)
      expect(yield* research([turn(), turn(answer)]).run).toStrictEqual(given)
      const cut = research([ends("length", call("search", { query: "half" }, "1"), answer), turn(answer)])
      expect(yield* cut.run).toStrictEqual(given)
      expect(asked).toStrictEqual([])
      expect(results(cut.requests[1]).map(({ isFailure }) => isFailure)).toStrictEqual([true, true])
      const words = research([ends("length", says("It is a long")), turn(answer)])
      expect(yield* words.run).toStrictEqual(given)
      expect(words.messages(1).at(-1)).toMatchObject({
        role: "user",
        content: [{ text: expect.stringContaining("cut off") }]
      })
    })
  )

  const one = <S extends Agent.Portable>(success: S, turns: ReadonlyArray<Turn>) => {
    class One extends Agent.make("One", { description: "", payload: {}, success, error: ModelAgent.Failure }) {}
    const scripted = model(turns)
    const run = Effect.flatMap(ModelAgent.make(One, { instructions: "x" }), (handle) => handle({}))
    return { ...scripted, run: Effect.provide(run, scripted.layer) }
  }

  it.effect("is the text itself where a text is asked for, and no empty one", () =>
    Effect.gen(function* () {
      const plain = one(Schema.String, [turn(says("It is "), says("Acme."))])
      expect(yield* plain.run).toBe("It is Acme.")
      expect(plain.requests[0]!.tools).toStrictEqual([])
      expect(yield* one(Schema.String, [turn(says(" ")), turn(says("Acme"))]).run).toBe("Acme")
      const short = Schema.String.check(Schema.isMaxLength(4))
      expect(yield* one(short, [turn(says("Acme Corp")), turn(says("Acme"))]).run).toBe("Acme")
    })
  )

  it.effect("of any other kind is wrapped in an object, which is what providers take", () =>
    Effect.gen(function* () {
      const kinds: ReadonlyArray<readonly [Agent.Portable, unknown, unknown]> = [
        [Schema.Array(Schema.Int), [1, 2], [1, 2]],
        [Schema.Literals(["yes", "no"]), "yes", "yes"],
        [Schema.Union([Schema.Struct({ a: Schema.Int }), Schema.Null]), null, null],
        [Schema.Finite, 1.5, 1.5],
        [Schema.DateTimeUtcFromString, "2026-11-23T00:00:00.000Z", undefined]
      ]
      for (const [schema, written, read] of kinds) {
        const { requests, run } = one(schema, [turn(call("answer", { answer: written }))])
        const value = yield* run
        if (read !== undefined) expect(value).toStrictEqual(read)
        expect(requests[0]!.toolChoice).toBe("required")
        expect(Tool.getJsonSchema(requests[0]!.tools[0]!).type).toBe("object")
      }
      expect(yield* one(Schema.Array(Schema.Int), [turn(says("[3]"))]).run).toStrictEqual([3])
      expect(yield* one(Schema.Array(Schema.Int), [turn(says(`{"answer":[3]}`))]).run).toStrictEqual([3])
    })
  )
})

describe("the model", () => {
  it.effect("that fails ends the agent with what is known of it", () =>
    Effect.gen(function* () {
      const reason = new AiError.RateLimitError({ retryAfter: Duration.seconds(3) })
      const { run } = research([turn(call("search", { query: "x" })), fails(reason)])
      const error = yield* Effect.flip(run)
      expect(error).toMatchObject({
        _tag: "ModelCallError",
        turn: 2,
        reason: "RateLimitError",
        isRetryable: true,
        retryAfterMillis: 3_000
      })
      expect(error.message).toContain("The model of Researcher failed in turn 2 (RateLimitError): ")
      // Headers and bodies of a provider are not for results of runs.
      expect(Object.keys(Schema.encodeUnknownSync(Failure)(error))).toStrictEqual([
        "_tag",
        "agent",
        "turn",
        "reason",
        "detail",
        "isRetryable",
        "retryAfterMillis"
      ])
    })
  )

  it.effect("whose provider withheld or broke off its answer, too", () =>
    Effect.gen(function* () {
      expect(yield* Effect.flip(research([ends("content-filter", says("I"))]).run)).toMatchObject({
        reason: "ContentPolicyError",
        isRetryable: false
      })
      expect(yield* Effect.flip(research([ends("error", answer)]).run)).toMatchObject({
        reason: "InternalProviderError",
        isRetryable: true
      })
    })
  )

  it.effect("and the tools stop where the agent is interrupted", () =>
    Effect.gen(function* () {
      const stopped: Array<string> = []
      const started = yield* Deferred.make<void>()
      const hang = (name: string) =>
        Effect.andThen(Deferred.succeed(started, undefined), Effect.never).pipe(
          Effect.onInterrupt(() => Effect.sync(() => stopped.push(name)))
        )
      const scripted = model([Effect.onInterrupt(Effect.never, () => Effect.sync(() => stopped.push("model")))])
      const thinking = yield* Effect.forkChild(
        Effect.provide(
          Effect.flatMap(ModelAgent.make(Researcher, { instructions: "" }), (handle) => handle({ question: "?" })),
          scripted.layer
        )
      )
      yield* Effect.yieldNow
      yield* Effect.yieldNow
      expect(scripted.requests).toHaveLength(1)
      yield* Fiber.interrupt(thinking)
      expect(stopped).toStrictEqual(["model"])

      const working = model([turn(call("search", { query: "x" }, "1"), call("fetch", { url: "x" }, "2")), turn(answer)])
      const handlers = Tools.toLayer({ search: () => hang("search"), fetch: () => hang("fetch") })
      const run = Effect.flatMap(ModelAgent.make(Researcher, { instructions: "", toolkit: Tools }), (handle) =>
        handle({ question: "?" })
      )
      const fiber = yield* Effect.forkChild(Effect.provide(run, Layer.merge(handlers, working.layer)))
      yield* Deferred.await(started)
      yield* Effect.yieldNow
      yield* Fiber.interrupt(fiber)
      expect(stopped.toSorted()).toStrictEqual(["fetch", "model", "search"])
      expect(working.requests).toHaveLength(1)
    })
  )
})

describe("options that nothing can be made with", () => {
  it.effect("are refused, each with what is allowed", () =>
    Effect.gen(function* () {
      const refused = (more: More) =>
        Effect.map(
          Effect.flip(Effect.provide(ModelAgent.make(Researcher, { ...more, instructions: "" }), model([]).layer)),
          ({ message }) => message
        )
      for (const maxTurns of [0, -1, 1.5, NaN, Infinity]) {
        expect(yield* refused({ maxTurns })).toBe(
          `ModelAgent.make for Researcher: maxTurns was ${maxTurns}; allowed is a whole number from 1`
        )
      }
      expect(yield* refused({ maxRepairs: -1 })).toContain("maxRepairs was -1; allowed is a whole number from 0")
      expect(yield* refused({ concurrency: 0 })).toContain("concurrency was 0")
      expect(yield* refused({ contextWindow: { maxTokens: 0 } })).toContain("contextWindow.maxTokens was 0")
      // What comes out of a file has no types.
      const written = JSON.parse('{ "toolChoice": { "tool": "headlines" }, "progress": "all", "spans": "" }')
      expect(yield* refused({ toolChoice: written.toolChoice })).toBe(
        'ModelAgent.make for Researcher: toolChoice was {"tool":"headlines"}; allowed is "required" or "auto"'
      )
      expect(yield* refused({ progress: written.progress })).toContain('progress was "all"; allowed is "none" or "activity" or "content"')
      expect(yield* refused({ spans: written.spans })).toContain('spans was ""; allowed is "names" or "content"')
    })
  )

  it.effect("such as tools that would ask nobody, or that have the name of the answer", () =>
    Effect.gen(function* () {
      const refused = (tool: Tool.Any) =>
        Effect.gen(function* () {
          const toolkit = {
            tools: { [tool.name]: tool },
            handle: () => Effect.die("unused")
          } as Toolkit.WithHandler<any>
          return yield* Effect.flip(ModelAgent.make(Researcher, { instructions: "", toolkit: Effect.succeed(toolkit) }))
        }).pipe(Effect.provide(model([]).layer))
      const asking = yield* refused(Tool.make("send", { needsApproval: true }))
      expect(asking.message).toContain(
        `a tool "send" with needsApproval; nobody would be asked: let its handler perform a SideEffect`
      )
      expect((yield* refused(Tool.make("answer"))).message).toContain("give yours another name")
    })
  )
})

import { assert, it } from "@effect/vitest"
import { Effect, Exit, Layer, Option, Schema } from "effect"
import { Agent, Orchestrator, Plan, Task } from "@aria/orchestrator-core"

class Scout extends Agent.make("Scout", {
  description: "Finds",
  payload: { entities: Schema.NonEmptyArray(Schema.String), limit: Schema.optionalKey(Schema.Int) },
  success: { signals: Schema.Array(Schema.String), at: Schema.DateTimeUtcFromString },
  error: Schema.String
}) {
  static readonly layer = this.toLayer(({ entities }) =>
    entities[0] === "Broken"
      ? Effect.fail("source down")
      : Effect.succeed({ signals: entities.filter((name) => name !== "Quiet"), at: Schema.decodeSync(Schema.DateTimeUtcFromString)("2026-11-23T00:00:00Z") })
  )
}
class Scribe extends Agent.make("Scribe", {
  description: "Writes",
  payload: { signals: Schema.Array(Schema.String), on: Schema.optionalKey(Schema.String) },
  success: Schema.String
}) {
  static readonly layer = this.toLayer(({ on, signals }) => Effect.succeed(`${signals.join(",")}@${on ?? "-"}`))
}
const agents = [Scout, Scribe] as const
const schema = Plan.schemaFor(agents)
const layers = Layer.mergeAll(Scout.layer, Scribe.layer, Orchestrator.layer)

const outputs = (data: unknown) =>
  Effect.gen(function* () {
    const plan = yield* Schema.decodeUnknownEffect(schema)(data)
    const result = yield* Orchestrator.run(plan)
    return { result, outputs: yield* Effect.exit(result.outputs) }
  }).pipe(Effect.provide(layers))

const brief = {
  name: "brief",
  tasks: [
    { id: "write", agent: "Scribe", payload: { signals: { $from: "find", path: "/signals" }, on: { $from: "find", path: "/at" } } },
    { id: "find", agent: "Scout", payload: { entities: ["Acme", "Beta"] } }
  ]
}

it.effect("runs a plan that came as JSON; references imply dependencies and see outputs as JSON", () =>
  Effect.gen(function* () {
    const { outputs: exit, result } = yield* outputs(brief)
    assert.deepStrictEqual(exit, Exit.succeed({ write: "Acme,Beta@2026-11-23T00:00:00.000Z" }))
    assert.deepStrictEqual(result.results.map(({ taskId }) => taskId), ["find", "write"])
  })
)

it.effect("an optional upstream that failed leaves its field out, or gives its default", () =>
  Effect.gen(function* () {
    const { outputs: exit } = yield* outputs({
      name: "optional",
      tasks: [
        { id: "find", agent: "Scout", payload: { entities: ["Broken"] } },
        {
          id: "write",
          agent: "Scribe",
          dependsOn: [{ task: "find", optional: true }],
          payload: { signals: { $from: "find", path: "/signals", default: ["none"] }, on: { $from: "find", path: "/at" } }
        }
      ]
    })
    assert.deepStrictEqual(exit, Exit.succeed({ write: "none@-" }))
  })
)

it.effect("a condition decides on the JSON of an output", () =>
  Effect.gen(function* () {
    const plan = (name: string, when: object) => ({
      name: "when",
      goals: ["write"],
      tasks: [
        { id: "find", agent: "Scout", payload: { entities: [name] } },
        { id: "write", agent: "Scribe", when: { $from: "find", ...when }, payload: { signals: [] } }
      ]
    })
    const tag = (name: string, when: object) => Effect.map(outputs(plan(name, when)), ({ result }) => result.results[1]?._tag)
    assert.strictEqual(yield* tag("Acme", { path: "/signals", isEmpty: false }), "succeeded")
    assert.strictEqual(yield* tag("Quiet", { path: "/signals", isEmpty: false }), "skipped")
    assert.strictEqual(yield* tag("Acme", { path: "/signals/0", equals: "Acme" }), "succeeded")
    assert.strictEqual(yield* tag("Acme", { path: "/signals", notEquals: ["Acme"] }), "skipped")
  })
)

it.effect("refuses all that is wrong together, each with its path", () =>
  Effect.gen(function* () {
    const exit = yield* Effect.exit(
      Schema.decodeUnknownEffect(schema)({
        name: "wrong",
        goals: ["brief"],
        tasks: [
          { id: "a", agent: "Scuot", payload: {} },
          { id: "b", agent: "Scout", payload: { entities: [], limit: 1.5, entity: "x" } },
          { id: "c", agent: "Scribe", dependsOn: ["d"], payload: { signals: [] } },
          { id: "d", agent: "Scribe", payload: { signals: { $from: "c", path: "signals" } } },
          { id: "e", agent: "Scribe", payload: { signals: [{ $from: "ghost" }] } },
          { id: "e", agent: "Scribe", dependsOn: ["nobody"], when: { $from: "a" }, payload: { signals: [] } }
        ]
      })
    )
    const error = Option.getOrThrow(Exit.findErrorOption(exit))
    const expected = [
      [`["tasks"][0]["agent"]`, `there is no agent "Scuot"; there are "Scout", "Scribe"`],
      [`["tasks"][1]["payload"]["entities"][0]`, "Missing key"],
      [`["tasks"][1]["payload"]["limit"]`, "Expected an integer, got 1.5"],
      [`["tasks"][1]["payload"]["entity"]`, "Unexpected key with value \"x\""],
      [`["tasks"][3]["payload"]["signals"]["path"]`, `"signals" is no JSON Pointer`],
      [`["tasks"][4]["payload"]["signals"][0]["$from"]`, `$from "ghost" is no task of this plan`],
      [`["tasks"][5]["id"]`, `tasks 4 and 5 have the id "e"`],
      [`["tasks"][5]["dependsOn"][0]`, `the dependency "nobody" is no task`],
      [`["tasks"][5]["when"]`, "has 0 tests"],
      [`["tasks"]`, "in a circle: c -> d -> c"],
      [`["goals"][0]`, `the goal "brief" is no task`]
    ] as const
    const sentences = error.message.replaceAll("\n", " ")
    for (const [path, sentence] of expected) {
      assert.include(sentences, path)
      assert.include(sentences, sentence)
    }
  })
)

it.effect("an output that does not fit the payload is an InvalidPayloadError of the task", () =>
  Effect.gen(function* () {
    const { result } = yield* outputs({
      ...brief,
      tasks: [{ id: "write", agent: "Scribe", payload: { signals: { $from: "find", path: "/at" } } }, brief.tasks[1]]
    })
    const outcome = result.results[1]
    assert(outcome?._tag === "failed" && outcome.origin === "engine")
    assert.strictEqual((outcome.error as Agent.InvalidPayloadError)._tag, "InvalidPayloadError")
    assert.deepStrictEqual((outcome.error as Agent.InvalidPayloadError).issues[0]?.path, ["signals"])
    assert.strictEqual(outcome.attempts, 0)
  })
)

it.effect("a plan that came as data goes back to the same data; one written in code does not", () =>
  Effect.gen(function* () {
    const plan = yield* Schema.decodeUnknownEffect(schema)(brief)
    assert.deepStrictEqual(yield* Schema.encodeEffect(schema)(plan), brief as never)
    const coded = Plan.make("coded", [Task.make("find", Scout, { payload: { entities: ["x"] } })])
    const exit = yield* Effect.exit(Schema.encodeEffect(schema)(coded as never))
    assert.include(String(Option.getOrThrow(Exit.findErrorOption(exit))), "was written in code")
  })
)

it("draws a plan", () => {
  const find = Task.make("find \"it\"", Scout, { payload: { entities: ["x"] } })
  const each = Task.forEach("each", Scout, { items: () => [], key: () => "" })
  const write = Task.make("write", Scribe, { dependsOn: [find, Task.optional(each)], payload: { signals: [] } })
  assert.strictEqual(
    Plan.toMermaid(Plan.make("p", [write])),
    [
      "flowchart TD",
      `  t0["find #34;it#34;<br/>Scout"]`,
      `  t1[["each<br/>Scout"]]`,
      `  t2["write<br/>Scribe"]`,
      "  t0 --> t2",
      "  t1 -.-> t2",
      "  style t2 stroke-width:3px",
      ""
    ].join("\n")
  )
})

it.effect("a chain of 20,000 tasks as data is built and ordered without recursion", () =>
  Effect.gen(function* () {
    const tasks = Array.from({ length: 20_000 }, (_, index) => ({
      id: `t${index}`,
      agent: "Scribe",
      ...(index > 0 && { dependsOn: [`t${index - 1}`] }),
      payload: { signals: [] }
    })).toReversed()
    const plan = yield* Schema.decodeUnknownEffect(schema)({ name: "long", tasks })
    const result = yield* Orchestrator.run(plan)
    assert.strictEqual(result.successCount, 20_000)
  }).pipe(Effect.provide(layers))
)

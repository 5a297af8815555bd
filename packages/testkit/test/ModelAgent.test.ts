import { ModelAgent } from "@aria/models"
import * as Orchestrator from "@aria/orchestrator-core/Orchestrator"
import * as Plan from "@aria/orchestrator-core/Plan"
import * as Progress from "@aria/orchestrator-core/Progress"
import * as Task from "@aria/orchestrator-core/Task"
import * as AgentConformanceSuite from "@aria/testkit/AgentConformanceSuite"
import * as ScriptedModel from "@aria/testkit/ScriptedModel"
import { assert, describe, it } from "@effect/vitest"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { AiError } from "effect/ai"
import { agents, Briefer, handled, Reader } from "./modelAgents.ts"
import { layer as workflowLayer } from "./workflowEngine.ts"

const answer = ScriptedModel.calls([
  { tool: "answer", params: { sentence: "A plant.", since: "2026-11-23T00:00:00.000Z" } }
])
const given = { sentence: "A plant.", since: DateTime.makeUnsafe("2026-11-23T00:00:00Z") }
const down = ScriptedModel.fails(new AiError.InternalProviderError({ description: "down" }))

const brief = Task.make("brief", Briefer, { payload: { company: "Acme" } })
const plan = Plan.make("news", [brief])

const engines = [
  { engine: "in this process", orchestrator: Orchestrator.layerWith },
  { engine: "over workflows, which store", orchestrator: workflowLayer }
] as const

describe.each(engines)("model agents $engine", ({ orchestrator }) => {
  const provided = (steps: ReadonlyArray<ScriptedModel.Step>, concurrency = 10, order?: "any") =>
    Layer.mergeAll(agents, orchestrator({ concurrency })).pipe(
      Layer.provideMerge(ScriptedModel.layer(steps, { order }))
    )

  it.live("work in turns, with tools of all kinds and agents as tools, each asked for once", () =>
    Effect.gen(function* () {
      handled.length = 0
      const result = yield* Orchestrator.run(plan)
      assert.deepStrictEqual(yield* result.outputs, { brief: given })
      assert.deepStrictEqual(handled, ["Acme", "Nobody", "Acme"])
      const script = yield* ScriptedModel.CurrentScript
      // The inner agent's are not streamed, the outer one's are.
      assert.deepStrictEqual(
        (yield* script.requests).map(({ isStream }) => isStream),
        [true, false, false, true, false, true]
      )
    }).pipe(
      Effect.provide(
        provided([
          ScriptedModel.calls(
            [
              { tool: "headlines", params: { company: "Acme" } },
              { tool: "headlines", params: { company: "Nobody" } },
              { tool: "headlines", params: { company: "" } },
              { tool: "ask", params: { question: "Where?" } }
            ],
            { expect: "What is new at Acme?" }
          ),
          ScriptedModel.calls([{ tool: "headlines", params: { company: "Acme" } }], {
            expect: `{"question":"Where?"}`
          }),
          ScriptedModel.text("In Leipzig.", { expect: `"seen":"2026-11-23T00:00:00.000Z"` }),
          // The same question in a later turn is asked again: it is another call.
          ScriptedModel.calls([{ tool: "ask", params: { question: "Where?" } }], {
            expect: ({ last }) => {
              assert.include(last, "Acme opens a plant")
              assert.include(last, `"_tag":"Unknown","company":"Nobody"`)
              assert.include(last, "The parameters do not fit")
              assert.include(last, "In Leipzig.")
            }
          }),
          ScriptedModel.text("Still in Leipzig."),
          { ...answer, expect: "Still in Leipzig." }
        ])
      )
    )
  )

  it.live("come to their end with one permit, although agents wait for agents at once", () =>
    Effect.gen(function* () {
      const result = yield* Orchestrator.run(plan)
      assert.deepStrictEqual(yield* result.outputs, { brief: given })
    }).pipe(
      Effect.provide(
        provided(
          [
            ScriptedModel.calls(
              ["a?", "b?", "c?"].map((question) => ({ tool: "ask", params: { question } })),
              { expect: "What is new" }
            ),
            ...["a", "b", "c"].map((name) =>
              ScriptedModel.text(name.toUpperCase(), { expect: `${name}?`, delay: "2 millis" })
            ),
            { ...answer, expect: `"A"\n"B"\n"C"` }
          ],
          1,
          "any"
        )
      )
    )
  )

  it.live("start anew in another attempt of a policy", () =>
    Effect.gen(function* () {
      const twice = Task.make("brief", Briefer, {
        payload: { company: "Acme" },
        policy: (call) => Effect.retry(call, { times: 1 })
      })
      const result = yield* Orchestrator.run(Plan.make("news", [twice]))
      assert.deepStrictEqual(yield* result.outputs, { brief: given })
      assert.strictEqual(result.results[0]?.attempts, 2)
    }).pipe(Effect.provide(provided([down, answer])))
  )

  it.live("hand their failures back as they are", () =>
    Effect.gen(function* () {
      const result = yield* Orchestrator.run(plan)
      const [outcome] = result.results
      assert.strictEqual(outcome?._tag, "failed")
      const error = outcome?._tag === "failed" ? outcome.error : undefined
      assert.instanceOf(error, ModelAgent.ModelCallError)
      assert.include(String(error), "ModelCallError")
    }).pipe(Effect.provide(provided([down])))
  )

  it.live("stop where their run is cancelled: no model is called any more", () =>
    Effect.gen(function* () {
      const script = yield* ScriptedModel.CurrentScript
      const handle = yield* Orchestrator.start(plan)
      yield* Effect.eventually(
        Effect.flatMap(script.requests, (requests) => (requests.length === 2 ? Effect.void : Effect.fail("not yet")))
      )
      yield* handle.cancel
      const result = yield* handle.await
      assert.strictEqual(result.results[0]?._tag, "cancelled")
      assert.strictEqual(yield* script.interrupted, 1)
      assert.strictEqual(yield* script.remaining, 0)
    }).pipe(
      Effect.provide(
        provided([ScriptedModel.calls([{ tool: "headlines", params: { company: "Acme" } }]), ScriptedModel.hangs()])
      )
    )
  )

  it.live("tell what they do", () =>
    Effect.gen(function* () {
      const told: Array<ModelAgent.Activity> = []
      const isActivity = Schema.is(ModelAgent.Activity)
      yield* Orchestrator.run(plan).pipe(
        Progress.listen((event) => {
          if (event._tag === "update" && isActivity(event.data)) told.push(event.data)
        })
      )
      assert.deepStrictEqual(
        told.map(({ _tag }) => _tag),
        ["turn", "text", "text", "toolCall", "toolResult", "turn"]
      )
    }).pipe(
      Effect.provide(
        provided([
          ScriptedModel.parts([
            { type: "text", text: "Let's see." },
            { type: "tool-call", id: "1", name: "headlines", params: { company: "Acme" } }
          ]),
          answer
        ])
      )
    )
  )
})

AgentConformanceSuite.make(Reader, {
  name: "a model agent that answers with text",
  layer: agents.pipe(
    Layer.provide(ScriptedModel.layer(Array(100).fill(ScriptedModel.text("In Leipzig.")), { allowUnused: true }))
  ),
  valid: [{ question: "Where?" }],
  invalid: [
    { payload: {}, path: ["question"] },
    { payload: { question: "" }, path: ["question"] }
  ]
})

AgentConformanceSuite.make(Briefer, {
  name: "a model agent whose model is down",
  layer: agents.pipe(Layer.provide(ScriptedModel.layer(Array(100).fill(down), { allowUnused: true }))),
  valid: [{ company: "Acme" }],
  invalid: [{ payload: { company: 1 }, path: ["company"] }]
})

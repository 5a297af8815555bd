import { Agent, Budget, Orchestrator, Plan, Run, Task } from "@aria/orchestrator-core"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Fiber, Schema, type Tracer } from "effect"
import { TestClock } from "effect/testing"
import { Chief, layer, Lead, Planner, Worker } from "./agents.ts"
import { named, traced, tree } from "./captured.ts"

const secret = "SECRET-PAYLOAD"

const first = Task.make("first", Worker, { payload: { text: secret, tokens: 5 } })
const many = Task.forEach("many", Worker, {
  dependsOn: [first],
  items: () => ["x", "y"].map((key) => ({ text: `${secret} ${key}`, tokens: 1 })),
  key: ({ text }) => text.slice(-1)
})
const sub = Plan.make("sub", [Task.make("deep", Worker, { payload: { text: secret, tokens: 7 } })])
const nested = Task.plan("nested", sub, { dependsOn: [many] })
const lead = Task.make("lead", Lead, { dependsOn: [nested], payload: { text: secret } })
const planner = Task.make("planner", Planner, { dependsOn: [lead], payload: { text: secret } })
const whole = Plan.make("whole", [planner])

const ended = (spans: ReadonlyArray<Tracer.NativeSpan>) => spans.map(({ status }) => status._tag)

describe("spans", () => {
  it.effect("form the tree of the run, its tasks, nested runs and child agents", () =>
    Effect.gen(function*() {
      const { spans, value } = yield* traced(Orchestrator.run(whole))
      expect(value.allSucceeded).toBe(true)
      expect(tree(spans)).toEqual([
        "invoke_workflow whole",
        "  invoke_agent Worker",
        "  invoke_agent Worker",
        "  invoke_agent Worker",
        "  invoke_agent sub",
        "    invoke_workflow sub",
        "      invoke_agent Worker",
        "  invoke_agent Lead",
        "    invoke_agent Worker",
        "    invoke_agent Worker",
        "    invoke_agent Worker",
        "  invoke_agent Planner",
        "    invoke_workflow inner",
        "      invoke_agent Worker"
      ])
      expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1)
      expect(new Set(ended(spans))).toEqual(new Set(["Ended"]))
    }).pipe(Effect.provide(layer)))

  it.effect("of child agents stand beneath the agent that called them", () =>
    Effect.gen(function*() {
      const { spans } = yield* traced(Orchestrator.run(Plan.make("p", [Task.make("chief", Chief, { payload: { text: secret } })])))
      expect(tree(spans)).toEqual([
        "invoke_workflow p",
        "  invoke_agent Chief",
        "    invoke_agent Lead",
        "      invoke_agent Worker",
        "      invoke_agent Worker",
        "      invoke_agent Worker"
      ])
    }).pipe(Effect.provide(layer)))

  it.effect("are children of the caller's span", () =>
    Effect.gen(function*() {
      const { spans } = yield* traced(Orchestrator.run(Plan.make("p", [first])).pipe(Effect.withSpan("caller")))
      expect(tree(spans)).toEqual(["caller", "  invoke_workflow p", "    invoke_agent Worker"])
    }).pipe(Effect.provide(layer)))

  it.effect("carry the names of OpenTelemetry's conventions", () =>
    Effect.gen(function*() {
      const { spans, value } = yield* traced(Orchestrator.run(Plan.make("p", [many])).pipe(Run.configure({ userId: "ada" })))
      expect(named(spans, "invoke_workflow p")).toEqual([{
        "gen_ai.operation.name": "invoke_workflow",
        "gen_ai.workflow.name": "p",
        "aria.run.id": value.runId,
        "enduser.id": "ada",
        "gen_ai.usage.input_tokens": 7,
        "gen_ai.usage.output_tokens": 14
      }])
      expect(named(spans, "invoke_agent Worker")).toEqual(
        [["first", 5], ["many/x", 1], ["many/y", 1]].map(([id, tokens]) => ({
          "gen_ai.operation.name": "invoke_agent",
          "gen_ai.agent.name": "Worker",
          "gen_ai.agent.id": `${value.runId}/${id}`,
          "gen_ai.usage.input_tokens": tokens,
          "gen_ai.usage.output_tokens": 2 * Number(tokens)
        }))
      )
    }).pipe(Effect.provide(layer)))

  it.effect("of a task and of its run count what its children used", () =>
    Effect.gen(function*() {
      const { spans } = yield* traced(Orchestrator.run(whole))
      const used = (name: string) => named(spans, name).map((attributes) => attributes["gen_ai.usage.input_tokens"])
      expect(used("invoke_agent Lead")).toEqual([3])
      expect(used("invoke_agent sub")).toEqual([7])
      expect(used("invoke_workflow sub")).toEqual([7])
      expect(used("invoke_agent Planner")).toEqual([3])
      expect(used("invoke_workflow inner")).toEqual([3])
      expect(used("invoke_workflow whole")).toEqual([5 + 2 + 7 + 3 + 3])
    }).pipe(Effect.provide(layer)))

  it.effect("one span for all attempts of a task", () =>
    Effect.gen(function*() {
      const task = Task.make("t", Worker, { payload: { text: secret, end: "fail", tokens: 1 }, policy: (call) => Effect.retry(call, { times: 2 }) })
      const { spans, value } = yield* traced(Orchestrator.run(Plan.make("p", [task])))
      expect(value.results[0]).toMatchObject({ attempts: 3 })
      expect(named(spans, "invoke_agent Worker")).toEqual([expect.objectContaining({ "gen_ai.usage.input_tokens": 3, "error.type": "WorkError" })])
    }).pipe(Effect.provide(layer)))

  it.effect.each([["fail", "WorkError"], ["throw", "defect"], [undefined, undefined]] as const)(
    "an agent that ends with %s has the error type %s",
    ([end, type]) =>
      Effect.gen(function*() {
        const task = Task.make("t", Worker, { payload: { text: secret, ...(end !== undefined && { end }) } })
        const { spans } = yield* traced(Orchestrator.run(Plan.make("p", [task])))
        expect(named(spans, "invoke_agent Worker").map((attributes) => attributes["error.type"])).toEqual([type])
        // The run has ended and tells of the failure in its result.
        expect(named(spans, "invoke_workflow p")[0]).not.toHaveProperty("error.type")
      }).pipe(Effect.provide(layer)))

  it.effect("a task that was refused by a budget has its error as type", () =>
    Effect.gen(function*() {
      const task = Task.make("t", Worker, { payload: { text: secret, tokens: 5 } })
      const again = Task.make("again", Worker, { dependsOn: [task], payload: { text: secret, tokens: 5 } })
      const { spans, value } = yield* traced(Orchestrator.run(Plan.make("p", [again])).pipe(Budget.limit({ tokens: 15 })))
      expect(value.results[1]).toMatchObject({ _tag: "failed", error: { _tag: "BudgetExceededError" } })
      expect(named(spans, "invoke_agent Worker").map((attributes) => attributes["error.type"])).toEqual([undefined, "BudgetExceededError"])
    }).pipe(Effect.provide(layer)))

  it.effect("a task that timed out says so", () =>
    Effect.gen(function*() {
      const task = Task.make("t", Worker, { payload: { text: secret, end: "hang" }, timeout: 10 })
      const { spans } = yield* traced(Effect.gen(function*() {
        const fiber = yield* Effect.forkChild(Orchestrator.run(Plan.make("p", [task])))
        yield* TestClock.adjust(10)
        yield* Fiber.join(fiber)
      }))
      expect(named(spans, "invoke_agent Worker")[0]?.["error.type"]).toMatch(/time/i)
    }).pipe(Effect.provide(layer)))

  it.effect("a child agent that fails has its error as type, and its own id", () =>
    Effect.gen(function*() {
      class Caller extends Agent.make("Caller", { description: "Calls one that fails", payload: {}, success: Schema.Void }) {
        static readonly layer = this.toLayer(() => Effect.ignore(Worker.run({ text: secret, tokens: 2, end: "fail" })))
      }
      const { spans, value } = yield* traced(
        Orchestrator.run(Plan.make("p", [Task.make("t", Caller, { payload: {} })])).pipe(Effect.provide(Caller.layer))
      )
      expect(value.allSucceeded).toBe(true)
      const [child] = named(spans, "invoke_agent Worker")
      expect(child).toMatchObject({ "error.type": "WorkError", "gen_ai.usage.input_tokens": 2 })
      expect(child?.["gen_ai.agent.id"]).not.toBe(`${value.runId}/t`)
    }).pipe(Effect.provide(layer)))

  it.effect("end when the run is interrupted, and say so", () =>
    Effect.gen(function*() {
      const task = Task.make("t", Worker, { payload: { text: secret, end: "hang" } })
      const { spans } = yield* traced(Effect.gen(function*() {
        const fiber = yield* Effect.forkChild(Orchestrator.run(Plan.make("p", [task])))
        yield* TestClock.adjust(1)
        yield* Fiber.interrupt(fiber)
      }))
      expect(ended(spans)).toEqual(["Ended", "Ended"])
      expect(spans.map(({ attributes }) => attributes.get("error.type"))).toEqual(["cancelled", "cancelled"])
    }).pipe(Effect.provide(layer)))

  it.effect("a task that never starts has none", () =>
    Effect.gen(function*() {
      const skipped = Task.make("skipped", Worker, { payload: { text: secret }, when: () => false })
      const { spans } = yield* traced(Orchestrator.run(Plan.make("p", [skipped])))
      expect(tree(spans)).toEqual(["invoke_workflow p"])
    }).pipe(Effect.provide(layer)))

  it.effect("hold no text of payloads, outputs, reports or errors", () =>
    Effect.gen(function*() {
      const failing = (["fail", "throw"] as const).map((end) => Task.optional(Task.make(end, Worker, { payload: { text: secret, end } })))
      const input = Task.make("input", Worker, { dependsOn: [...failing, planner], payload: { text: secret } })
      const { spans } = yield* traced(Orchestrator.run(Plan.make("p", [input])).pipe(Run.configure({ tags: { note: secret } })))
      expect(spans.length).toBeGreaterThan(10)
      for (const { attributes, events, links, name } of spans) {
        expect(JSON.stringify([name, [...attributes], events, links], (_, value: unknown) => typeof value === "bigint" ? String(value) : value)).not.toContain(secret)
      }
    }).pipe(Effect.provide(layer)))
})

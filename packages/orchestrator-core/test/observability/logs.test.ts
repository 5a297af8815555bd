import { Orchestrator, Plan, Run, Task } from "@aria/orchestrator-core"
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { layer, Lead, Planner, Worker } from "./agents.ts"
import { logged } from "./captured.ts"

const user = Run.configure({ userId: "ada", id: "run-1" })

describe("logs inside a handler carry run, task, agent and user", () => {
  it.effect("of a task and of the items of a fan-out", () =>
    Effect.gen(function*() {
      const one = Task.make("one", Worker, { payload: { text: "" } })
      const many = Task.forEach("many", Worker, { dependsOn: [one], items: () => [{ text: "x" }], key: ({ text }) => text })
      const lines = yield* logged(Orchestrator.run(Plan.make("p", [many])).pipe(user, Effect.annotateLogs({ request: "r-7" })))
      expect(lines).toEqual(["one", "many/x"].map((taskId) => ({
        message: "at work",
        annotations: { request: "r-7", runId: "run-1", taskId, agent: "Worker", userId: "ada" }
      })))
    }).pipe(Effect.provide(layer)))

  it.effect("of every attempt", () =>
    Effect.gen(function*() {
      const retried = Task.make("t", Worker, { payload: { text: "", end: "fail" }, policy: (call) => Effect.retry(call, { times: 2 }) })
      const lines = yield* logged(Orchestrator.run(Plan.make("p", [retried])).pipe(user))
      expect(lines.map(({ annotations }) => annotations)).toEqual(
        [1, 2, 3].map(() => ({ runId: "run-1", taskId: "t", agent: "Worker", userId: "ada" }))
      )
    }).pipe(Effect.provide(layer)))

  it.effect("of a nested run, whose own they are", () =>
    Effect.gen(function*() {
      const lines = yield* logged(Orchestrator.run(Plan.make("p", [Task.make("planner", Planner, { payload: { text: "" } })])).pipe(user))
      expect(lines).toEqual([{ message: "at work", annotations: { runId: expect.not.stringMatching(/^run-1$/), taskId: "innermost", agent: "Worker", userId: "ada" } }])
    }).pipe(Effect.provide(layer)))

  it.effect("of child agents, who are part of their caller's task", () =>
    Effect.gen(function*() {
      const lines = yield* logged(Orchestrator.run(Plan.make("p", [Task.make("lead", Lead, { payload: { text: "" } })])).pipe(user))
      expect(lines.map(({ message }) => message)).toEqual(["leading", "at work", "at work", "at work", "led"])
      for (const { annotations } of lines) expect(annotations).toMatchObject({ runId: "run-1", taskId: "lead", userId: "ada" })
    }).pipe(Effect.provide(layer)))

  it.effect("of child agents by their own name", () =>
    Effect.gen(function*() {
      const lines = yield* logged(Orchestrator.run(Plan.make("p", [Task.make("lead", Lead, { payload: { text: "" } })])).pipe(user))
      const at = (agent: string) => ({ runId: "run-1", taskId: "lead", agent, userId: "ada" })
      expect(lines).toEqual([
        { message: "leading", annotations: at("Lead") },
        { message: "at work", annotations: at("Worker") },
        { message: "at work", annotations: at("Worker") },
        { message: "at work", annotations: at("Worker") },
        { message: "led", annotations: at("Lead") }
      ])
    }).pipe(Effect.provide(layer)))

  it.effect("and no other logs do", () =>
    Effect.gen(function*() {
      const lines = yield* logged(Effect.gen(function*() {
        yield* Orchestrator.run(Plan.make("p", [Task.make("one", Worker, { payload: { text: "" } })])).pipe(user)
        yield* Effect.log("after")
        yield* Worker.run({ text: "" })
      }))
      expect(lines.slice(1)).toEqual([{ message: "after", annotations: {} }, { message: "at work", annotations: {} }])
    }).pipe(Effect.provide(layer)))
})

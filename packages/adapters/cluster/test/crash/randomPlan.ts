/** A plan that is made of a seed, and agents that do what their payload says and write it down. */
import * as Agent from "@aria/orchestrator-core/Agent"
import * as Approval from "@aria/orchestrator-core/Approval"
import * as Budget from "@aria/orchestrator-core/Budget"
import * as HumanInput from "@aria/orchestrator-core/HumanInput"
import * as Plan from "@aria/orchestrator-core/Plan"
import * as ReceiptStore from "@aria/orchestrator-core/ReceiptStore"
import * as Run from "@aria/orchestrator-core/Run"
import * as SideEffect from "@aria/orchestrator-core/SideEffect"
import * as Task from "@aria/orchestrator-core/Task"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import { type Entry, keyOf, note } from "./diary.ts"
import { actions } from "./outside.ts"
import { Op, scriptOf } from "./script.ts"

/** Something that was made once, and is told from all others by its number. */
const Made = Schema.Struct({ name: Schema.String, value: Schema.Finite })
type Made = typeof Made.Type

export class Trouble extends Schema.TaggedError<Trouble>()("Trouble", { attempt: Schema.Natural }) {}

export const Success = Schema.Struct({
  ...Made.fields,
  /** What it was given of the tasks that it depends on. */
  seen: Schema.Array(Made),
  /** What its steps and calls gave it. */
  steps: Schema.Array(Made),
  calls: Schema.Array(Made),
  answers: Schema.Array(Schema.Struct({ name: Schema.String, answer: Schema.String }))
})

class Helper extends Agent.make("Helper", {
  description: "Makes a number for another agent.",
  payload: { name: Schema.String, millis: Schema.Natural, tokens: Schema.Natural },
  success: Made
}) {}

class Doer extends Agent.make("Doer", {
  description: "Does what it is told.",
  payload: { name: Schema.String, round: Schema.Natural, seen: Schema.Array(Made), ops: Schema.Array(Op) },
  success: Success,
  error: Schema.Union([Trouble, HumanInput.UnansweredError, SideEffect.Failure, Budget.InvalidLimitError])
}) {}

export interface Surroundings {
  /** The file of the diary. */
  readonly diary: string
  /** The address of the outside world. */
  readonly world: string
}

/** The lease of a call to the outside world. */
export const receiptLease = Duration.seconds(1)

/** So that no number is made twice, in whatever process. */
const number = Effect.sync(() => Math.floor(Math.random() * 2 ** 50))

export const handlers = ({ diary, world }: Surroundings) => {
  const { blind, clear } = actions(world)

  const began = (what: Entry["what"], name: string, round = 1) =>
    Effect.flatMap(Run.Current, (current) => {
      const { attempt, path, rootRunId } = Option.getOrThrow(current)
      return note(diary, { run: rootRunId, task: keyOf(path), attempt, what, name, round })
    })

  const helper = Helper.toLayer(({ millis, name, tokens }) =>
    Effect.gen(function* () {
      yield* began("call", name)
      const sleep = Effect.sleep(millis)
      yield* tokens === 0 ? sleep : Budget.reserve({ tokens, calls: 1 }, ({ settle }) => Effect.andThen(sleep, settle({ inputTokens: tokens, calls: 1 })))
      return { name, value: yield* number }
    })
  )

  const doer = Doer.toLayer(({ name, ops, round, seen }) =>
    Effect.gen(function* () {
      yield* began("task", name, round)
      const { attempt, rootRunId } = Option.getOrThrow(yield* Run.Current)
      const steps: Array<Made> = []
      const calls: Array<Made> = []
      const answers: Array<{ readonly name: string; readonly answer: string }> = []
      for (const op of ops) {
        switch (op._tag) {
          case "sleep":
            yield* Effect.sleep(op.millis)
            break
          case "nap":
            yield* Run.sleep(op.name, op.millis)
            break
          case "step":
            steps.push(
              yield* Run.step(
                op.name,
                { success: Made },
                Effect.gen(function* () {
                  yield* began("step", op.name, round)
                  yield* Effect.sleep(op.millis)
                  return { name: op.name, value: yield* number }
                })
              )
            )
            break
          case "child":
            calls.push(yield* Effect.orDie(Helper.run({ name: op.name, millis: op.millis, tokens: op.tokens })))
            break
          case "ask":
            answers.push({ name: op.name, answer: yield* Run.ask(op.name, { schema: Schema.String, prompt: `What of ${op.name}?` }) })
            break
          case "effect": {
            const action = { key: `${op.key} round ${round}`, input: { run: rootRunId, before: op.before, after: op.after } }
            // Who looks too early is told that nobody can tell yet.
            yield* op.canLookUp
              ? Effect.retry(clear.perform(action), { while: ({ _tag }) => _tag === "SideEffectUnknownError", schedule: Schedule.spaced("200 millis"), times: 50 })
              : blind.perform(action)
            break
          }
          case "reserve": {
            const call = Budget.reserve({ tokens: op.tokens, calls: 1 }, (reservation) =>
              Effect.andThen(
                op.settle === null ? reservation.release : Effect.sleep(op.millis),
                typeof op.settle === "number" ? reservation.settle({ outputTokens: op.settle, calls: 1 }) : Effect.void
              )
            )
            yield* op.region ? Effect.catchTag(Budget.limit({ tokens: op.tokens + 50 })(call), "BudgetExceededError", Effect.die) : call
            break
          }
          case "charge":
            yield* Budget.charge({ inputTokens: op.tokens })
            break
          case "fail":
            if (attempt <= op.times) return yield* new Trouble({ attempt })
            break
        }
      }
      return { name, value: yield* number, seen, steps, calls, answers }
    }).pipe(Effect.provideService(ReceiptStore.Lease, receiptLease))
  )
  return Layer.provideMerge(doer, helper).pipe(Layer.provide([Approval.layerApproveAll("ada"), HumanInput.layerQueue({ pollInterval: 50 })]))
}

/** All that was made in an output, however deep. */
export const madeIn = (output: unknown): ReadonlyArray<Made> => {
  if (Option.isOption(output)) return Option.isSome(output) ? madeIn(output.value) : []
  if (Array.isArray(output)) return output.flatMap(madeIn)
  if (typeof output !== "object" || output === null) return []
  if ("name" in output && "value" in output) return [{ name: String(output.name), value: Number(output.value) }]
  return Object.values(output).flatMap(madeIn)
}

type AnyTask = Task.Task<string, unknown, any, any>

/** Pure: what it makes of a seed is the same in every life. */
const tasksOf = (seed: number, isNested: boolean): ReadonlyArray<AnyTask> => {
  const tasks = new Map<string, AnyTask>()
  const goals = new Set<string>()
  for (const script of scriptOf(seed, isNested)) {
    const dependsOn = script.after.map((id): Task.Dependency => (script.optional.includes(id) ? Task.optional(tasks.get(id)!) : tasks.get(id)!))
    const isEven = (outputs: object) => madeIn(outputs).reduce((sum, { value }) => sum + value, 0) % 2 === 0
    const options = { dependsOn, ...(script.when ? { when: isEven } : {}) }
    const { id } = script
    for (const dependency of script.after) goals.delete(dependency)
    goals.add(id)
    if (script._tag === "plan") {
      tasks.set(id, Task.plan(id, Nested, { ...options, input: { seed: script.seed } }) as AnyTask)
      continue
    }
    const called = {
      ...options,
      timeout: script.timeout,
      policy: (call: Effect.Effect<any, any, any>) => Effect.retry(call, { times: script.retries })
    }
    if (script._tag === "forEach") {
      const items = (outputs: object) => script.ops.map((ops, item) => ({ name: `${id}-${item}`, round: 1, seen: madeIn(outputs), ops }))
      tasks.set(id, Task.forEach(id, Doer, { ...called, items, key: ({ name }) => name }))
    } else if (script._tag === "iterate") {
      const payload = (outputs: object) => ({ name: id, round: 1, seen: madeIn(outputs), ops: script.ops })
      const next = ({ seen }: typeof Success.Type, round: number) =>
        round < script.rounds ? Option.some({ name: id, round: round + 1, seen, ops: script.ops }) : Option.none()
      tasks.set(id, Task.iterate(id, Doer, { ...called, initial: payload, next, maxIterations: 10 }))
    } else {
      tasks.set(id, Task.make(id, Doer, { ...called, payload: (outputs: object) => ({ name: id, round: 1, seen: madeIn(outputs), ops: script.ops }) }))
    }
  }
  return Array.from(goals, (id) => tasks.get(id)!)
}

const input = Schema.Struct({ seed: Schema.Natural })

const Nested: Plan.Plan<string, unknown, any, Agent.Services<typeof Doer | typeof Helper>, { readonly seed: number }> = Plan.make("nested", { version: "1", input }, ({ seed }) => tasksOf(seed, true) as any) as any

export const RandomPlan: Plan.Plan<string, unknown, any, Agent.Services<typeof Doer | typeof Helper>, { readonly seed: number }> = Plan.make("random", { version: "1", input }, ({ seed }) => tasksOf(seed, false) as any) as any

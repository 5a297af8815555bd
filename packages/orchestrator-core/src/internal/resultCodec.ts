import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as SchemaGetter from "effect/SchemaGetter"
import * as SchemaIssue from "effect/SchemaIssue"
import type * as Agent from "../Agent.ts"
import type * as Plan from "../Plan.ts"
import type { RunResult } from "../RunResult.ts"
import type * as Task from "../Task.ts"
import { SkipReason, TaskError, type TaskOutcome } from "../TaskOutcome.ts"
import * as Usage from "../Usage.ts"
import { dataOf, isRunResult, type NotSucceeded, Result, type RunData } from "./runResult.ts"

const base = {
  taskId: Schema.String,
  agent: Schema.String,
  parent: Schema.optionalKey(Schema.String),
  attempts: Schema.Natural,
  usage: Usage.Usage,
  startedAt: Schema.optionalKey(Schema.Finite),
  endedAt: Schema.Finite
}
/** A nested result, opaque here: a recursive schema of everything would say no more. */
const nested = { run: Schema.optionalKey(Schema.Json) }

const OutcomeData = Schema.Union([
  Schema.TaggedStruct("succeeded", { ...base, ...nested, output: Schema.Json }),
  Schema.TaggedStruct("failed", { ...base, ...nested, origin: Schema.Literals(["agent", "engine"]), error: Schema.Json }),
  Schema.TaggedStruct("skipped", { ...base, reason: SkipReason }),
  Schema.TaggedStruct("cancelled", { ...base, ...nested }),
  Schema.TaggedStruct("timedOut", { ...base, ...nested, timeoutMillis: Schema.Finite })
])
type OutcomeData = typeof OutcomeData.Type

/** The shape in which a result leaves the process. */
export const RunResultData = Schema.Struct({
  v: Schema.Literal(1),
  runId: Schema.String,
  plan: Schema.String,
  planVersion: Schema.String,
  input: Schema.optionalKey(Schema.Json),
  goals: Schema.Array(Schema.String),
  startedAt: Schema.Finite,
  endedAt: Schema.Finite,
  usage: Usage.Usage,
  results: Schema.Array(OutcomeData)
})
export type RunResultJson = typeof RunResultData.Encoded
type RunResultData = typeof RunResultData.Type

/** How the outputs and errors of one task become JSON and back. */
interface TaskCodec {
  readonly success: Schema.Codec<any, any>
  readonly error: Schema.Codec<any, any>
  /** Of a task that is a plan: its outcome is that of the nested run. */
  readonly plan: Plan.Any | undefined
  /** Of an item of a fan-out. */
  readonly item: TaskCodec | undefined
}

/** Where an output was never given a schema it stays as it is; what is no JSON then is refused by the schema of the data. */
const asIs: TaskCodec = { success: Schema.Unknown, error: Schema.Unknown, plan: undefined, item: undefined }

/** What is made of something is made once: plans with input make their tasks anew for each run, and a schema is costly to make. */
const once = <Key extends object, Value>(make: (key: Key) => Value): ((key: Key) => Value) => {
  const all = new WeakMap<Key, Value>()
  return (key) => {
    let value = all.get(key)
    if (value === undefined) all.set(key, (value = make(key)))
    return value
  }
}

/** What agents use at their borders needs no services, which `Agent.make` has checked. */
export const jsonCodec: (schema: Schema.Top) => Schema.Codec<any, any> = once((schema: Schema.Top) => Schema.toCodecJson(schema) as any)

const ofPlan = once((plan: Plan.Any): TaskCodec => ({ ...asIs, plan }))
const ofAgent = once((agent: Agent.Any): TaskCodec => ({
  success: jsonCodec(agent.successSchema),
  error: jsonCodec(agent.errorSchema),
  plan: undefined,
  item: undefined
}))
const ofItems = once((agent: Agent.Any): TaskCodec => {
  const item = ofAgent(agent)
  return { ...item, success: Schema.Array(item.success), item }
})
const codecOf = (task: Task.Any | undefined): TaskCodec => {
  const body = task?.["~body"]
  if (body === undefined) return asIs
  if (body._tag === "plan") return ofPlan(body.plan)
  return body._tag === "forEach" ? ofItems(body.agent) : ofAgent(body.agent)
}
const codecFor = (tasks: ReadonlyMap<string, Task.Any>, outcome: { readonly taskId: string; readonly parent?: string | undefined }): TaskCodec => {
  if (outcome.parent === undefined) return codecOf(tasks.get(outcome.taskId))
  return codecOf(tasks.get(outcome.parent)).item ?? asIs
}

const taskError: Schema.Codec<any, any> = Schema.toCodecJson(TaskError)

const encodeOutcome = (codec: TaskCodec, outcome: TaskOutcome<any, any>): Effect.Effect<OutcomeData, Schema.SchemaError> =>
  Effect.gen(function* () {
    const { agent, attempts, endedAt, parent, startedAt, taskId, usage } = outcome
    const common = {
      taskId,
      agent,
      attempts,
      usage,
      endedAt,
      ...(parent !== undefined && { parent }),
      ...(startedAt !== undefined && { startedAt })
    }
    const run: { readonly run?: any } =
      outcome._tag === "skipped" || outcome.run === undefined
        ? {}
        : { run: yield* Schema.encodeEffect(RunResultData)(yield* encodeData(dataOf(outcome.run))) }
    switch (outcome._tag) {
      case "succeeded": {
        // The output of a plan is that of its run; it would only stand here twice.
        if (outcome.run !== undefined) return { _tag: "succeeded", ...common, output: null, ...run }
        return { _tag: "succeeded", ...common, output: (yield* Schema.encodeEffect(codec.success)(outcome.output)) ?? null }
      }
      case "failed": {
        const { origin } = outcome
        if (outcome.run !== undefined && origin === "agent") return { _tag: "failed", ...common, origin, error: null, ...run }
        const schema = origin === "agent" ? codec.error : taskError
        return { _tag: "failed", ...common, origin, error: (yield* Schema.encodeEffect(schema)(outcome.error)) ?? null, ...run }
      }
      case "skipped":
        return { _tag: "skipped", ...common, reason: outcome.reason }
      case "cancelled":
        return { _tag: "cancelled", ...common, ...run }
      case "timedOut":
        return { _tag: "timedOut", ...common, timeoutMillis: outcome.timeoutMillis, ...run }
    }
  })

const encodeData = (data: RunData): Effect.Effect<RunResultData, Schema.SchemaError> =>
  Effect.gen(function* () {
    const input: any =
      data.input === undefined
        ? undefined
        : data.inputSchema === undefined
          ? data.input
          : yield* Schema.encodeEffect(jsonCodec(data.inputSchema))(data.input)
    const results = yield* Effect.forEach(data.results, (outcome) => encodeOutcome(codecFor(data.tasks, outcome), outcome))
    const { endedAt, goals, plan, planVersion, runId, startedAt, usage } = data
    return { v: 1, runId, plan, planVersion, goals, startedAt, endedAt, usage, results, ...(input !== undefined && { input }) }
  })

const decodeOutcome = (
  codec: TaskCodec,
  outcome: OutcomeData,
  NotSucceeded: NotSucceeded
): Effect.Effect<TaskOutcome<any, any>, Schema.SchemaError> =>
  Effect.gen(function* () {
    if (outcome._tag === "skipped") return outcome
    const nested =
      outcome.run === undefined
        ? undefined
        : yield* decodeData(yield* Schema.decodeUnknownEffect(RunResultData)(outcome.run), codec.plan, NotSucceeded)
    const run = nested === undefined ? {} : { run: nested }
    // The output and the error of a plan are those of its run.
    const exit = nested === undefined ? undefined : yield* Effect.exit(nested.outputs)
    switch (outcome._tag) {
      case "succeeded":
        return exit !== undefined && Exit.isSuccess(exit)
          ? { ...outcome, output: exit.value, ...run }
          : { ...outcome, output: yield* Schema.decodeUnknownEffect(codec.success)(outcome.output), ...run }
      case "failed":
        if (outcome.origin === "engine") return { ...outcome, error: yield* Schema.decodeUnknownEffect(taskError)(outcome.error), ...run }
        return exit !== undefined && Exit.isFailure(exit)
          ? { ...outcome, error: Option.getOrUndefined(Exit.findErrorOption(exit)), ...run }
          : { ...outcome, error: yield* Schema.decodeUnknownEffect(codec.error)(outcome.error), ...run }
      default:
        return { ...outcome, ...run }
    }
  }) as any

const decodeData = (data: RunResultData, plan: Plan.Any | undefined, NotSucceeded: NotSucceeded): Effect.Effect<Result, Schema.SchemaError> =>
  Effect.gen(function* () {
    let input: any = data.input
    let tasks: ReadonlyMap<string, Task.Any> = new Map()
    if (plan !== undefined) {
      if (plan.inputSchema !== undefined) {
        input = yield* Schema.decodeUnknownEffect(jsonCodec(plan.inputSchema))(data.input)
      }
      tasks = new Map(plan["~build"](input).tasks.map((task) => [task.id, task]))
    }
    const results = yield* Effect.forEach(data.results, (outcome) => decodeOutcome(codecFor(tasks, outcome), outcome, NotSucceeded))
    const { endedAt, goals, plan: name, planVersion, runId, startedAt, usage } = data
    return new Result(
      { runId, plan: name, planVersion, input, inputSchema: plan?.inputSchema, goals, startedAt, endedAt, usage, results, tasks },
      NotSucceeded
    )
  })

const codec = (plan: Plan.Any | undefined, NotSucceeded: NotSucceeded): Schema.Codec<any, RunResultJson> =>
  RunResultData.pipe(
    Schema.decodeTo(
      Schema.declare((u: unknown): u is Result => isRunResult(u), { expected: "a RunResult" }),
      {
        decode: SchemaGetter.transformEffect((data: RunResultData) => Effect.mapError(decodeData(data, plan, NotSucceeded), issueOf)),
        encode: SchemaGetter.transformEffect((result: Result) => Effect.mapError(encodeData(dataOf(result)), issueOf))
      }
    )
  ) as any

const issueOf = (error: Schema.SchemaError): SchemaIssue.Issue => error.issue

export const untyped = (NotSucceeded: NotSucceeded): Schema.Codec<RunResult<unknown, unknown>, RunResultJson> => codec(undefined, NotSucceeded)
export const typed = (plan: Plan.Plan<string, any, any, any, any>, NotSucceeded: NotSucceeded): Schema.Codec<RunResult<any, any>, RunResultJson> => {
  let known = results.get(plan as Plan.Any)
  if (known === undefined) results.set(plan as Plan.Any, (known = codec(plan as Plan.Any, NotSucceeded)))
  return known
}
const results = new WeakMap<Plan.Any, Schema.Codec<any, RunResultJson>>()

/** The outcome of one task as JSON: what an engine that stores keeps of it. */
export const outcomeSchema = (task: Task.Any, isItem: boolean, NotSucceeded: NotSucceeded): Schema.Codec<TaskOutcome<any, any>, any> => {
  const codec = isItem ? (codecOf(task).item ?? asIs) : codecOf(task)
  const known = outcomes.get(codec)
  if (known !== undefined) return known
  const made: Schema.Codec<TaskOutcome<any, any>, any> = OutcomeData.pipe(
    Schema.decodeTo(Schema.declare((u: unknown): u is TaskOutcome<any, any> => typeof u === "object" && u !== null && "taskId" in u), {
      decode: SchemaGetter.transformEffect((data: OutcomeData) => Effect.mapError(decodeOutcome(codec, data, NotSucceeded), issueOf)),
      encode: SchemaGetter.transformEffect((outcome: TaskOutcome<any, any>) => Effect.mapError(encodeOutcome(codec, outcome), issueOf))
    })
  ) as any
  outcomes.set(codec, made)
  return made
}
const outcomes = new WeakMap<TaskCodec, Schema.Codec<TaskOutcome<any, any>, any>>()

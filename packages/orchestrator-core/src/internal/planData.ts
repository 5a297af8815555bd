import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Equal from "effect/Equal"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as SchemaGetter from "effect/SchemaGetter"
import * as SchemaIssue from "effect/SchemaIssue"
import * as Agent from "../Agent.ts"
import type * as Plan from "../Plan.ts"
import * as Task from "../Task.ts"
import { findCycles } from "./cycles.ts"
import { issues } from "./issue.ts"
import * as pointer from "./jsonPointer.ts"

const Reference = Schema.Struct({
  $from: Schema.String,
  path: Schema.optionalKey(Schema.String),
  default: Schema.optionalKey(Schema.Json)
})

const Condition = Schema.Struct({
  $from: Schema.String,
  path: Schema.optionalKey(Schema.String),
  equals: Schema.optionalKey(Schema.Json),
  notEquals: Schema.optionalKey(Schema.Json),
  greaterThan: Schema.optionalKey(Schema.Finite),
  lessThan: Schema.optionalKey(Schema.Finite),
  /** Whether a list, text or object has nothing in it; what is missing is empty. */
  isEmpty: Schema.optionalKey(Schema.Boolean)
})
type Condition = typeof Condition.Type

const TaskData = Schema.Struct({
  id: Schema.NonEmptyString,
  agent: Schema.String,
  payload: Schema.Json,
  dependsOn: Schema.optionalKey(
    Schema.Array(Schema.Union([Schema.String, Schema.Struct({ task: Schema.String, optional: Schema.Boolean })]))
  ),
  when: Schema.optionalKey(Condition),
  timeout: Schema.optionalKey(Schema.DurationFromString),
  priority: Schema.optionalKey(Schema.Finite)
})
type TaskData = typeof TaskData.Type

/** A plan as data. Goals are the tasks that nothing depends on, where they are left out. */
export const PlanData = Schema.Struct({
  name: Schema.NonEmptyString,
  version: Schema.optionalKey(Schema.String),
  onFailure: Schema.optionalKey(Schema.Literals(["continue", "stop"])),
  goals: Schema.optionalKey(Schema.NonEmptyArray(Schema.String)),
  tasks: Schema.NonEmptyArray(TaskData)
})
type PlanData = typeof PlanData.Type

type Path = ReadonlyArray<string | number>
interface Problem {
  readonly path: Path
  readonly message: string
}

const isReference = Schema.is(Reference)

/** Where a payload refers to outputs. */
const referencesIn = (value: unknown, path: Path): ReadonlyArray<{ readonly path: Path; readonly reference: typeof Reference.Type }> => {
  if (typeof value !== "object" || value === null) return []
  if ("$from" in value) return isReference(value) ? [{ path, reference: value }] : []
  return Array.isArray(value)
    ? value.flatMap((item, index) => referencesIn(item, [...path, index]))
    : Object.entries(value).flatMap(([key, item]) => referencesIn(item, [...path, key]))
}

const quoted = (ids: Iterable<string>): string => Array.from(ids, (id) => `"${id}"`).join(", ") || "none"

const codec = (schema: Schema.Top): Schema.Codec<any, any> => Schema.toCodecJson(schema) as any
const decodeOptions = { onExcessProperty: "error", errors: "all", reportInput: true } as const

const isAround = (a: Path, b: Path): boolean => {
  const shorter = Math.min(a.length, b.length)
  return a.slice(0, shorter).every((segment, index) => String(segment) === String(b[index]))
}

/** All that is wrong with a plan, not only the first. */
const problemsOf = (data: PlanData, agents: ReadonlyMap<string, Agent.Any>): ReadonlyArray<Problem> => {
  const problems: Array<Problem> = []
  const ids = new Map<string, number>()
  data.tasks.forEach(({ id }, index) => {
    const before = ids.get(id)
    if (before === undefined) ids.set(id, index)
    else problems.push({ path: ["tasks", index, "id"], message: `tasks ${before} and ${index} have the id "${id}"; rename one` })
  })
  const known = (id: string, path: Path, what: string) => {
    if (!ids.has(id)) problems.push({ path, message: `${what} "${id}" is no task of this plan; its tasks are ${quoted(ids.keys())}` })
  }
  const pointed = (path: string | undefined, at: Path) => {
    if (path !== undefined && pointer.parse(path) === undefined) {
      problems.push({ path: at, message: `"${path}" is no JSON Pointer; it starts with "/", for example "/signals/0"` })
    }
  }
  data.tasks.forEach((task, index) => {
    const at = ["tasks", index]
    task.dependsOn?.forEach((dependency, position) =>
      known(typeof dependency === "string" ? dependency : dependency.task, [...at, "dependsOn", position], "the dependency")
    )
    const references = referencesIn(task.payload, [...at, "payload"])
    for (const { path, reference } of references) {
      known(reference.$from, [...path, "$from"], "$from")
      pointed(reference.path, [...path, "path"])
    }
    if (task.when !== undefined) {
      known(task.when.$from, [...at, "when", "$from"], "$from")
      pointed(task.when.path, [...at, "when", "path"])
      const tests = ["equals", "notEquals", "greaterThan", "lessThan", "isEmpty"].filter((name) => name in task.when!)
      if (tests.length !== 1) {
        problems.push({ path: [...at, "when"], message: `has ${tests.length} tests; it takes exactly one of equals, notEquals, greaterThan, lessThan, isEmpty` })
      }
    }
    const agent = agents.get(task.agent)
    if (agent === undefined) {
      problems.push({ path: [...at, "agent"], message: `there is no agent "${task.agent}"; there are ${quoted(agents.keys())}` })
      return
    }
    // What comes from other tasks is not there yet; everything else of the payload can be checked now.
    const exit = Effect.runSyncExit(SchemaParserDecode(agent.payloadSchema)(task.payload))
    if (Exit.isSuccess(exit)) return
    const error = Option.getOrUndefined(Exit.findErrorOption(exit))
    for (const { message, path } of error === undefined ? [] : issues(error.issue)) {
      const full = [...at, "payload", ...path]
      if (!references.some((one) => isAround(one.path, full))) problems.push({ path: full, message })
    }
  })
  for (const cycle of findCycles(data.tasks.map((task) => [task.id, upstreamOf(task).map(({ id }) => id)]))) {
    problems.push({ path: ["tasks"], message: `tasks depend on each other in a circle: ${cycle.join(" -> ")} -> ${cycle[0]}` })
  }
  data.goals?.forEach((goal, index) => known(goal, ["goals", index], "the goal"))
  return problems
}

const SchemaParserDecode = (schema: Schema.Top) => (value: unknown) => Schema.decodeUnknownEffect(codec(schema))(value, decodeOptions)

/** Dependencies in the order they are named, then those that only references and the condition name. */
const upstreamOf = (task: TaskData): ReadonlyArray<{ readonly id: string; readonly optional: boolean }> => {
  const found = new Map<string, boolean>()
  for (const dependency of task.dependsOn ?? []) {
    if (typeof dependency === "string") found.set(dependency, false)
    else found.set(dependency.task, dependency.optional)
  }
  for (const { reference } of referencesIn(task.payload, [])) if (!found.has(reference.$from)) found.set(reference.$from, false)
  if (task.when !== undefined && !found.has(task.when.$from)) found.set(task.when.$from, false)
  return Array.from(found, ([id, optional]) => ({ id, optional }))
}

/** An output as JSON, or nothing where the task had none to give. */
type JsonOf = (id: string) => unknown

const lookUp = (of: JsonOf, { $from, path = "" }: { readonly $from: string; readonly path?: string }): unknown =>
  pointer.resolve(of($from), pointer.parse(path) ?? [])

/** The payload with references replaced; a field whose reference leads nowhere and has no default is left out. */
const fill = (value: unknown, of: JsonOf): unknown => {
  if (typeof value !== "object" || value === null) return value
  if (isReference(value)) {
    const found = lookUp(of, value)
    return found === undefined ? value.default : found
  }
  if (Array.isArray(value)) return value.map((item) => fill(item, of))
  return Object.fromEntries(Object.entries(value).flatMap(([key, item]) => {
    const filled = fill(item, of)
    return filled === undefined ? [] : [[key, filled]]
  }))
}

const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === "" ||
  (typeof value === "object" && (Array.isArray(value) ? value : Object.keys(value)).length === 0)

const holds = (condition: Condition, of: JsonOf): boolean => {
  const value = lookUp(of, condition)
  if (condition.isEmpty !== undefined) return isEmpty(value) === condition.isEmpty
  if ("equals" in condition) return Equal.equals(value, condition.equals)
  if ("notEquals" in condition) return !Equal.equals(value, condition.notEquals)
  if (condition.greaterThan !== undefined) return typeof value === "number" && value > condition.greaterThan
  if (condition.lessThan !== undefined) return typeof value === "number" && value < condition.lessThan
  return true
}

type MakePlan = (name: string, goals: any, options: { readonly version: string; readonly onFailure: Plan.OnFailure }) => Plan.Any

const build = (data: PlanData, agents: ReadonlyMap<string, Agent.Any>, make: MakePlan): Plan.Any => {
  const byId = new Map(data.tasks.map((task) => [task.id, task]))
  const built = new Map<string, Task.Any>()
  const needed = new Set<string>()
  const buildTask = (data: TaskData): Task.Any => {
    const agent = agents.get(data.agent)!
    const upstream = upstreamOf(data)
    const optional = new Set(upstream.filter((one) => one.optional).map(({ id }) => id))
    const jsonOf = (outputs: any): JsonOf => (id) => {
      const output = optional.has(id) ? Option.getOrUndefined(outputs[id] as Option.Option<unknown>) : outputs[id]
      if (output === undefined) return undefined
      return Schema.encodeSync(codec(agents.get(byId.get(id)!.agent)!.successSchema))(output)
    }
    const { id, payload, priority, timeout, when } = data
    return Task.make<any, any, any, any, any>(id, agent, {
      dependsOn: upstream.map((one) => (one.optional ? Task.optional(built.get(one.id)! as any) : built.get(one.id)!)),
      payload: (outputs: any) => {
        const exit = Effect.runSyncExit(SchemaParserDecode(agent.payloadSchema)(fill(payload, jsonOf(outputs))))
        if (Exit.isSuccess(exit)) return exit.value
        const error = Option.getOrThrow(Exit.findErrorOption(exit))
        throw new Agent.InvalidPayloadError({ agent: agent._tag, issues: issues(error.issue) })
      },
      ...(when !== undefined && { when: (outputs: any) => holds(when, jsonOf(outputs)) }),
      ...(timeout !== undefined && { timeout }),
      ...(priority !== undefined && { priority })
    })
  }
  // Upstream first; a stack of its own, because a chain may be long.
  for (const root of data.tasks) {
    const stack = [root]
    while (stack.length > 0) {
      const task = stack[stack.length - 1]!
      const missing = built.has(task.id) ? [] : upstreamOf(task).filter(({ id }) => !built.has(id))
      if (missing.length > 0) {
        stack.push(...missing.map(({ id }) => byId.get(id)!))
      } else {
        if (!built.has(task.id)) built.set(task.id, buildTask(task))
        stack.pop()
      }
    }
    for (const { id } of upstreamOf(root)) needed.add(id)
  }
  const goals = data.goals ?? data.tasks.map(({ id }) => id).filter((id) => !needed.has(id))
  const plan = make(data.name, goals.map((id) => built.get(id)!), { version: data.version ?? "1", onFailure: data.onFailure ?? "continue" })
  sources.set(plan, data)
  return plan
}

/** What a plan was decoded from. */
const sources = new WeakMap<Plan.Any, PlanData>()

const isPlan = (u: unknown): u is Plan.Any => typeof u === "object" && u !== null && "~build" in u

export const schemaFor = (agents: ReadonlyArray<Agent.Any>, make: MakePlan): Schema.Codec<any, typeof PlanData.Encoded> => {
  const byTag = new Map(agents.map((agent) => [agent._tag, agent]))
  return PlanData.pipe(
    Schema.decodeTo(Schema.declare(isPlan, { expected: "a Plan" }), {
      decode: SchemaGetter.transformEffect((data: PlanData) => {
        const [first, ...rest] = problemsOf(data, byTag).map(
          ({ message, path }) => new SchemaIssue.Pointer(path, new SchemaIssue.InvalidValue({ message }))
        )
        return first === undefined
          ? Effect.sync(() => build(data, byTag, make))
          : Effect.fail(new SchemaIssue.Composite(PlanData.ast, [first, ...rest]))
      }),
      encode: SchemaGetter.transformEffect((plan: Plan.Any) => {
        const data = sources.get(plan)
        return data === undefined
          ? Effect.fail(new SchemaIssue.InvalidValue({ message: `the plan "${plan.name}" was written in code; only plans that came as data go back to data` }))
          : Effect.succeed(data)
      })
    })
  ) as any
}

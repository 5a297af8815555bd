import { Agent, AgentOrchestrator, Budget, Progress } from "@aria/orchestrator-core"
import { expect, it } from "@effect/vitest"
import { Cause, Clock, Context, Effect, Exit, Fiber, Layer, Schema, type Scope } from "effect"
import { TestClock } from "effect/testing"
import * as oldModel from "./oldModel.ts"

/** What a check is about: ours, or the model of the old behaviour. */
export interface Subject {
  readonly make: (
    options: AgentOrchestrator.Options
  ) => Effect.Effect<AgentOrchestrator.AgentOrchestrator, Budget.InvalidLimitError, Scope.Scope>
}

/** What the test agents did, with the times of the test clock. */
export class Recorder extends Context.Service<Recorder, {
  readonly started: Array<string>
  readonly ended: Array<string>
  live: number
  peak: number
}>()("test/Recorder") {}

export class WorkError extends Schema.TaggedError<WorkError>()("WorkError", { reason: Schema.String }) {
  override get message() {
    return this.reason
  }
}

/** Does what its payload says. */
export class Worker extends Agent.make("Worker", {
  description: "Works as told",
  payload: {
    id: Schema.String,
    millis: Schema.optionalKey(Schema.Finite),
    tokens: Schema.optionalKey(Schema.Natural),
    calls: Schema.optionalKey(Schema.Natural),
    reserve: Schema.optionalKey(Schema.Boolean),
    /** How often it fails before it does what `end` says. */
    failures: Schema.optionalKey(Schema.Natural),
    end: Schema.optionalKey(Schema.Literals(["succeed", "fail", "failBlank", "throw", "interrupt"]))
  },
  success: { id: Schema.String, tags: Schema.mutable(Schema.Array(Schema.String)) },
  error: WorkError
}) {
  static readonly layer = this.toLayer(
    Effect.gen(function*() {
      const recorder = yield* Recorder
      const failed = new Map<string, number>()
      return ({ calls = 0, end = "succeed", failures = 0, id, millis = 0, reserve = false, tokens = 0 }) => {
        recorder.started.push(id)
        recorder.peak = Math.max(recorder.peak, ++recorder.live)
        const usage = { inputTokens: tokens, calls }
        const spend = reserve
          ? Budget.reserve(usage, (reservation) => reservation.settle(usage))
          : tokens + calls === 0
            ? Effect.void
            : Budget.charge(usage)
        return Effect.gen(function*() {
          yield* spend
          if (millis > 0) yield* Effect.sleep(millis)
          const before = failed.get(id) ?? 0
          failed.set(id, before + 1)
          if (before < failures) return yield* new WorkError({ reason: `failure ${before + 1}` })
          switch (end) {
            case "succeed":
              recorder.ended.push(id)
              return { id, tags: [id] }
            case "fail":
              return yield* new WorkError({ reason: `${id} broke` })
            case "failBlank":
              return yield* new WorkError({ reason: "" })
            case "throw":
              throw new TypeError(`${id} threw`)
            case "interrupt":
              return yield* Effect.interrupt
          }
        }).pipe(Effect.ensuring(Effect.sync(() => recorder.live--)))
      }
    })
  )
}

export class Scout extends Agent.make("Scout", {
  description: "Watches companies",
  payload: { entities: Schema.NonEmptyArray(Schema.String) },
  success: { signals: Schema.Array(Schema.String) }
}) {
  static readonly layer = this.toLayer(({ entities }) =>
    Effect.as(Progress.report("looking"), { signals: entities.map((name) => `${name} ships`) })
  )
}

export class Operator extends Agent.make("Operator", {
  description: "Reads calendars",
  payload: { operationType: Schema.Literals(["calendar_read"]) },
  success: { meetings: Schema.Natural }
}) {
  static readonly layer = this.toLayer(() => Effect.succeed({ meetings: 2 }))
}

/** Has a field of its own that is called `context`, and gives its payload back. */
export class Scribe extends Agent.make("Scribe", {
  description: "Drafts",
  payload: { context: Schema.Unknown },
  success: { context: Schema.Unknown }
}) {
  static readonly layer = this.toLayer((payload) => Effect.succeed(payload))
}

/** Nobody provides its layer. */
export class Homeless extends Agent.make("Homeless", { description: "Cannot be made", payload: {}, success: Schema.Void }) {}

export type Handlers = Agent.Services<typeof Worker | typeof Scout | typeof Operator | typeof Scribe> | Recorder
export type Check = (subject: Subject) => Effect.Effect<void, unknown, Scope.Scope | Handlers>

export const ours: Subject = AgentOrchestrator
export const old: Subject = oldModel

const agents = () =>
  Layer.mergeAll(Worker.layer, Scout.layer, Operator.layer, Scribe.layer).pipe(
    Layer.provideMerge(Layer.sync(Recorder, () => ({ started: [], ended: [], live: 0, peak: 0 }))),
    Layer.provideMerge(TestClock.layer())
  )

export const runCheck = (check: Check, subject: Subject): Effect.Effect<void, unknown> =>
  Effect.scoped(check(subject)).pipe(Effect.provide(agents(), { local: true }))

/** Holds for ours. */
export const holds = (title: string, check: Check): void => {
  it.effect(title, () => runCheck(check, ours))
}

/** Holds for ours as it did for the old one. */
export const kept = (title: string, check: Check): void => {
  it.effect(title, () => Effect.andThen(runCheck(check, old), runCheck(check, ours)))
}

export const fixedTitles: Array<string> = []

/** Holds for ours, and the model of the old behaviour fails it: by an assertion and not because the check breaks. */
export const fixed = (title: string, check: Check): void => {
  fixedTitles.push(title)
  it.effect(title, () =>
    Effect.gen(function*() {
      yield* runCheck(check, ours)
      const exit = yield* Effect.exit(runCheck(check, old))
      expect(Exit.isFailure(exit), "the old model passes this check").toBe(true)
      const thrown = Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined
      expect(thrown instanceof Error ? thrown.name : thrown, Exit.isFailure(exit) ? Cause.pretty(exit.cause) : "").toBe("AssertionError")
    })
  )
}

/** The value of an effect that ends within so many milliseconds of the test clock. */
export const within = <A, E, R>(millis: number, effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.gen(function*() {
    const fiber = yield* Effect.forkChild(effect, { startImmediately: true })
    yield* TestClock.adjust(millis)
    const exit = fiber.pollUnsafe()
    if (exit === undefined) yield* Fiber.interrupt(fiber)
    expect(exit, `it has not ended after ${millis} ms`).toBeDefined()
    return yield* Fiber.join(fiber)
  })

/** Keeps what a callback is told, with the time. */
export const hearing = () => {
  const updates: Array<AgentOrchestrator.ProgressUpdate & { readonly at: number }> = []
  return {
    updates,
    statuses: () => updates.map(({ status }) => status),
    onProgress: (update: AgentOrchestrator.ProgressUpdate) =>
      Clock.currentTimeMillis.pipe(Effect.map((at) => updates.push({ ...update, at })))
  }
}

/** As `hearing`, without an effect, so that the old one can tell too. */
export const listening = () => {
  const updates: Array<AgentOrchestrator.ProgressUpdate> = []
  return {
    updates,
    statuses: () => updates.map(({ status }) => status),
    onProgress: (update: AgentOrchestrator.ProgressUpdate): void => {
      updates.push(update)
    }
  }
}

/** A task for the worker. */
export const work = (payload: Agent.PayloadInput<typeof Worker>, options?: AgentOrchestrator.TaskOptions<typeof Worker, Agent.Services<typeof Worker>>) =>
  AgentOrchestrator.task(Worker, payload, options)

export const ids = (...names: ReadonlyArray<string>) => names.map((id) => work({ id }))

import * as Journal from "@aria/orchestrator-core/Journal"
import * as Orchestrator from "@aria/orchestrator-core/Orchestrator"
import * as Plan from "@aria/orchestrator-core/Plan"
import * as Run from "@aria/orchestrator-core/Run"
import * as Usage from "@aria/orchestrator-core/Usage"
import * as RunResult from "@aria/orchestrator-core/RunResult"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as Activity from "effect/workflow/Activity"
import * as Workflow from "effect/workflow/Workflow"
import * as WorkflowEngine from "effect/workflow/WorkflowEngine"

/** A run as the execution of a workflow. What it runs is looked up: a durable engine would keep plans by name. */
const RunWorkflow = Workflow.make("run", {
  payload: { key: Schema.String },
  success: Schema.Json,
  error: Plan.InvalidPlanError,
  idempotencyKey: ({ key }) => key
})

interface Asked {
  readonly plan: Plan.Plan<string, any, any, any, any>
  readonly input: ReadonlyArray<unknown>
  readonly context: Context.Context<never>
  readonly started: Deferred.Deferred<Orchestrator.RunHandle<any, any>, Plan.InvalidPlanError>
  /** The result as the workflow gave it. Whoever waits for it is no part of the workflow. */
  readonly ended: Deferred.Deferred<Schema.Json, Plan.InvalidPlanError>
  /** Whether it was given up before it began. */
  cancelled: boolean
}

/** What a run needs to be journaled by the workflow it is in: each unit is an activity. */
const journalOf = (
  engine: WorkflowEngine.WorkflowEngine["Service"],
  instance: WorkflowEngine.WorkflowInstance["Service"]
): Journal.Journal => ({
  origin: instance.executionId,
  unit: ({ key }, effect) =>
    Activity.make({ name: key, success: Schema.String, execute: effect, interruptRetryPolicy: Schedule.recurs(0) as any }).pipe(
      Effect.provideService(WorkflowEngine.WorkflowEngine, engine),
      Effect.provideService(WorkflowEngine.WorkflowInstance, instance)
    ) as Effect.Effect<any, never, any>,
  known: () => undefined,
  isReached: () => false,
  waits: () => () => {},
  spent: () => Usage.zero,
  reserve: () => ({ acquire: Effect.void, settle: () => {}, release: () => {} }),
  charge: () => Effect.void
})

const make = Effect.gen(function* () {
  const core = yield* Orchestrator.Orchestrator
  const engine = yield* WorkflowEngine.WorkflowEngine
  const asked = new Map<string, Asked>()
  let count = 0

  yield* engine.register(RunWorkflow, ({ key }) => {
    const entry = asked.get(key)!
    const { context, ended, input, plan, started } = entry
    const body = Effect.gen(function* () {
      const instance = yield* WorkflowEngine.WorkflowInstance
      if (entry.cancelled) return yield* Effect.interrupt
      const handle: Orchestrator.RunHandle<any, any> = yield* core.start(plan, input[0]).pipe(
        Effect.provideContext(Context.add(context, Journal.Current, journalOf(engine, instance))),
        Effect.onExit((exit) => Deferred.done(started, exit))
      ) as any
      const json = yield* Effect.orDie(Schema.encodeEffect(RunResult.schemaFor(plan))(yield* handle.await))
      return JSON.parse(JSON.stringify(json))
    }) as Effect.Effect<Schema.Json, Plan.InvalidPlanError>
    return Effect.onExit(body, (exit) => Deferred.done(ended, exit))
  })

  const launch = (plan: any, input: ReadonlyArray<unknown>) =>
    Effect.contextWith((context: Context.Context<never>) =>
      Effect.gen(function* () {
        const key = `execution ${count++}`
        const started = yield* Deferred.make<Orchestrator.RunHandle<any, any>, Plan.InvalidPlanError>()
        const ended = yield* Deferred.make<Schema.Json, Plan.InvalidPlanError>()
        const entry: Asked = { plan, input, context, started, ended, cancelled: false }
        asked.set(key, entry)
        yield* engine.execute(RunWorkflow, { executionId: key, payload: { key }, discard: true, detached: true })
        const handle = yield* Effect.onInterrupt(Effect.interruptible(Deferred.await(started)), () => {
          entry.cancelled = true
          const handle = started.effect === undefined ? Effect.interrupt : Deferred.await(started)
          return Effect.ignoreCause(Effect.flatMap(handle, ({ cancel }) => cancel))
        })
        const await_ = Deferred.await(ended).pipe(
          Effect.flatMap((json) => Schema.decodeUnknownEffect(RunResult.schemaFor(plan))(json)),
          Effect.orDie
        )
        return { runId: handle.runId, await: await_, cancel: Effect.andThen(handle.cancel, await_), events: handle.events }
      })
    )

  return {
    run: (plan: any, ...input: ReadonlyArray<unknown>) =>
      Run.waiting("child run")(
        Effect.uninterruptibleMask((restore) =>
          Effect.flatMap(launch(plan, input), (handle) => Effect.onInterrupt(restore(handle.await), () => handle.cancel))
        )
      ),
    start: (plan: any, ...input: ReadonlyArray<unknown>) => launch(plan, input)
  } as any as Orchestrator.Orchestrator["Service"]
})

/**
 * An engine for tests, over effect's workflows in memory: tasks are activities, and results cross it as JSON. It shows
 * that nothing in the contract stands in the way of an engine that outlives its process.
 */
export const layer = (options: Orchestrator.Options) =>
  Layer.effect(Orchestrator.Orchestrator, make).pipe(
    Layer.provide(Layer.merge(Orchestrator.layerWith(options), WorkflowEngine.layerMemory))
  )

/**
 * An orchestrator whose runs outlive their process: the same plans, stored as they go, and taken over where a worker dies.
 *
 * @since 0.1.0
 */
import { InvalidLimitError } from "@aria/orchestrator-core/Budget"
import * as Journal from "@aria/orchestrator-core/Journal"
import * as Orchestrator from "@aria/orchestrator-core/Orchestrator"
import type * as Plan from "@aria/orchestrator-core/Plan"
import * as Run from "@aria/orchestrator-core/Run"
import * as SideEffect from "@aria/orchestrator-core/SideEffect"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type { SqlClient } from "effect/sql/SqlClient"
import { type ClusterStoreError, PlanNotRegisteredError, RunConflictError } from "./ClusterError.ts"
import * as database from "./internal/database.ts"
import { nameHere } from "./internal/host.ts"
import * as member from "./internal/member.ts"
import { makeRuns } from "./internal/runs.ts"
import * as storeHandle from "./internal/storeHandle.ts"
import type { Registry } from "./internal/registry.ts"
import { Runs } from "./Runs.ts"

/**
 * How a worker behaves, beyond the limits of every orchestrator. Limits of users and of the orchestrator hold for all workers of one
 * store together, and for as long as the store lives.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options<Plans extends ReadonlyArray<Plan.Any>> extends Orchestrator.Options {
  /** The plans that can be run, and gone on with here. Two of one name have two versions. */
  readonly plans: Plans
  /**
   * How long others wait for a sign of life before they take over the runs of a worker; not at all where they see that its process on
   * the same machine is gone. A worker whose event loop stands still for longer loses its runs. Default 4 seconds, minimum 1 second.
   */
  readonly lease?: Duration.Input | undefined
  /** How often a worker looks for work and for cancellations, and readers for what is new. Default 500 milliseconds, minimum 10. */
  readonly pollInterval?: Duration.Input | undefined
  /** How long tasks under way may take to end when a worker stops; after that another one starts them again. Default 10 seconds. */
  readonly drainTimeout?: Duration.Input | undefined
  /** How many runs of others a worker takes at once; those that are started in its process always begin. Default 1,000, minimum 1. */
  readonly maxRuns?: number | undefined
  /** How many workers in a row may die with a run that does not get any further, before it is given up. Default 3, minimum 1. */
  readonly maxDeaths?: number | undefined
  /** What a list of workers says of this one. Default: host and process id. */
  readonly name?: string | undefined
}

/**
 * What the worker of this process is doing.
 *
 * @category models
 * @since 0.1.0
 */
export interface Standing {
  readonly worker: string
  /** `cutOff`: away from its database for longer than its lease; its runs were left to others. */
  readonly state: "active" | "draining" | "cutOff"
  /** Milliseconds until its lease ends, where nothing renews it; below 0 others may have its runs. `Infinity` for a client. */
  readonly leaseMillis: number
  /** How many runs it carries out now. */
  readonly runs: number
  /** Name and version of the plans that it knows. */
  readonly plans: ReadonlyArray<string>
}

/**
 * The worker of this process.
 *
 * @category services
 * @since 0.1.0
 */
export class Cluster extends Context.Service<
  Cluster,
  {
    readonly standing: Effect.Effect<Standing>
    /** Asks the database for next to nothing; fails where it gives no answer. Whoever waits for it says for how long. */
    readonly ping: Effect.Effect<void, ClusterStoreError>
    /**
     * Makes a plan known that was not when the layer was built, such as one that came as data. Its handlers are those of the caller. One of
     * the same name and version takes its place.
     */
    readonly register: <A, E, R, I>(plan: Plan.Plan<string, A, E, R, I>) => Effect.Effect<void, never, R>
    /** Stops looking for work, lets tasks under way come to their end, and gives the rest to others. The end of the layer does the same. */
    readonly drain: Effect.Effect<void>
  }
>()("@aria/adapter-cluster/Cluster") {}

/**
 * What the plans need: the layers of their agents.
 *
 * @category utility types
 * @since 0.1.0
 */
export type Services<Plans extends ReadonlyArray<Plan.Any>> = Plans[number]["~types"]["services"]

type Layered<Plans extends ReadonlyArray<Plan.Any>> = Layer.Layer<
  Orchestrator.Orchestrator | Runs | Cluster,
  InvalidLimitError | ClusterStoreError,
  SqlClient | Exclude<Services<Plans>, Orchestrator.Orchestrator | Runs | Cluster>
>

/** @internal what is not given, and what was given is too small */
const settingsOf = (options: Options<ReadonlyArray<Plan.Any>>, isWorker: boolean): Effect.Effect<member.Settings, InvalidLimitError> =>
  Effect.gen(function* () {
    const millis = (name: string, given: Duration.Input | undefined, byDefault: number, least: number) => {
      const value = given === undefined ? byDefault : Option.match(Duration.fromInput(given), { onNone: () => NaN, onSome: Duration.toMillis })
      return Number.isFinite(value) && value >= least
        ? Effect.succeed(value)
        : Effect.fail(new InvalidLimitError({ name: `Cluster: ${name}`, received: String(given), allowed: `a finite duration from ${least} milliseconds` }))
    }
    const count = (name: string, given: number | undefined, byDefault: number) =>
      given === undefined || (Number.isSafeInteger(given) && given >= 1)
        ? Effect.succeed(given ?? byDefault)
        : Effect.fail(new InvalidLimitError({ name: `Cluster: ${name}`, received: String(given), allowed: "a whole number from 1" }))
    return {
      lease: yield* millis("lease", options.lease, 4_000, 1_000),
      poll: yield* millis("pollInterval", options.pollInterval, 500, 10),
      drain: yield* millis("drainTimeout", options.drainTimeout, 10_000, 0),
      maxRuns: yield* count("maxRuns", options.maxRuns, 1_000),
      maxDeaths: yield* count("maxDeaths", options.maxDeaths, 3),
      runTimeout: options.runTimeout === undefined ? undefined : Duration.toMillis(options.runTimeout),
      isWorker,
      name: options.name ?? nameHere
    }
  })

/**
 * Only outermost runs are stored as such: those that a handler starts are part of the one that it works for. A rehearsal is nothing to
 * store: what another worker went on with would be done.
 */
const outermost = <A, E, R, E2, R2>(nested: Effect.Effect<A, E, R>, own: Effect.Effect<A, E2, R2>): Effect.Effect<A, E | E2, R | R2> =>
  Effect.flatMap(Effect.all([Journal.Current, SideEffect.isRehearsal]), ([journal, isRehearsal]): Effect.Effect<A, E | E2, R | R2> =>
    journal === undefined && !isRehearsal ? own : nested
  )

/** What no other orchestrator fails with is no part of the type of `start`. */
const dyingOfOwn = <A, E, R>(self: Effect.Effect<A, E | PlanNotRegisteredError | RunConflictError, R>): Effect.Effect<A, Exclude<E, PlanNotRegisteredError | RunConflictError>, R> =>
  Effect.catch(self, (error) =>
    error instanceof PlanNotRegisteredError || error instanceof RunConflictError
      ? Effect.die(error)
      : Effect.fail(error as Exclude<E, PlanNotRegisteredError | RunConflictError>)
  )

const make = (options: Options<ReadonlyArray<Plan.Any>>, isWorker: boolean) =>
  Effect.gen(function* () {
    const settings = yield* settingsOf(options, isWorker)
    const store = yield* database.open
    // What is built first is closed last: the runs are given back before the engine ends what is left.
    const core = Context.get(yield* Layer.build(Orchestrator.layerWith(options)), Orchestrator.Orchestrator)
    const handles: (registry: Registry) => storeHandle.StoreHandles = storeHandle.make(store, settings.poll)
    const self = yield* member.make(store, core, settings, handles)
    const orchestrator = {
      start: (plan: any, ...input: any) => outermost((core.start as any)(plan, input[0]), dyingOfOwn(self.start(plan, input[0], true))),
      run: (plan: any, ...input: any) =>
        outermost(
          (core.run as any)(plan, input[0]),
          Run.waiting("child run")(
            Effect.uninterruptibleMask((restore) =>
              Effect.flatMap(restore(dyingOfOwn(self.start(plan, input[0], false))), (handle) =>
                Effect.onInterrupt(restore(handle.await), () => handle.cancel)
              )
            )
          )
        )
    } as unknown as Orchestrator.Orchestrator["Service"]
    const runs = makeRuns(store, self, handles(self.registry))
    const own = Context.make(Orchestrator.Orchestrator, orchestrator).pipe(Context.add(Runs, runs))
    const ping = Effect.asVoid(store.sql`SELECT MAX(format) AS format FROM aria_cluster_formats`).pipe(database.failing("The database of runs gives no answer"))
    const register = (plan: Plan.Any) => Effect.contextWith((context: Context.Context<never>) => Effect.sync(() => self.registry.add(plan, Context.merge(context, own))))
    const services = Context.add(own, Cluster, { standing: self.standing, ping, drain: self.drain, register: register as unknown as Cluster["Service"]["register"] })
    for (const plan of options.plans) yield* Effect.provideContext(register(plan), services)
    yield* self.begin
    return services
  })

/**
 * A worker: it runs what is started in its process, and what others have left.
 *
 * **Example**
 *
 * ```ts
 * const Durable = Cluster.layer({ plans: [MorningBrief] }).pipe(
 *   Layer.provideMerge(Layer.mergeAll(Scout.layer, Scribe.layer, SqliteClient.layer({ filename: "aria.db" })))
 * )
 * ```
 *
 * Errors: `ClusterStoreError`, `InvalidLimitError`. `Orchestrator.run` dies with `PlanNotRegisteredError` and `RunConflictError`, which
 * `Runs.submit` fails with; a result that will not come dies with `PlanChangedError` or `DeadRunError`.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = <const Plans extends ReadonlyArray<Plan.Any>>(options: Options<Plans>): Layered<Plans> =>
  Layer.effectContext(make(options, true)) as unknown as Layered<Plans>

/**
 * As `layer`, for a process that carries out nothing: what it starts is run by workers elsewhere.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerClient = <const Plans extends ReadonlyArray<Plan.Any>>(
  options: Pick<Options<Plans>, "plans" | "pollInterval">
): Layer.Layer<Orchestrator.Orchestrator | Runs | Cluster, InvalidLimitError | ClusterStoreError, SqlClient> => Layer.effectContext(make(options, false)) as any

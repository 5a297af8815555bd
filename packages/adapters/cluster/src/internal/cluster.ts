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
import type { Cluster, Options } from "../Cluster.ts"
import { PlanNotRegisteredError, RunConflictError } from "../ClusterError.ts"
import { Runs } from "../Runs.ts"
import * as database from "./database.ts"
import { nameHere } from "./host.ts"
import * as member from "./member.ts"
import type { Registry } from "./registry.ts"
import { makeRuns } from "./runs.ts"
import * as storeHandle from "./storeHandle.ts"
import { tables } from "./tables.ts"

/** What was not given has its default; what is too small is refused. */
const settingsOf = (options: Options<ReadonlyArray<Plan.Any>>, isWorker: boolean): Effect.Effect<member.Settings, InvalidLimitError> =>
  Effect.gen(function* () {
    const millis = (name: string, given: Duration.Input | undefined, byDefault: number, least: number) => {
      const value = given === undefined ? byDefault : Option.match(Duration.fromInput(given), { onNone: () => NaN, onSome: Duration.toMillis })
      return Number.isFinite(value) && value >= least
        ? Effect.succeed(value)
        : Effect.fail(new InvalidLimitError({ setting: `Cluster: ${name}`, received: String(given), allowed: `a finite duration from ${least} milliseconds` }))
    }
    const count = (name: string, given: number | undefined, byDefault: number, least: number) =>
      given === undefined || (Number.isSafeInteger(given) && given >= least)
        ? Effect.succeed(given ?? byDefault)
        : Effect.fail(new InvalidLimitError({ setting: `Cluster: ${name}`, received: String(given), allowed: `a whole number from ${least}` }))
    return {
      lease: yield* millis("lease", options.lease, 4_000, 1_000),
      poll: yield* millis("pollInterval", options.pollInterval, 500, 10),
      drain: yield* millis("drainTimeout", options.drainTimeout, 10_000, 0),
      maxRuns: yield* count("maxRuns", options.maxRuns, 1_000, 1),
      maxWaiting: yield* count("maxWaiting", options.maxWaiting, 10_000, 0),
      maxDeaths: yield* count("maxDeaths", options.maxDeaths, 3, 1),
      runTimeout: options.runTimeout === undefined ? undefined : yield* millis("runTimeout", options.runTimeout, 0, 1),
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

const make = (key: typeof Cluster, options: Options<ReadonlyArray<Plan.Any>>, isWorker: boolean) =>
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
                Effect.onInterrupt(restore(handle.await), () => handle.stop)
              )
            )
          )
        )
    } as unknown as Orchestrator.Orchestrator["Service"]
    const runs = makeRuns(store, self, handles(self.registry))
    const own = Context.make(Orchestrator.Orchestrator, orchestrator).pipe(Context.add(Runs, runs))
    const ping = Effect.asVoid(store.sql`SELECT MAX(format) AS format FROM ${store.sql(tables.formats)}`).pipe(database.failing("The database of runs gives no answer"))
    const register = (plan: Plan.Any) => Effect.contextWith((context: Context.Context<never>) => Effect.sync(() => self.registry.add(plan, Context.merge(context, own))))
    const services = Context.add(own, key, { standing: self.standing, ping, drain: self.drain, register: register as unknown as Cluster["Service"]["register"] })
    for (const plan of options.plans) yield* Effect.provideContext(register(plan), services)
    yield* self.begin
    return services
  })

/** The types of its callers say what the plans need. */
export const makeCluster = (key: typeof Cluster, options: Options<ReadonlyArray<Plan.Any>>, isWorker: boolean): Layer.Layer<any, any, any> =>
  Layer.effectContext(make(key, options, isWorker))

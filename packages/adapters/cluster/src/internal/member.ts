import * as Journal from "@aria/orchestrator-core/Journal"
import type * as Orchestrator from "@aria/orchestrator-core/Orchestrator"
import type * as Plan from "@aria/orchestrator-core/Plan"
import { type InvalidPlanError, outline } from "@aria/orchestrator-core/Plan"
import * as Run from "@aria/orchestrator-core/Run"
import type * as RunResult from "@aria/orchestrator-core/RunResult"
import * as SideEffect from "@aria/orchestrator-core/SideEffect"
import * as SqlFailure from "@aria/orchestrator-core/SqlFailure"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import type { Standing } from "../Cluster.ts"
import { type PlanNotRegisteredError, RunConflictError } from "../ClusterError.ts"
import { makeClaims } from "./claims.ts"
import type { Database } from "./database.ts"
import { begin, type Life, type LifeEnd, noPast } from "./life.ts"
import { make as makeLease, unlessFailed } from "./lease.ts"
import { live } from "./liveClock.ts"
import { checkNames, conflictOf, encodeInput, type NewRun, recordOf } from "./newRun.ts"
import { makeReads, type RunRow } from "./reads.ts"
import { type Registered, Registry } from "./registry.ts"
import { Residents } from "./residents.ts"
import type { StoreHandle, StoreHandles } from "./storeHandle.ts"
import { makeTaking } from "./taking.ts"
import * as telemetry from "./telemetry.ts"
import { make as makeWriter, type Writer } from "./writer.ts"

/** How a worker behaves; times in milliseconds. */
export interface Settings {
  readonly lease: number
  readonly poll: number
  readonly drain: number
  readonly maxRuns: number
  readonly maxWaiting: number
  readonly maxDeaths: number
  readonly runTimeout: number | undefined
  /** Whether it carries out runs, or only hands them in. */
  readonly isWorker: boolean
  readonly name: string
}

export interface Member {
  readonly registry: Registry
  readonly writer: Writer
  /** `acknowledged` where the caller is told before the run has ended: it is stored by then. */
  readonly start: (plan: Plan.Any, input: unknown, acknowledged: boolean) => Effect.Effect<StoreHandle, InvalidPlanError | PlanNotRegisteredError | RunConflictError>
  /** Hands in a run whose input is text already. */
  readonly enqueue: (record: NewRun) => Effect.Effect<boolean>
  /** Looks for work now and not at the next tick. */
  readonly nudge: Effect.Effect<void>
  /** Begins its lease and looks for work: once its plans are registered. */
  readonly begin: Effect.Effect<void>
  readonly standing: Effect.Effect<Standing>
  /** Stops looking for work, lets what is under way come to its end, and frees the rest. */
  readonly drain: Effect.Effect<void>
}

export const make = (database: Database, core: Orchestrator.Orchestrator["Service"], settings: Settings, storeHandles: (registry: Registry) => StoreHandles): Effect.Effect<Member, never, Scope.Scope> =>
  Effect.gen(function* () {
    const registry = new Registry()
    const reads = makeReads(database)
    const claims = makeClaims(database, () => registry.names)
    const services = yield* Effect.context<never>()
    const handles = storeHandles(registry)
    const residents = new Residents()
    const drained = yield* Deferred.make<void>()

    /** Others may carry out what was carried out here: nothing of it goes on. */
    const giveUp = Effect.suspend(() => {
      const all = residents.clear()
      telemetry.runsLost(services, all.length)
      return Effect.andThen(
        Effect.logWarning(`This worker was cut off from its database for longer than its lease; ${all.length} runs are left to others`),
        Effect.forEach(all, ({ abandon }) => Effect.forkDetach(abandon, { startImmediately: true }), { discard: true })
      )
    })
    const lease = yield* makeLease(claims, settings, giveUp)
    const { isExpired } = lease

    // A database that is away for a moment is asked again; one that is away for longer ends the lease.
    const writer = yield* makeWriter(database, (error) =>
      Effect.gen(function* () {
        telemetry.failed(services, "batch")
        yield* Effect.logWarning(`Runs could not be stored, trying again: ${SqlFailure.reasonOf(error)}`)
        yield* live(Effect.sleep(settings.poll / 5))
      })
    )

    const beginHere = (row: RunRow | { readonly id: string; readonly origin: string; readonly fence: number }, registered: Registered, input: unknown, context: Context.Context<never>, past = noPast) =>
      Effect.tap(begin({ runId: row.id, fence: Number(row.fence), origin: row.origin, registered, input, past, core, writer, context, isExpired }), (life) => residents.keep(life))

    const { bury, cancelled, look, reclaim } = makeTaking({ database, claims, lease, registry, residents, writer, services, settings, begin: beginHere })

    let wake: (() => void) | undefined
    const tick = Effect.callback<void>((resume) => {
      const timer = setTimeout(() => resume(Effect.void), settings.poll)
      wake = () => {
        clearTimeout(timer)
        resume(Effect.void)
      }
      return Effect.sync(() => clearTimeout(timer))
    })

    const rounds = Effect.forever(
      Effect.gen(function* () {
        yield* unlessFailed("Runs could not be looked for", Effect.all([cancelled, bury, reclaim, look], { discard: true }))
        yield* tick
      })
    )
    /** Each run is free as soon as its own tasks have ended; one whose tasks do not let themselves be ended is free all the same. */
    const giveBack = ({ abandon, fence, rest, runId }: Life): Effect.Effect<void> =>
      Effect.gen(function* () {
        yield* live(Effect.timeoutOption(rest, settings.drain))
        yield* live(Effect.timeoutOption(Effect.forkDetach(abandon, { startImmediately: true }).pipe(Effect.flatMap(Fiber.await)), settings.lease))
        yield* writer.end({ run: runId, fence, status: "queued", reason: null, result: null })
      })

    const drain = Effect.suspend(() => {
      if (!lease.drain()) return Deferred.await(drained)
      const all = residents.all()
      return Effect.gen(function* () {
        yield* live(Effect.timeoutOption(Effect.forEach(all, giveBack, { concurrency: "unbounded", discard: true }), settings.drain + 2 * settings.lease))
        yield* live(Effect.timeoutOption(writer.drained, settings.lease))
        yield* lease.leave
      }).pipe(Effect.ensuring(Deferred.succeed(drained, undefined)))
    })

    const scope = yield* Effect.scope
    const beginning = Effect.gen(function* () {
      if (!settings.isWorker) return
      yield* lease.renew
      yield* unlessFailed("Workers of long ago could not be forgotten", claims.forget)
      yield* Effect.forkIn(lease.pulse, scope, { startImmediately: true })
      yield* Effect.forkIn(rounds, scope, { startImmediately: true })
      yield* Scope.addFinalizer(scope, Effect.uninterruptible(drain))
    })

    const handleOf = (life: Life): StoreHandle => {
      const { handle, runId } = life
      const elsewhere = handles.of(runId)
      const follow = (end: LifeEnd): Effect.Effect<RunResult.RunResult<any, any>> =>
        end._tag === "ended" ? Effect.succeed(end.result) : end._tag === "changed" ? Effect.die(end.error) : elsewhere.await
      const wait = Effect.flatMap(life.end, follow)
      const stop = Effect.andThen(handle.cancel, Effect.flatMap(life.end, ({ _tag }) => (_tag === "lost" ? elsewhere.stop : Effect.void)))
      return { runId, await: wait, cancel: Effect.andThen(handle.cancel, wait), stop, events: handle.events }
    }

    /** Whether it carries out runs: one that stops, or is cut off, leaves them to others. */
    const isAtWork = () => settings.isWorker && lease.state() === "active" && !isExpired()

    const start: Member["start"] = (plan, input, acknowledged) =>
      Effect.contextWith((context: Context.Context<never>) =>
        Effect.gen(function* () {
          const registered: Registered = { ...(yield* registry.get(plan)), plan }
          const shape = yield* outline(plan, input)
          const text = yield* encodeInput(plan, input)
          const { concurrency, id, priority, tags, timeout, userId } = Context.get(context, Run.Configured)
          const runId = id ?? (yield* Context.get(context, Run.IdGenerator))
          yield* checkNames(plan, { id: runId, userId: userId ?? "anonymous", priority: priority ?? 0 })
          const now = yield* Clock.currentTimeMillis
          const timeouts = [timeout === undefined ? undefined : Duration.toMillis(timeout), settings.runTimeout].filter((one) => one !== undefined)
          const runTimeout = timeouts.length === 0 ? undefined : Math.min(...timeouts)
          const record = recordOf(
            {
              id: runId,
              plan,
              input: text,
              shape,
              userId: userId ?? "anonymous",
              priority: priority ?? 0,
              options: {
                tags: tags ?? {},
                concurrency,
                timeout: runTimeout,
                deadline: runTimeout === undefined ? undefined : now + runTimeout,
                accounts: (yield* Journal.accounts).filter(({ owner }) => owner === "region"),
                given: yield* SideEffect.given
              }
            },
            isAtWork() ? lease.worker() : null
          )
          const here = residents.get(runId)
          const beginNew = beginHere({ id: runId, origin: runId, fence: 1 }, registered, input, Context.merge(registered.services, context))
          const begun = Effect.gen(function* () {
            // Whoever waits for the end of a run whose id nobody else has needs no word that it has begun.
            if (!acknowledged && isAtWork() && id === undefined && !context.mapUnsafe.has(Run.IdGenerator.key)) {
              writer.startLazily(record)
              return handleOf(yield* beginNew)
            }
            const isNew = here === undefined && (yield* writer.start(record))
            if (!isNew) {
              const row = yield* Effect.orDie(reads.run(runId))
              const conflict = row === undefined ? undefined : conflictOf(runId, row, record)
              if (conflict !== undefined) return yield* conflict
              return here === undefined ? handles.of(runId, plan) : handleOf(here)
            }
            if (record.owner === null) return handles.of(runId, plan)
            // It may have been told to stop meanwhile: then somebody else has it, or will.
            if (record.owner !== lease.worker() || !isAtWork()) {
              yield* writer.end({ run: runId, fence: 1, status: "queued", reason: null, result: null })
              return handles.of(runId, plan)
            }
            return handleOf(yield* beginNew)
          })
          return yield* residents.whileArriving(runId, begun)
        })
      )

    return {
      registry,
      writer,
      start,
      enqueue: (run) => writer.start(recordOf(run, null)),
      begin: beginning,
      nudge: Effect.sync(() => wake?.()),
      standing: Effect.sync(() => ({ worker: lease.worker(), state: lease.state(), leaseMillis: lease.leftMillis(), runs: residents.size, waiting: residents.waiting(), plans: registry.names })),
      drain
    }
  })

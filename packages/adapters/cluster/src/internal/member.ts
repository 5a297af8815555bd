import * as Journal from "@aria/orchestrator-core/Journal"
import type * as Orchestrator from "@aria/orchestrator-core/Orchestrator"
import type * as Plan from "@aria/orchestrator-core/Plan"
import { type InvalidPlanError, outline } from "@aria/orchestrator-core/Plan"
import * as Run from "@aria/orchestrator-core/Run"
import type * as RunResult from "@aria/orchestrator-core/RunResult"
import * as SideEffect from "@aria/orchestrator-core/SideEffect"
import * as SqlFailure from "@aria/orchestrator-core/SqlFailure"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import * as Schema from "effect/Schema"
import { isSqlError, type SqlError } from "effect/sql/SqlError"
import { type PlanNotRegisteredError, RunConflictError } from "../ClusterError.ts"
import { makeClaims } from "./claims.ts"
import type { Database } from "./database.ts"
import { begin, type Life, type LifeEnd, noPast } from "./life.ts"
import { inTime } from "./inTime.ts"
import { make as makeLease, unlessFailed } from "./lease.ts"
import { live, millis } from "./liveClock.ts"
import { checkNames, conflictOf, differences, encodeInput, type NewRun, recordOf } from "./newRun.ts"
import { makeReads, optionsOf, type RunRow } from "./reads.ts"
import { underWay } from "./recorder.ts"
import { inputCodec, type Registered, Registry } from "./registry.ts"
import type { StoreHandle, StoreHandles } from "./storeHandle.ts"
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

/** What a worker is doing. */
export interface Standing {
  readonly worker: string
  readonly state: "active" | "draining" | "cutOff"
  readonly leaseMillis: number
  readonly runs: number
  readonly waiting: number
  readonly plans: ReadonlyArray<string>
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

/** A worker takes some and looks again, so that others that look meanwhile get their part of many. */
const takenAtOnce = 20

/** Each is read in some round trips before it goes on: a few at a time, in their order. */
const readAtOnce = 8

export const make = (database: Database, core: Orchestrator.Orchestrator["Service"], settings: Settings, storeHandles: (registry: Registry) => StoreHandles): Effect.Effect<Member, never, Scope.Scope> =>
  Effect.gen(function* () {
    const registry = new Registry()
    const reads = makeReads(database)
    const claims = makeClaims(database, () => registry.names)
    const services = yield* Effect.context<never>()
    const handles = storeHandles(registry)
    const lives = new Map<string, Life>()
    const drained = yield* Deferred.make<void>()

    /** Others may carry out what was carried out here: nothing of it goes on. */
    const giveUp = Effect.suspend(() => {
      const all = Array.from(lives.values())
      lives.clear()
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

    const keep = (life: Life): Effect.Effect<void> => {
      lives.set(life.runId, life)
      const watch = Effect.map(life.end, ({ _tag }) => {
        if (lives.get(life.runId) !== life) return
        lives.delete(life.runId)
        if (_tag === "lost") given.set(life.runId, life.fence)
      })
      return Effect.asVoid(Effect.forkDetach(watch, { startImmediately: true }))
    }

    const beginHere = (row: RunRow | { readonly id: string; readonly origin: string; readonly fence: number }, registered: Registered, input: unknown, context: Context.Context<never>, past = noPast) =>
      Effect.tap(begin({ runId: row.id, fence: Number(row.fence), origin: row.origin, registered, input, past, core, writer, context, isExpired }), keep)

    /** A connection that is dead gives no error for a quarter of an hour. */
    const limited = <A, E>(self: Effect.Effect<A, E>): Effect.Effect<A, E | Cause.TimeoutError> => (database.dialect === "pg" ? inTime(settings.lease)(self) : self)

    /** Runs that are about to be carried out here. */
    const arriving = new Set<string>()
    const whileArriving = <A, E, R>(id: string, self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
      Effect.suspend(() => {
        arriving.add(id)
        return Effect.ensuring(self, Effect.sync(() => arriving.delete(id)))
      })

    /** Goes on with a run that this worker owns. */
    const take = (row: RunRow): Effect.Effect<void> => whileArriving(row.id, takeOwn(row))
    const takeOwn = (row: RunRow): Effect.Effect<void> =>
      Effect.gen(function* () {
        const registered = yield* registry.get({ name: row.plan, version: row.plan_version })
        const { plan } = registered
        const end = (status: string, reason: string) => writer.end({ run: row.id, fence: Number(row.fence), status, reason, result: null })
        const past = yield* limited(reads.past(row))
        telemetry.runClaimed(services, past.told.next > 0)
        if (Number(row.deaths) > settings.maxDeaths) {
          // What is stored had ended, whether that was told or not.
          const stored = new Set(Array.from(past.units.values(), ({ kind, value }): unknown => (kind === "task" ? JSON.parse(value).taskId : undefined)))
          const running = underWay(past.told.marks).filter((id) => !stored.has(id))
          const what = running.length === 0 ? "before any other of its tasks had told that it started" : `while these of its tasks were under way: ${running.join(", ")}`
          yield* end("deadLetter", `${Number(row.deaths)} workers in a row died with it without getting any further, ${what}`)
          return
        }
        const decoded = yield* Effect.result(Schema.decodeEffect(inputCodec(plan))(row.input))
        if (decoded._tag === "Failure") {
          yield* end("planChanged", `its input does not fit the schema of the plan: ${decoded.failure.message}`)
          return
        }
        const input = decoded.success
        const given = plan.inputSchema === undefined ? undefined : input
        const shape = yield* outline(plan, given)
        const different = differences(JSON.parse(row.shape), shape)
        if (different.length > 0) {
          yield* end("planChanged", different.join("; "))
          return
        }
        const { accounts, concurrency, deadline, given: kinds, tags } = optionsOf(row)
        const now = yield* Clock.currentTimeMillis
        // What was handed in got no time of its own: it has what its first worker gave to every run.
        const until = deadline ?? (settings.runTimeout === undefined || row.begun === null ? undefined : Number(row.begun) + settings.runTimeout)
        const configured = Run.configure({
          userId: row.user_id,
          tags,
          priority: Number(row.priority),
          concurrency,
          timeout: until === undefined ? undefined : Math.max(1, until - now)
        })
        const placed = yield* Effect.context<never>().pipe(configured, Journal.within(accounts), Effect.provideContext(registered.services))
        // It may have been cut off since it claimed this one, and be back: others have it by now, or will.
        if (lease.worker() !== row.owner || isExpired()) return
        // Or have been told to stop.
        if (lease.state() !== "active") {
          yield* writer.end({ run: row.id, fence: Number(row.fence), status: "queued", reason: null, result: null })
          return
        }
        const context = kinds === undefined ? placed : yield* Effect.context<never>().pipe(SideEffect.withGiven(kinds), Effect.provideContext(placed))
        const life = yield* beginHere(row, registered, given, context, past)
        if (Number(row.cancel) === 1) yield* Effect.forkDetach(life.handle.cancel, { startImmediately: true })
      }).pipe(
        Effect.catchCause((cause) => {
          if (Cause.hasInterruptsOnly(cause)) return Effect.interrupt
          const problem = Cause.squash(cause)
          // A database that did not answer says nothing of the run.
          const end = isSqlError(problem) || Cause.isTimeoutError(problem) ? { status: "queued", reason: null } : { status: "deadLetter", reason: `it could not be gone on with: ${String(problem)}` }
          return Effect.andThen(
            Effect.logError(`The run ${row.id} could not be gone on with`, cause),
            Effect.asVoid(writer.end({ run: row.id, fence: Number(row.fence), ...end, result: null }))
          )
        })
      )

    const waiting = () => Array.from(lives.values()).filter(({ isWaiting }) => isWaiting()).length
    /** Those that only wait take nothing but memory. They are counted where that makes a difference. */
    const roomFor = (runs: number) => (runs < settings.maxRuns ? settings.maxRuns - runs : settings.maxRuns + Math.min(waiting(), settings.maxWaiting) - runs)

    let ownedAt = millis()
    /** Lives that were given up here, by run: what ends those runs is on its way. */
    const given = new Map<string, number>()
    /** A claim may have been committed and its answer lost: nobody else would ever take such a run. Looked for after a failure, and now and then. */
    const reclaim: Effect.Effect<void, SqlError | Cause.TimeoutError> = Effect.suspend(() => {
      if (lease.state() !== "active" || millis() - ownedAt < settings.lease) return Effect.void
      ownedAt = millis()
      return Effect.gen(function* () {
        const owned = new Map((yield* limited(claims.owned(lease.worker()))).map(({ fence, id }) => [id, Number(fence)]))
        for (const [id, fence] of given) if (owned.get(id) !== fence) given.delete(id)
        const left = Array.from(owned.keys()).filter((id) => !lives.has(id) && !arriving.has(id) && !given.has(id))
        yield* Effect.forEach(
          left,
          (id) => Effect.flatMap(limited(reads.run(id)), (row) => (row === undefined || row.owner !== lease.worker() || lives.has(id) || arriving.has(id) ? Effect.void : take(row))),
          { concurrency: readAtOnce, discard: true }
        )
      })
    })

    const look: Effect.Effect<void, SqlError | Cause.TimeoutError> = Effect.suspend(() => {
      if (lease.state() !== "active") return Effect.void
      const room = Math.min(roomFor(lives.size), takenAtOnce)
      if (room <= 0) return Effect.void
      const claimed = Effect.onError(limited(claims.claim(lease.worker(), registry.keys, room)), () => Effect.sync(() => void (ownedAt = -Infinity)))
      return Effect.flatMap(claimed, (rows) => {
        const taken = Effect.forEach(rows, take, { concurrency: readAtOnce, discard: true })
        return rows.length < room ? taken : Effect.andThen(taken, look)
      })
    })

    const cancelled = Effect.flatMap(Effect.suspend(() => limited(claims.cancelled(lease.worker()))), (ids) =>
      Effect.forEach(
        ids,
        (id) => {
          const life = lives.get(id)
          return life === undefined ? Effect.void : Effect.forkDetach(life.handle.cancel, { startImmediately: true })
        },
        { discard: true }
      )
    )

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
        yield* unlessFailed("Runs could not be looked for", Effect.all([cancelled, limited(claims.bury), reclaim, look], { discard: true }))
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
      const all = Array.from(lives.values())
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
          const here = lives.get(runId)
          const beginNew = whileArriving(runId, beginHere({ id: runId, origin: runId, fence: 1 }, registered, input, Context.merge(registered.services, context)))
          // Whoever waits for the end of a run whose id nobody else has needs no word that it has begun.
          if (!acknowledged && isAtWork() && id === undefined && !context.mapUnsafe.has(Run.IdGenerator.key)) {
            writer.startLazily(record)
            return handleOf(yield* beginNew)
          }
          const begun = Effect.gen(function* () {
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
          return yield* whileArriving(runId, begun)
        })
      )

    return {
      registry,
      writer,
      start,
      enqueue: (run) => writer.start(recordOf(run, null)),
      begin: beginning,
      nudge: Effect.sync(() => wake?.()),
      standing: Effect.sync(() => ({ worker: lease.worker(), state: lease.state(), leaseMillis: lease.leftMillis(), runs: lives.size, waiting: waiting(), plans: registry.names })),
      drain
    }
  })

import * as Journal from "@aria/orchestrator-core/Journal"
import type * as Orchestrator from "@aria/orchestrator-core/Orchestrator"
import type * as Plan from "@aria/orchestrator-core/Plan"
import { InvalidPlanError, outline } from "@aria/orchestrator-core/Plan"
import * as Run from "@aria/orchestrator-core/Run"
import type * as RunResult from "@aria/orchestrator-core/RunResult"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import * as Schema from "effect/Schema"
import { createHash } from "node:crypto"
import { type PlanNotRegisteredError, RunConflictError } from "../ClusterError.ts"
import { makeClaims } from "./claims.ts"
import type { Database } from "./database.ts"
import { begin, type Life, type LifeEnd, noPast } from "./life.ts"
import { live, millis } from "./liveClock.ts"
import { makeReads, optionsOf, type RunRow } from "./reads.ts"
import { underWay } from "./recorder.ts"
import { inputCodec, type Registered, Registry } from "./registry.ts"
import type { RunOptions } from "./runOptions.ts"
import type { StoreHandles } from "./storeHandle.ts"
import * as telemetry from "./telemetry.ts"
import { make as makeWriter, type Writer } from "./writer.ts"

/** How a worker behaves; times in milliseconds. */
export interface Settings {
  readonly lease: number
  readonly poll: number
  readonly drain: number
  readonly maxRuns: number
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
  readonly plans: ReadonlyArray<string>
}

export interface Member {
  readonly registry: Registry
  readonly writer: Writer
  /** `acknowledged` where the caller is told before the run has ended: it is stored by then. */
  readonly start: (plan: Plan.Any, input: unknown, acknowledged: boolean) => Effect.Effect<Orchestrator.RunHandle<any, any>, InvalidPlanError | PlanNotRegisteredError | RunConflictError>
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

export interface NewRun {
  readonly id: string
  readonly plan: Plan.Any
  readonly input: string
  readonly shape: ReadonlyArray<string>
  readonly userId: string
  readonly priority: number
  readonly options: Omit<RunOptions, "token">
  readonly origin?: string | undefined
  readonly forkedFrom?: string | undefined
}

export const hashOf = (text: string): string => createHash("sha256").update(text).digest("hex")

const recordOf = ({ forkedFrom, id, input, options, origin, plan, priority, shape, userId }: NewRun, owner: string | null) =>
  ({
    id,
    plan: plan.name,
    plan_version: plan.version,
    shape: JSON.stringify(shape),
    input,
    input_hash: hashOf(input),
    user_id: userId,
    priority,
    options: JSON.stringify({ ...options, token: crypto.randomUUID() } satisfies RunOptions),
    origin: origin ?? id,
    forked_from: forkedFrom ?? null,
    status: owner === null ? "queued" : "running",
    owner
  }) as const

/** What differs between two shapes of a plan, as sentences. */
export const differences = (stored: ReadonlyArray<string>, now: ReadonlyArray<string>): ReadonlyArray<string> => {
  const gone = stored.filter((line) => !now.includes(line)).map((line) => `it had the task "${line}"`)
  const come = now.filter((line) => !stored.includes(line)).map((line) => `it has the task "${line}" now`)
  return gone.length + come.length > 0 || stored.join("\n") === now.join("\n") ? [...gone, ...come] : ["its tasks are in another order"]
}

export const make = (database: Database, core: Orchestrator.Orchestrator["Service"], settings: Settings, storeHandles: (registry: Registry) => StoreHandles): Effect.Effect<Member, never, Scope.Scope> =>
  Effect.gen(function* () {
    const registry = new Registry()
    const reads = makeReads(database)
    const claims = makeClaims(database)
    const services = yield* Effect.context<never>()
    const handles = storeHandles(registry)
    const lives = new Map<string, Life>()
    const drained = yield* Deferred.make<void>()
    let worker: string = crypto.randomUUID()
    let state: Standing["state"] = "active"
    let validUntil = millis() + settings.lease
    const isExpired = () => settings.isWorker && millis() > validUntil

    // A database that is away for a moment is asked again; one that is away for longer ends the lease.
    const writer = yield* makeWriter(database, (error) => Effect.andThen(Effect.andThen(Effect.sync(() => telemetry.failed(services, "batch")), Effect.logWarning(`Runs could not be stored, trying again: ${error.message}`)), live(Effect.sleep(settings.poll / 5))))

    const renew = Effect.suspend(() => {
      const asked = millis()
      return Effect.map(claims.renew(worker, settings.lease, state === "draining" ? "draining" : "active", settings.name), () => {
        validUntil = asked + settings.lease
      })
    })

    /** Others may carry out what was carried out here: nothing of it goes on, and this worker is another one from here on. */
    const cutOff = Effect.suspend(() => {
      const all = Array.from(lives.values())
      lives.clear()
      telemetry.runsLost(services, all.length)
      worker = crypto.randomUUID()
      state = "cutOff"
      return Effect.andThen(
        Effect.logWarning(`This worker was cut off from its database for longer than its lease; ${all.length} runs are left to others`),
        Effect.forEach(all, ({ abandon }) => Effect.forkDetach(abandon, { startImmediately: true }), { discard: true })
      )
    })

    const keep = (life: Life): Effect.Effect<void> => {
      lives.set(life.runId, life)
      const watch = Effect.map(life.end, () => {
        if (lives.get(life.runId) === life) lives.delete(life.runId)
      })
      return Effect.asVoid(Effect.forkDetach(watch, { startImmediately: true }))
    }

    const beginHere = (row: RunRow | { readonly id: string; readonly origin: string; readonly fence: number }, registered: Registered, input: unknown, context: Context.Context<never>, past = noPast) =>
      Effect.tap(begin({ runId: row.id, fence: Number(row.fence), origin: row.origin, registered, input, past, core, writer, context, isExpired }), keep)

    /** Goes on with a run that was claimed. */
    const take = (row: RunRow): Effect.Effect<void> =>
      Effect.gen(function* () {
        const registered = yield* registry.get({ name: row.plan, version: row.plan_version })
        const { plan } = registered
        const end = (status: string, reason: string) => writer.end({ run: row.id, fence: Number(row.fence), status, reason, result: null })
        const past = yield* reads.past(row)
        telemetry.runClaimed(services, past.told.next > 0)
        if (Number(row.deaths) > settings.maxDeaths) {
          // What is stored had ended, whether that was told or not.
          const stored = new Set(Array.from(past.units.values(), ({ kind, value }): unknown => (kind === "task" ? JSON.parse(value).taskId : undefined)))
          const running = underWay(past.told.marks).filter((id) => !stored.has(id))
          const what = running.length === 0 ? "before any other of its tasks had told that it started" : `while these of its tasks were under way: ${running.join(", ")}`
          yield* end("deadLetter", `${Number(row.deaths)} workers in a row died with it without getting any further, ${what}`)
          return
        }
        const input = yield* Schema.decodeEffect(inputCodec(plan))(row.input)
        const given = plan.inputSchema === undefined ? undefined : input
        const shape = yield* outline(plan, given)
        const different = differences(JSON.parse(row.shape), shape)
        if (different.length > 0) {
          yield* end("planChanged", different.join("; "))
          return
        }
        const { accounts, concurrency, deadline, tags } = optionsOf(row)
        const now = yield* Clock.currentTimeMillis
        const configured = Run.configure({
          userId: row.user_id,
          tags,
          priority: Number(row.priority),
          concurrency,
          timeout: deadline === undefined ? undefined : Math.max(1, deadline - now)
        })
        const context = yield* Effect.context<never>().pipe(configured, Journal.within(accounts), Effect.provideContext(registered.services))
        const life = yield* beginHere(row, registered, given, context, past)
        if (Number(row.cancel) === 1) yield* Effect.forkDetach(life.handle.cancel, { startImmediately: true })
      }).pipe(
        Effect.catchCause((cause) =>
          Cause.hasInterruptsOnly(cause)
            ? Effect.interrupt
            : Effect.andThen(
                Effect.logError(`The run ${row.id} could not be gone on with`, cause),
                Effect.asVoid(writer.end({ run: row.id, fence: Number(row.fence), status: "deadLetter", reason: `it could not be gone on with: ${String(Cause.squash(cause))}`, result: null }))
              )
        )
      )

    const look = Effect.suspend(() => {
      const room = settings.maxRuns - lives.size
      if (state !== "active" || room <= 0) return Effect.void
      return Effect.flatMap(claims.claim(worker, registry.keys, room), (rows) => Effect.forEach(rows, take, { discard: true }))
    })

    const cancelled = Effect.flatMap(claims.cancelled(worker), (ids) =>
      Effect.forEach(
        ids,
        (id) => {
          const life = lives.get(id)
          return life === undefined ? Effect.void : Effect.forkDetach(life.handle.cancel, { startImmediately: true })
        },
        { discard: true }
      )
    )

    const unlessFailed = (what: string, self: Effect.Effect<unknown, { readonly message: string }>): Effect.Effect<void> =>
      Effect.catchCause(Effect.asVoid(self), (cause) => (Cause.hasInterruptsOnly(cause) ? Effect.interrupt : Effect.logWarning(`${what}: ${Cause.pretty(cause)}`)))

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
        yield* unlessFailed("Runs could not be looked for", Effect.all([cancelled, claims.bury, look], { discard: true }))
        yield* tick
      })
    )
    const pulse = Effect.forever(
      Effect.gen(function* () {
        yield* live(Effect.sleep(settings.lease / 4))
        // Whoever was frozen for longer than the lease finds out before it says that it is alive.
        if (isExpired() && state !== "draining") yield* cutOff
        const renewed = Effect.tapError(Effect.timeout(renew, settings.lease).pipe(live), () => Effect.sync(() => telemetry.failed(services, "lease")))
        yield* unlessFailed("The lease of this worker could not be renewed", renewed)
        if (state === "cutOff" && !isExpired()) state = "active"
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
      if (state === "draining") return Deferred.await(drained)
      state = "draining"
      const all = Array.from(lives.values())
      return Effect.gen(function* () {
        yield* live(Effect.timeoutOption(Effect.forEach(all, giveBack, { concurrency: "unbounded", discard: true }), settings.drain + 2 * settings.lease))
        yield* live(Effect.timeoutOption(writer.drained, settings.lease))
        yield* unlessFailed("This worker could not give back its runs; others take them when its lease ends", live(Effect.timeout(claims.leave(worker), settings.lease)))
      }).pipe(Effect.ensuring(Deferred.succeed(drained, undefined)))
    })

    const scope = yield* Effect.scope
    const beginning = Effect.gen(function* () {
      if (!settings.isWorker) return
      yield* unlessFailed("The lease of this worker could not be begun", Effect.andThen(renew, claims.forget))
      yield* Effect.forkIn(pulse, scope, { startImmediately: true })
      yield* Effect.forkIn(rounds, scope, { startImmediately: true })
      yield* Scope.addFinalizer(scope, Effect.uninterruptible(drain))
    })

    const handleOf = (life: Life): Orchestrator.RunHandle<any, any> => {
      const { handle, runId } = life
      const follow = (end: LifeEnd): Effect.Effect<RunResult.RunResult<any, any>> =>
        end._tag === "ended" ? Effect.succeed(end.result) : end._tag === "changed" ? Effect.die(end.error) : handles.of(runId).await
      const wait = Effect.flatMap(life.end, follow)
      return { runId, await: wait, cancel: Effect.andThen(handle.cancel, wait), events: handle.events }
    }

    const start: Member["start"] = (plan, input, acknowledged) =>
      Effect.contextWith((context: Context.Context<never>) =>
        Effect.gen(function* () {
          const registered: Registered = { ...(yield* registry.get(plan)), plan }
          const shape = yield* outline(plan, input)
          const text = yield* encodeInput(plan, input)
          const { concurrency, id, priority, tags, timeout, userId } = Context.get(context, Run.Configured)
          const runId = id ?? (yield* Context.get(context, Run.IdGenerator))
          const now = yield* Clock.currentTimeMillis
          const timeouts = [timeout === undefined ? undefined : Duration.toMillis(timeout), settings.runTimeout].filter((one) => one !== undefined)
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
                deadline: timeouts.length === 0 ? undefined : now + Math.min(...timeouts),
                accounts: (yield* Journal.accounts).filter(({ owner }) => owner === "region")
              }
            },
            settings.isWorker ? worker : null
          )
          const here = lives.get(runId)
          // Whoever waits for the end of a run whose id nobody else has needs no word that it has begun.
          if (!acknowledged && settings.isWorker && id === undefined && !context.mapUnsafe.has(Run.IdGenerator.key)) {
            writer.startLazily(record)
            return handleOf(yield* beginHere({ id: runId, origin: runId, fence: 1 }, registered, input, Context.merge(registered.services, context)))
          }
          const isNew = here === undefined && (yield* writer.start(record))
          if (!isNew) {
            yield* sameRun(runId, record)
            return here === undefined ? handles.of(runId, plan) : handleOf(here)
          }
          if (!settings.isWorker) return handles.of(runId, plan)
          return handleOf(yield* beginHere({ id: runId, origin: runId, fence: 1 }, registered, input, Context.merge(registered.services, context)))
        })
      )

    const sameRun = (runId: string, record: { readonly plan: string; readonly plan_version: string; readonly input: string; readonly input_hash: string }): Effect.Effect<void, RunConflictError> =>
      Effect.gen(function* () {
        const row = yield* Effect.orDie(reads.run(runId))
        const conflict = (differs: "plan" | "version" | "input", stored: string, received: string) => new RunConflictError({ runId, differs, stored, received })
        if (row === undefined) return
        if (row.plan !== record.plan) return yield* conflict("plan", row.plan, record.plan)
        if (row.plan_version !== record.plan_version) return yield* conflict("version", row.plan_version, record.plan_version)
        if (row.input_hash !== record.input_hash) return yield* conflict("input", short(row.input), short(record.input))
      })

    return {
      registry,
      writer,
      start,
      enqueue: (run) => writer.start(recordOf(run, null)),
      begin: beginning,
      nudge: Effect.sync(() => wake?.()),
      standing: Effect.sync(() => ({ worker, state, leaseMillis: settings.isWorker ? validUntil - millis() : Infinity, runs: lives.size, plans: registry.names })),
      drain
    }
  })

const short = (text: string): string => (text.length <= 200 ? text : `${text.slice(0, 200)}…`)

/** An input that has no JSON is refused before anything starts. */
export const encodeInput = (plan: Plan.Any, input: unknown): Effect.Effect<string, InvalidPlanError> =>
  Effect.gen(function* () {
    const { inputSchema } = plan
    const refuse = (message: string) => new InvalidPlanError({ plan: plan.name, issues: [{ path: ["input"], message }] })
    if (inputSchema === undefined) return "null"
    const exit = yield* Effect.exit(Effect.flatMap(inputSchema.makeEffect(input) as Effect.Effect<unknown, unknown>, (value) => Schema.encodeEffect(inputCodec(plan))(value)))
    if (Exit.isSuccess(exit)) return exit.value
    return yield* refuse(`it cannot be stored as JSON: ${String(Cause.squash(exit.cause))}`)
  })

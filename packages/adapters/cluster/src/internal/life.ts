import { BudgetExceededError } from "@aria/orchestrator-core/Budget"
import * as Journal from "@aria/orchestrator-core/Journal"
import type * as Orchestrator from "@aria/orchestrator-core/Orchestrator"
import * as Run from "@aria/orchestrator-core/Run"
import type * as RunResult from "@aria/orchestrator-core/RunResult"
import * as Usage from "@aria/orchestrator-core/Usage"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { PlanChangedError } from "../ClusterError.ts"
import { live } from "./liveClock.ts"
import type { NoRoom } from "./records.ts"
import { nothingTold, record, type Told } from "./recorder.ts"
import { type Registered, resultCodec } from "./registry.ts"
import { copied, isFailure, type StoredUnit } from "./storedUnit.ts"
import { above, UnderWay } from "./underWay.ts"
import type { Writer } from "./writer.ts"

/** What earlier lives of a run have left. */
export interface Past {
  readonly units: ReadonlyMap<string, StoredUnit>
  /** By key. */
  readonly spent: ReadonlyMap<string, Usage.Usage>
  readonly told: Told
  /** Of the run that this is a fork of. */
  readonly inherited: ReadonlyMap<string, StoredUnit>
}

export const noPast: Past = { units: new Map(), spent: new Map(), told: nothingTold, inherited: new Map() }

/** How a life on this worker ended: with the run, or without it. */
export type LifeEnd =
  | { readonly _tag: "ended"; readonly result: RunResult.RunResult<any, any> }
  | { readonly _tag: "changed"; readonly error: PlanChangedError }
  | { readonly _tag: "lost" }

/** A run while this worker carries it out. */
export interface Life {
  readonly runId: string
  readonly fence: number
  readonly handle: Orchestrator.RunHandle<any, any>
  readonly end: Effect.Effect<LifeEnd>
  /** Stops it without a trace: somebody else goes on, or will. */
  readonly abandon: Effect.Effect<void>
  /** Starts no further task; done when those that were under way are stored, or only wait for what another worker can wait for as well. */
  readonly rest: Effect.Effect<void>
  /** Whether all that goes on is to wait, for answers and times. */
  readonly isWaiting: () => boolean
}

export interface LifeOptions {
  readonly runId: string
  readonly fence: number
  readonly origin: string
  readonly registered: Registered
  readonly input: unknown
  readonly past: Past
  readonly core: Orchestrator.Orchestrator["Service"]
  readonly writer: Writer
  /** Where it is carried out: of whoever started it, or of the plan as it was registered. */
  readonly context: Context.Context<never>
  /** Whether the worker has been away from its database for longer than its lease. */
  readonly isExpired: () => boolean
}

/** What was spent at each key, with all that is beneath it. */
const totals = (spent: ReadonlyMap<string, Usage.Usage>): ReadonlyMap<string, Usage.Usage> => {
  const sums = new Map<string, Usage.Usage>()
  for (const [key, usage] of spent) {
    const items = Array.from(key.matchAll(/%2F/g), ({ index }) => key.slice(0, index + 3))
    for (const at of new Set(["", ...above(key), ...items, key])) sums.set(at, Usage.add(sums.get(at) ?? Usage.zero, usage))
  }
  return sums
}

/** Nested runs have the same id in every life: it is made of where they are. Whoever has a generator keeps it. */
const nestedIds = (context: Context.Context<never>): Context.Context<never> => {
  if (context.mapUnsafe.has(Run.IdGenerator.key)) return context
  const counts = new Map<string, number>()
  const nested = Effect.map(Run.Current, (info) => {
    if (Option.isNone(info)) return crypto.randomUUID()
    const place = [info.value.rootRunId, ...info.value.path].join("/")
    const count = (counts.get(place) ?? 0) + 1
    counts.set(place, count)
    return count === 1 ? place : `${place}#${count}`
  })
  return Context.add(context, Run.IdGenerator, nested)
}

const refusalOf = ({ account, dimension, held, used }: NoRoom, requested: Usage.Usage): BudgetExceededError =>
  new BudgetExceededError({
    owner: account.owner,
    scope: account.name,
    dimension,
    limit: account.limits[dimension] ?? Infinity,
    used,
    held,
    requested: requested[dimension]
  })

/** The services of the plan are in the context, as its registration has checked. */
const startIn = (core: Orchestrator.Orchestrator["Service"], plan: Registered["plan"], input: unknown): Effect.Effect<Orchestrator.RunHandle<any, any>, unknown> =>
  (core.start as any)(plan, input)

/** How long whoever waits for room that other workers hold looks away. */
const lookAgainMillis = 200

/** Left by interruption only, and always. */
const gone: Effect.Effect<never> = Effect.interruptible(Effect.never)

/** Begins to carry out a run. Its input was checked before. */
export const begin = (options: LifeOptions): Effect.Effect<Life> =>
  Effect.gen(function* () {
    const { core, fence, origin, past, registered, runId, writer } = options
    const { plan } = registered
    const ended = yield* Deferred.make<LifeEnd>()
    const spent = totals(past.spent)
    const reached = new Set([...past.units.keys(), ...past.spent.keys()].flatMap(above))
    let isAbandoned = false
    /** Those who wait for something to be written. */
    const waiting = new Set<() => void>()
    const isLost = () => isAbandoned || options.isExpired()
    const underWay = new UnderWay()
    /** Steps that succeeded in this life: another attempt of the task does not do them again. */
    const steps = new Map<string, string>()
    /** Steps whose failure in an earlier life was given once: another attempt does them again. */
    const failed = new Set<string>()
    let handle: Orchestrator.RunHandle<any, any> | undefined

    const abandonWith = (end: LifeEnd) =>
      Effect.suspend(() => {
        isAbandoned = true
        for (const giveUp of Array.from(waiting)) giveUp()
        Deferred.doneUnsafe(ended, Effect.succeed(end))
        // Nobody waits for it here, and not in this very step: the one who finds out may be part of it, and can be ended when it rests.
        return handle === undefined ? Effect.void : Effect.asVoid(Effect.forkDetach(handle.cancel))
      })
    const lost = Effect.suspend(() => Effect.andThen(abandonWith({ _tag: "lost" }), gone))
    /** What is handed in is not waited for any longer than the run is carried out here, by those either that nobody can interrupt. */
    const orAbandoned = <A>(written: Effect.Effect<A>, instead: A): Effect.Effect<A> =>
      Effect.callback<A>((resume) => {
        const giveUp = () => answer(Effect.succeed(instead))
        const answer = (value: Effect.Effect<A>) => {
          waiting.delete(giveUp)
          resume(value)
        }
        waiting.add(giveUp)
        Effect.runForkWith(options.context)(written).addObserver(answer)
        if (isAbandoned) giveUp()
      })
    const changed = (difference: string) =>
      Effect.suspend(() => {
        const error = new PlanChangedError({ runId, plan: plan.name, version: plan.version, differences: [difference] })
        return Effect.andThen(
          isLost() ? Effect.void : writer.end({ run: runId, fence, status: "planChanged", reason: difference, result: null }),
          Effect.andThen(abandonWith({ _tag: "changed", error }), gone)
        )
      })

    const store = (unit: Journal.Unit, value: string): Effect.Effect<string> =>
      Effect.suspend(() => {
        const record = { run: runId, fence, key: unit.key, kind: unit.kind, hash: unit.hash ?? null, value }
        if (unit.isAwaited) return Effect.flatMap(orAbandoned(writer.unit(record), false), (isOurs) => (isOurs ? Effect.succeed(value) : lost))
        writer.unitLazily(record, () => Effect.runFork(abandonWith({ _tag: "lost" })))
        return Effect.succeed(value)
      })

    const unit: Journal.Journal["unit"] = (unit, effect) =>
      Effect.suspend(() => {
        const { hash, key, kind } = unit
        if (isLost()) return gone
        const own = steps.get(key)
        if (own !== undefined) return Effect.succeed(own)
        const known = failed.has(key) ? undefined : past.units.get(key)
        if (known !== undefined) {
          if (kind === "step" && isFailure(known)) failed.add(key)
          if (hash === undefined || known.hash === null || known.hash === hash) {
            return unit.fits(known.value) ? Effect.succeed(known.value) : changed(`what is stored of the ${kind} ${key} does not fit its schema: that has changed, and the version has not`)
          }
          return changed(
            kind === "decision"
              ? `the function behind ${key} decides otherwise than it did: ${known.value} is stored`
              : `the ${kind} ${key} is stored for another agent, version, policy version or payload`
          )
        }
        if (kind === "task") {
          const other = past.inherited.get(key)
          if (other !== undefined && other.hash === hash) {
            const copy = copied(other)
            if (copy !== undefined && unit.fits(copy)) return store(unit, copy)
          }
          if (underWay.isResting) {
            underWay.leaveOut(key)
            return gone
          }
          underWay.begin(key)
        }
        const stored = Effect.flatMap(effect, (value) => (isLost() ? gone : store(unit, value)))
        if (kind === "step") {
          return Effect.tap(stored, (value) =>
            Effect.sync(() => {
              if (!isFailure({ kind, hash: null, value })) steps.set(key, value)
            })
          )
        }
        if (kind !== "task") return stored
        return Effect.onExit(stored, () => Effect.sync(() => underWay.end(key)))
      })

    const reserve: Journal.Journal["reserve"] = ({ accounts, isPatient, key, worst }) => {
      const id = crypto.randomUUID()
      let isOpen = false
      const write = Effect.suspend(() => (isLost() ? Effect.succeed("lost" as const) : orAbandoned(writer.spend({ run: runId, fence, id, key, state: "open", accounts, usage: worst }), "lost" as const)))
      const attempt: Effect.Effect<void, BudgetExceededError> = Effect.flatMap(Effect.uninterruptible(Effect.tap(write, (answer) => Effect.sync(() => void (isOpen = answer === "written")))), (answer) => {
        if (answer === "written") return Effect.void
        if (answer === "lost") return lost
        if (answer.isFinal || !isPatient) return Effect.fail(refusalOf(answer, worst))
        return Effect.andThen(Run.waiting("budget")(live(Effect.sleep(lookAgainMillis))), attempt)
      })
      const settle = (usage: Usage.Usage | undefined) => {
        if (isOpen && !isLost()) writer.settle({ id, accounts, reserved: worst, usage })
        isOpen = false
      }
      return { acquire: attempt, settle, release: () => settle(undefined) }
    }

    const journal: Journal.Journal = {
      origin,
      unit,
      known: (key) => past.units.get(key)?.value,
      isReached: (key) => reached.has(key),
      waits: (key) => underWay.wait(key),
      spent: (key) => spent.get(key) ?? Usage.zero,
      reserve,
      charge: ({ accounts, key, usage }) =>
        Effect.suspend(() => {
          if (isLost()) return gone
          const id = crypto.randomUUID()
          return Effect.flatMap(orAbandoned(writer.spend({ run: runId, fence, id, key, state: "settled", accounts, usage }), "lost" as const), (answer) =>
            answer === "lost" ? lost : Effect.void
          )
        })
    }

    const context = Context.add(nestedIds(options.context), Journal.Current, journal)
    const started: Orchestrator.RunHandle<any, any> = yield* startIn(core, registered.plan, options.input).pipe(Run.configure({ id: runId }), Effect.orDie, Effect.provideContext(context))
    handle = started
    if (isLost()) yield* Effect.forkDetach(started.cancel, { startImmediately: true })

    const finish = Effect.gen(function* () {
      const recording = yield* Effect.forkChild(record(started.events, { run: runId, fence }, past.told, writer, isLost), { startImmediately: true })
      const result = yield* started.await
      if (isLost()) return
      const tellEnd = yield* Fiber.join(recording)
      const text = yield* Effect.orDie(Schema.encodeEffect(resultCodec(plan))(result))
      if (isLost()) return
      // How it ended is told with its end, all or nothing.
      const isOurs = yield* Effect.suspend(() => {
        tellEnd()
        return writer.end({ run: runId, fence, status: statusOf(result), reason: null, result: text })
      })
      Deferred.doneUnsafe(ended, Effect.succeed(isOurs ? { _tag: "ended", result } : { _tag: "lost" }))
    })
    yield* Effect.forkDetach(finish, { startImmediately: true })

    return {
      runId,
      fence,
      handle: started,
      end: Deferred.await(ended),
      abandon: Effect.andThen(abandonWith({ _tag: "lost" }), Effect.asVoid(started.await)),
      rest: underWay.rest,
      isWaiting: () => underWay.isWaiting()
    }
  })

/** Whether a failure says that nobody can tell whether something was done outside. */
const isDoubtful = (error: unknown): boolean =>
  typeof error === "object" && error !== null && (("_tag" in error && error._tag === "SideEffectUnknownError") || ("ambiguous" in error && error.ambiguous === true))

const leavesDoubt = ({ results }: RunResult.RunResult<unknown, unknown>): boolean =>
  results.some((outcome) => (outcome._tag === "failed" && isDoubtful(outcome.error)) || ("run" in outcome && outcome.run !== undefined && leavesDoubt(outcome.run)))

/** Runs that somebody has to look at are told from those that are done. */
const statusOf = (result: RunResult.RunResult<unknown, unknown>): string => {
  if (leavesDoubt(result)) return "needsDecision"
  if (result.allSucceeded) return "succeeded"
  const isStopped = result.results.some((outcome) => outcome._tag === "cancelled" || (outcome._tag === "skipped" && outcome.reason._tag === "Stopped"))
  return isStopped && !result.results.some((outcome) => outcome._tag === "failed" || outcome._tag === "timedOut") ? "cancelled" : "failed"
}

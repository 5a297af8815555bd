/**
 * What may be spent. `Budget.limit` puts a limit around any effect, `Budget.reserve` asks before a call is made.
 *
 * Regions nest: a call counts in every region around it, in its task, its run, its user and its orchestrator, and is
 * made only when all of them have room. At every instant `used + held <= limit + overrun`, where `overrun` is what a
 * provider reported beyond its reservation.
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Context from "effect/Context"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { amountsOf, limitsOf } from "./internal/amounts.ts"
import { type BudgetNode, boundary, child, Current, isClosed } from "./internal/budgetNode.ts"
import { holdOf, storeCharge } from "./internal/holds.ts"
import { isCount } from "./internal/limits.ts"
import type { Hold } from "./Journal.ts"
import * as ledgers from "./internal/ledger.ts"
import { Hooks } from "./internal/hooks.ts"
import * as telemetry from "./internal/telemetry.ts"
import * as Usage from "./Usage.ts"

/**
 * What may be spent at most; what is left out is not limited. Tokens and calls are whole numbers from 1, `usd` is an
 * amount in US dollars from 0.000001.
 *
 * @category models
 * @since 0.1.0
 */
export const Limits = Schema.Struct({
  tokens: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThanOrEqualTo(1))),
  calls: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThanOrEqualTo(1))),
  usd: Schema.optionalKey(Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0.000001)))
})
/**
 * @category models
 * @since 0.1.0
 */
export interface Limits {
  readonly tokens?: number | undefined
  readonly calls?: number | undefined
  readonly usd?: number | undefined
}

/**
 * A limit, cap or count that nothing could be run with: 0, negative, not finite, or not whole where it must be.
 *
 * @category errors
 * @since 0.1.0
 */
export class InvalidLimitError extends Schema.TaggedError<InvalidLimitError>()("InvalidLimitError", {
  /** Which setting, as the caller wrote it. */
  name: Schema.String,
  received: Schema.String,
  allowed: Schema.String
}) {
  override get message(): string {
    return `${this.name} was ${this.received}; allowed is ${this.allowed}`
  }
}

/**
 * A call that was refused because a limit would have been passed. It was not made.
 *
 * @category errors
 * @since 0.1.0
 */
export class BudgetExceededError extends Schema.TaggedError<BudgetExceededError>()("BudgetExceededError", {
  /** What owns the limit. */
  owner: Schema.Literals(["region", "call", "task", "run", "user", "orchestrator"]),
  /** The name of the owner: of the region, the task id, the run id, the user id. */
  name: Schema.String,
  dimension: Schema.Literals(["tokens", "calls", "usd"]),
  limit: Schema.Finite,
  used: Schema.Finite,
  /** Reserved by calls in flight. */
  held: Schema.Finite,
  requested: Schema.Finite
}) {
  override get message(): string {
    const { dimension, held, limit, name, owner, requested, used } = this
    const who = name === "" ? owner : `${owner} "${name}"`
    const help = requested > limit ? "one call may take more than all of it: raise the limit, or bound the call, as by fewer output tokens" : "raise the limit, or spend less before"
    return `The budget of the ${who} is ${limit} ${dimension}: ${used} used and ${held} held, ${requested} more were asked for; ${help}`
  }
}

/**
 * The most that one call can take: what is reserved before it is made. `tokens` stands for input and output together
 * where they are not known apart.
 *
 * @category models
 * @since 0.1.0
 */
export interface Request {
  readonly tokens?: number | undefined
  readonly inputTokens?: number | undefined
  readonly outputTokens?: number | undefined
  readonly calls?: number | undefined
  readonly usd?: number | undefined
}

/**
 * A reservation that was admitted. It is settled or released once; where nobody does it, it settles at the reserved
 * amount, because a call whose answer was lost may have been charged.
 *
 * @category models
 * @since 0.1.0
 */
export interface Reservation {
  /** Records what the provider reported; what goes beyond the reservation is overrun, and refuses what follows. */
  readonly settle: (usage: Usage.Input) => Effect.Effect<void>
  /** Gives the whole reservation back: only for a request that was provably not sent. */
  readonly release: Effect.Effect<void>
}

/**
 * How one ledger stands; what a region is when it leaves the process.
 *
 * @category models
 * @since 0.1.0
 */
export class LedgerState extends Schema.Class<LedgerState>("@aria/orchestrator-core/Budget/LedgerState")({
  owner: Schema.Literals(["region", "call", "task", "run", "user", "orchestrator"]),
  name: Schema.String,
  limits: Limits,
  usage: Usage.Usage,
  held: Schema.Struct({ tokens: Schema.Natural, calls: Schema.Natural, usd: Schema.Finite }),
  overrun: Schema.Struct({ tokens: Schema.Natural, calls: Schema.Natural, usd: Schema.Finite })
}) {}

/**
 * The limits, or an `InvalidLimitError` that names the field.
 *
 * @category validation
 * @since 0.1.0
 */
export const validate = (limits: Limits, name = "Budget.limit"): Effect.Effect<Limits, InvalidLimitError> => {
  for (const field of ["tokens", "calls"] as const) {
    const value = limits[field]
    if (value !== undefined && !isCount(value)) {
      return Effect.fail(new InvalidLimitError({ name: `${name}: ${field}`, received: String(value), allowed: "a whole number from 1" }))
    }
  }
  const { usd } = limits
  if (usd !== undefined && !(Number.isFinite(usd) && usd >= 0.000001)) {
    return Effect.fail(
      new InvalidLimitError({
        name: `${name}: usd`,
        received: String(usd),
        allowed: "a finite amount in US dollars from 0.000001"
      })
    )
  }
  return Effect.succeed(limits)
}

const inUnit = (dimension: ledgers.Dimension, amount: number): number => (dimension === "microUsd" ? amount / 1_000_000 : amount)

const exceeded = ({ dimension, ledger }: ledgers.Refusal, requested: ledgers.Amounts): BudgetExceededError =>
  new BudgetExceededError({
    owner: ledger.kind,
    name: ledger.name,
    dimension: dimension === "microUsd" ? "usd" : dimension,
    limit: inUnit(dimension, ledger.limit[dimension]),
    used: inUnit(dimension, ledger.used[dimension]),
    held: inUnit(dimension, ledger.held[dimension]),
    requested: inUnit(dimension, requested[dimension])
  })

/**
 * Runs an effect inside a limit. A call that would pass it is refused: the effect is interrupted, its finalizers run,
 * and the region fails with `BudgetExceededError`. Inside a run a refusal by an outer region ends the task that asked,
 * so that the run keeps what other tasks have done.
 *
 * @example
 * ```ts
 * const cheap = program.pipe(Budget.limit({ tokens: 200_000, usd: 2.5 }))
 * ```
 *
 * @category regions
 * @since 0.1.0
 */
export const limit =
  (limits: Limits, options?: { readonly name?: string | undefined }) =>
  <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E | BudgetExceededError | InvalidLimitError, R> =>
    Effect.flatMap(validate(limits), () =>
      Effect.contextWith((context: Context.Context<R>) => {
        const ledger = new ledgers.Ledger("region", options?.name ?? "", amountsOf(limits))
        const node = child(Context.get(context, Current), ledger)
        return Effect.callback<A, E | BudgetExceededError>((resume) => {
          let refused: BudgetExceededError | undefined
          let fiber: Fiber.Fiber<A, E> | undefined
          node.end = (error) => {
            refused ??= error
            fiber?.interruptUnsafe()
          }
          fiber = Effect.runForkWith(Context.add(context, Current, node))(self)
          if (refused !== undefined) fiber.interruptUnsafe()
          fiber.addObserver((exit) => {
            node.closed = true
            // What came to its end in the same instant is kept.
            resume(refused === undefined || Exit.isSuccess(exit) ? exit : Exit.fail(refused))
          })
          return Effect.suspend(() => Fiber.interrupt(fiber))
        })
      })
    )

const invalidAmount = (name: string, received: number): Effect.Effect<never> =>
  Effect.die(new InvalidLimitError({ name, received: String(received), allowed: "a finite number that is not negative" }))

/** What is reserved, as amounts and as the usage that it settles at where nothing is reported. */
const reservationOf = (request: Request): { readonly amounts: ledgers.Amounts; readonly worst: Usage.Usage } | Effect.Effect<never> => {
  for (const field of ["tokens", "inputTokens", "outputTokens", "calls", "usd"] as const) {
    const amount = request[field] ?? 0
    if (!(Number.isFinite(amount) && amount >= 0)) return invalidAmount(`Budget.reserve: ${field}`, amount)
  }
  const inputTokens = Math.ceil(request.inputTokens ?? 0)
  const outputTokens = Math.ceil(request.outputTokens ?? 0)
  const tokens = Math.max(Math.ceil(request.tokens ?? 0), inputTokens + outputTokens)
  const worst = Usage.make({
    inputTokens,
    // What is not told apart counts as output, the dearer kind.
    outputTokens: tokens - inputTokens,
    calls: Math.ceil(request.calls ?? 0),
    usd: request.usd ?? 0
  })
  return { amounts: { tokens, calls: worst.calls, microUsd: worst.microUsd }, worst }
}

/** Ends what owns the limit; the caller never hears of it but by being interrupted. */
const refuse = (node: BudgetNode, refusal: ledgers.Refusal, requested: ledgers.Amounts): Effect.Effect<never> =>
  Effect.suspend(() => endOwner(node, exceeded(refusal, requested), refusal.ledger))

/** A refusal that does not come from a ledger of this process ends the task. */
const endOwner = (node: BudgetNode, error: BudgetExceededError, ledger?: ledgers.Ledger): Effect.Effect<never> => {
  const owner = boundary(node, ledger)
  if (owner === undefined) return Effect.die(error)
  owner.end?.(error)
  return gone
}

/** Interruptible even where the caller is not: it is left by interruption only. */
const gone: Effect.Effect<never> = Effect.interruptible(Effect.never)

const open: Reservation = { settle: () => Effect.void, release: Effect.void }

const useReservation = <A, E, R>(
  node: BudgetNode,
  amounts: ledgers.Amounts,
  worst: Usage.Usage,
  hold: Hold | undefined,
  use: (reservation: Reservation) => Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> => Effect.contextWith((services: Context.Context<R>) => {
  let isOpen = true
  telemetry.heldTokens(services, amounts.tokens)
  // Stored before whoever waits is told: what takes its place is stored after it.
  const once = (stored: (hold: Hold) => void, end: () => void) =>
    Effect.sync(() => {
      if (!isOpen) return
      isOpen = false
      telemetry.heldTokens(services, -amounts.tokens)
      if (hold !== undefined) stored(hold)
      end()
    })
  const settle = (usage: Usage.Usage) => once((hold) => hold.settle(usage), () => ledgers.settle(node.ledgers, amounts, usage))
  const reservation: Reservation = {
    settle: (usage) =>
      Effect.suspend(() => {
        // Nonsense throws here, and the reservation stays open: it settles at its worst.
        return settle(Usage.make(usage))
      }),
    release: once((hold) => hold.release(), () => ledgers.release(node.ledgers, amounts))
  }
  const beneath: BudgetNode = { ...node, parent: node, end: undefined, isTask: false, reserved: true }
  return Effect.onExit(Effect.provideService(Effect.suspend(() => use(reservation)), Current, beneath), () => settle(worst))
})

/** Waits in the queue of the ledgers; gives the refusal, or nothing when admitted. */
const waitFor = (node: BudgetNode, amounts: ledgers.Amounts): Effect.Effect<ledgers.Refusal | undefined> =>
  Effect.suspend(() => {
    let state: "waiting" | "admitted" | "refused" = "waiting"
    let waiter: ledgers.Waiter | undefined
    const answer = Effect.callback<ledgers.Refusal | undefined>((resume) => {
      waiter = {
        request: amounts,
        ledgers: node.ledgers,
        settle: (refusal) => {
          state = refusal === undefined ? "admitted" : "refused"
          resume(Effect.succeed(refusal))
        }
      }
      ledgers.enqueue(waiter)
    })
    return Effect.flatMap(Hooks, (hooks) =>
      Effect.onExit(hooks.suspend("budget", answer), (exit) =>
        Effect.sync(() => {
          // Interrupted, be it after the answer and before it was heard: nothing was sent.
          if (Exit.isSuccess(exit)) return
          if (state === "waiting" && waiter !== undefined) ledgers.dequeue(waiter)
          else if (state === "admitted") ledgers.release(node.ledgers, amounts)
        })
      )
    )
  })

/**
 * Reserves the most that a call can take, in all ledgers at once, then makes the call.
 *
 * What can never fit is refused at once; what would fit once others settle waits, first come, first served, without a
 * permit. A refused call is never made and never returns: the region or task ends with `BudgetExceededError`. Beneath
 * an open reservation nothing waits. Outside any region or run it costs nothing and admits everything.
 *
 * @example
 * ```ts
 * Budget.reserve({ inputTokens: 800, outputTokens: 400, calls: 1, usd: 0.01 }, (reservation) =>
 *   Effect.tap(callTheModel, ({ usage }) => reservation.settle(usage))
 * )
 * ```
 *
 * @category reservations
 * @since 0.1.0
 */
export const reserve = <A, E, R>(
  request: Request,
  use: (reservation: Reservation) => Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> =>
  Effect.flatMap(Current, (node) => {
    if (node === undefined) return use(open)
    const wanted = reservationOf(request)
    if (Effect.isEffect(wanted)) return wanted
    const { amounts, worst } = wanted
    return Effect.uninterruptibleMask((restore) =>
      Effect.suspend(() => {
        if (isClosed(node)) return gone
        const admitted = () =>
          restoreInside(restore, node, amounts, worst, !node.reserved, use, (error) => endOwner(node, error))
        const admission = ledgers.request(node.ledgers, amounts, !node.reserved)
        switch (admission._tag) {
          case "admitted":
            return admitted()
          case "refused":
            return refuse(node, admission.refusal, amounts)
          case "wait":
            return Effect.flatMap(restore(waitFor(node, amounts)), (refusal) => {
              if (refusal !== undefined) return refuse(node, refusal, amounts)
              if (!isClosed(node)) return admitted()
              // Its task ended between the answer and here: a fiber that outlived it is not served.
              ledgers.release(node.ledgers, amounts)
              return gone
            })
        }
      })
    )
  })

/** Admitted here; where the run is stored, the reservation is too, before the call is made. */
const restoreInside = <A, E, R, E2>(
  restore: <A2, E2, R2>(effect: Effect.Effect<A2, E2, R2>) => Effect.Effect<A2, E2, R2>,
  node: BudgetNode,
  amounts: ledgers.Amounts,
  worst: Usage.Usage,
  isPatient: boolean,
  use: (reservation: Reservation) => Effect.Effect<A, E, R>,
  refused: (error: BudgetExceededError) => Effect.Effect<never, E2>
): Effect.Effect<A, E | E2, R> =>
  Effect.flatMap(holdOf(node, worst, isPatient), (hold) => {
    const call = useReservation(node, amounts, worst, hold, (reservation) => restore(Effect.suspend(() => use(reservation))))
    if (hold === undefined) return call
    const giveUp = Effect.sync(() => {
      hold.release()
      ledgers.release(node.ledgers, amounts)
    })
    return Effect.matchCauseEffect(restore(hold.acquire), {
      onSuccess: () => (isClosed(node) ? Effect.andThen(giveUp, gone) : call),
      onFailure: (cause) =>
        Effect.andThen(giveUp, Option.match(Cause.findErrorOption(cause), { onNone: () => Effect.failCause(cause as Cause.Cause<never>), onSome: refused }))
    })
  })

/**
 * As `reserve`, for code that adapts (a smaller answer, a cheaper model): it never waits, and where there is no room
 * now it fails with `BudgetExceededError` instead of ending the region.
 *
 * @category reservations
 * @since 0.1.0
 */
export const tryReserve = <A, E, R>(
  request: Request,
  use: (reservation: Reservation) => Effect.Effect<A, E, R>
): Effect.Effect<A, E | BudgetExceededError, R> =>
  Effect.flatMap(Current, (node) => {
    if (node === undefined) return use(open)
    const wanted = reservationOf(request)
    if (Effect.isEffect(wanted)) return wanted
    return Effect.uninterruptibleMask((restore) =>
      Effect.suspend((): Effect.Effect<A, E | BudgetExceededError, R> => {
        if (isClosed(node)) return gone
        const admission = ledgers.request(node.ledgers, wanted.amounts, false)
        return admission._tag === "refused"
          ? Effect.fail(exceeded(admission.refusal, wanted.amounts))
          : restoreInside(restore, node, wanted.amounts, wanted.worst, false, use, (error) => Effect.fail(error))
      })
    )
  })

/**
 * Records what could not be reserved, after the fact. It may overrun a limit once; where a limit was used up before,
 * the usage is recorded and the region or task ends with `BudgetExceededError`.
 *
 * @category reservations
 * @since 0.1.0
 */
export const charge = (usage: Usage.Input): Effect.Effect<void> =>
  Effect.flatMap(Current, (node) =>
    Effect.suspend(() => {
      if (node === undefined) return Effect.void
      const spent = Usage.make(usage)
      const refusal = ledgers.charge(node.ledgers, spent)
      const stored = storeCharge(node, spent)
      return refusal === undefined ? stored : Effect.andThen(stored, refuse(node, refusal, spent))
    })
  )

/**
 * What is left before the tightest limit around here; `Infinity` where there is none. Never negative.
 *
 * @category queries
 * @since 0.1.0
 */
export const remaining: Effect.Effect<{ readonly tokens: number; readonly calls: number; readonly usd: number }> = Effect.map(
  Current,
  (node) => {
    const left = (dimension: ledgers.Dimension) =>
      (node?.ledgers ?? []).reduce(
        (least, { held, limit, used }) => Math.min(least, Math.max(0, limit[dimension] - used[dimension] - held[dimension])),
        Infinity
      )
    return { tokens: left("tokens"), calls: left("calls"), usd: left("microUsd") / 1_000_000 }
  }
)

/** @internal */
export const ledgerState = ({ held, kind, limit, name, overrun, usage }: ledgers.Ledger): LedgerState =>
  new LedgerState({
    owner: kind,
    name,
    limits: limitsOf(limit),
    usage,
    held: { tokens: held.tokens, calls: held.calls, usd: held.microUsd / 1_000_000 },
    overrun: { tokens: overrun.tokens, calls: overrun.calls, usd: overrun.microUsd / 1_000_000 }
  })

/**
 * All ledgers around here as data, innermost first, so that another process can enforce them.
 *
 * @category queries
 * @since 0.1.0
 */
export const capture: Effect.Effect<ReadonlyArray<LedgerState>> = Effect.map(Current, (node) => (node?.ledgers ?? []).map(ledgerState))

/**
 * Where an engine stores what must not run again and must not be paid twice. Engines that outlive a process provide it to the runs they
 * carry out; in memory there is none.
 *
 * @since 0.1.0
 */
import type * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type { BudgetExceededError, Limits } from "./Budget.ts"
import { JournalRef } from "./internal/journal.ts"
import * as regions from "./internal/journalAccounts.ts"
import type * as Usage from "./Usage.ts"

/**
 * A piece of work whose value is stored.
 *
 * - `task`: a task, or an item of a fan-out; its value is a `TaskOutcome`
 * - `decision`: what a function of the plan gave: whether a task runs, the keys of a fan-out's items
 * - `step`: a `Run.step`
 * - `call`: a call of another agent inside a handler
 *
 * @category models
 * @since 0.1.0
 */
export interface Unit {
  /** Unique in the tree of an outermost run but for attempts that use one step, and the same in every life of it. */
  readonly key: string
  readonly kind: "task" | "decision" | "step" | "call"
  /** SHA-256 of what it is made from: agent, version and payload, or the decision itself. A stored value is for an equal one only. */
  readonly hash: string | undefined
  /**
   * Whether something in the run goes on with the value. Where it is `false` the value may be stored a little later, in order with all
   * else: nothing but the result of the run is made of it.
   */
  readonly isAwaited: boolean
  /** Whether a stored text can be read: it cannot where a schema has changed and the version has not. */
  readonly fits: (text: string) => boolean
}

/**
 * A limit around an outermost run that other runs share, wherever they are carried out.
 *
 * @category models
 * @since 0.1.0
 */
export interface Account {
  /** The same for all who share it: `"orchestrator"`, `"user:ada"`, `"region:"` and a random id. */
  readonly id: string
  readonly owner: "orchestrator" | "user" | "region"
  readonly name: string
  readonly limits: Limits
}

/**
 * What a call is going to take, at most.
 *
 * @category models
 * @since 0.1.0
 */
export interface Request {
  /** Of the task or call that asks. */
  readonly key: string
  /** Innermost first. */
  readonly accounts: ReadonlyArray<Account>
  /** What it settles at where nothing is reported; its `tokens`, `calls` and `microUsd` are what is reserved. */
  readonly worst: Usage.Usage
  /** Whether it may wait for room. */
  readonly isPatient: boolean
}

/**
 * A reservation that outlives the process: one that is open when its process dies settles at its worst.
 *
 * @category models
 * @since 0.1.0
 */
export interface Hold {
  /** Stores it; the call is made after that. Fails where an account has no room. */
  readonly acquire: Effect.Effect<void, BudgetExceededError>
  /** Stored in order with all else; nobody waits for it. */
  readonly settle: (usage: Usage.Usage) => void
  /** Nothing was sent, or it was never acquired. */
  readonly release: () => void
}

/**
 * Keeps values and spending of one outermost run.
 *
 * @category models
 * @since 0.1.0
 */
export interface Journal {
  /** The run whose receipts this one shares: its own id, or that of the run it is a fork of. */
  readonly origin: string
  /**
   * Gives the stored text where there is one; otherwise runs the effect and stores what it gives before anything goes on with it. Nothing is
   * stored where the effect is interrupted. It may be asked where it cannot be interrupted: the effect can be, and so must be whatever waits
   * here for what may never come.
   */
  readonly unit: (unit: Unit, effect: Effect.Effect<string, never, any>) => Effect.Effect<string, never, any>
  /** What earlier lives have stored under a key: for a run that is stopped before it has come to it again. */
  readonly known: (key: string) => string | undefined
  /** Whether earlier lives have stored or spent anything beneath a key: beneath it is what begins with it and `/` or `#`. */
  readonly isReached: (key: string) => boolean
  /**
   * Told when a task, by its key or that of a call in it, does nothing but wait for an answer (`Run.ask`, an approval) or a time
   * (`Run.sleep`): nothing is lost where it is ended, and another life waits on. What it gives is called when the wait is over.
   */
  readonly waits: (key: string) => () => void
  /**
   * What earlier lives of the run have spent at a key and beneath it: beneath a key is what begins with it and `/` or `#`, beneath `""` is
   * all. A key that ends with `%2F` stands for all that begins with it: the items of a fan-out.
   */
  readonly spent: (key: string) => Usage.Usage
  /** Makes a reservation, without storing it yet. */
  readonly reserve: (request: Request) => Hold
  /** Stores what was spent without a reservation. */
  readonly charge: (charge: Omit<Request, "worst" | "isPatient"> & { readonly usage: Usage.Usage }) => Effect.Effect<void>
}

/**
 * The journal of the runs that start here; there is none in memory, and nothing is stored.
 *
 * @category references
 * @since 0.1.0
 */
export const Current: Context.Reference<Journal | undefined> = JournalRef

/**
 * The limits around here that other runs may share, innermost first: what another process needs to go on with a run that starts here.
 *
 * @category accounts
 * @since 0.1.0
 */
export const accounts: Effect.Effect<ReadonlyArray<Account>> = regions.around

/**
 * Puts an effect inside accounts that were captured elsewhere. Nothing that they limit is known here but through the journal.
 *
 * @category accounts
 * @since 0.1.0
 */
export const within: (accounts: ReadonlyArray<Account>) => <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R> = regions.within

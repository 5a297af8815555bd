/**
 * An action on the outside world: approved for exactly what it does, done at most once, with a receipt, and on a list where
 * nobody can tell whether it was done.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { Portable } from "./Agent.ts"
import * as Approval from "./Approval.ts"
import {
  KindsRefusedError,
  SettleRefusedError,
  SideEffectConflictError,
  SideEffectNotPerformedError,
  SideEffectUnknownError,
  UndoRefusedError
} from "./internal/sideEffectErrors.ts"
import { AllowedRef, allowing, RehearsalRef } from "./internal/sideEffectRegion.ts"
import * as performing from "./internal/sideEffectPerform.ts"
import { define } from "./internal/sideEffectDefinition.ts"
import * as settling from "./internal/sideEffectSettle.ts"
import type { Receipt } from "./Receipt.ts"
import { type Filter, ReceiptStore, ReceiptStoreError } from "./ReceiptStore.ts"

export {
  /**
   * A region was given kinds that are none: no list at all, a blank text, a star in the middle.
   *
   * @category errors
   * @since 0.1.0
   */
  KindsRefusedError,
  /**
   * There is no doubt about that action, or no such action: nothing was written.
   *
   * @category errors
   * @since 0.1.0
   */
  SettleRefusedError,
  /**
   * The key was used before, for another input. Nothing was done; what the key stands for is in its receipt.
   *
   * @category errors
   * @since 0.1.0
   */
  SideEffectConflictError,
  /**
   * It was not done, and `reason` says why: it was `denied`, nobody answered in time (`expired`) or at all (`nobody`), its kind
   * was not given to the run (`notAllowed`), the input is none (`invalidInput`), this is a `rehearsal`, or it had been `undone`.
   *
   * @category errors
   * @since 0.1.0
   */
  SideEffectNotPerformedError,
  /**
   * It may have been done or not. It is on the list of `SideEffect.doubtful` and is not tried again before it is settled.
   *
   * @category errors
   * @since 0.1.0
   */
  SideEffectUnknownError,
  /**
   * Nothing was taken back, and `reason` says why.
   *
   * @category errors
   * @since 0.1.0
   */
  UndoRefusedError
}

/**
 * How `perform` fails, but for the failures of the call itself: to be put into the error schema of an agent that writes.
 *
 * @category errors
 * @since 0.1.0
 */
export const Failure = Schema.Union([SideEffectConflictError, SideEffectNotPerformedError, SideEffectUnknownError, ReceiptStoreError])
/**
 * @category errors
 * @since 0.1.0
 */
export type Failure = typeof Failure.Type

/**
 * What looking an action up came to: it was done and this was its success, it was not, or that cannot be told.
 *
 * @category models
 * @since 0.1.0
 */
export type Verdict<A> = { readonly _tag: "done"; readonly value: A } | { readonly _tag: "notDone" } | { readonly _tag: "undecided" }

/**
 * @category constructors
 * @since 0.1.0
 */
export const done = <A>(value: A): Verdict<A> => ({ _tag: "done", value })
/**
 * @category constructors
 * @since 0.1.0
 */
export const notDone: Verdict<never> = { _tag: "notDone" }
/**
 * @category constructors
 * @since 0.1.0
 */
export const undecided: Verdict<never> = { _tag: "undecided" }

/**
 * What a call is told of its receipt. The id is the same for every call of the same action: send it on as an idempotency
 * key, or make the id of what is created from it, and the other side refuses a second one as well.
 *
 * @category models
 * @since 0.1.0
 */
export interface Call {
  readonly receiptId: string
  readonly key: string
}

/**
 * What makes up an action.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options<In extends Portable, Out extends Portable, Err extends Portable, R> {
  readonly input: In
  readonly success: Out
  /** The failures of the call. Default: none. */
  readonly error?: Err | undefined
  /**
   * Looks whether it can be done, before anybody is asked and only where it was not done before. What it fails with is what
   * `perform` fails with: nothing was done.
   */
  readonly check?: ((input: In["Type"], call: Call) => Effect.Effect<void, Err["Type"], R>) | undefined
  /** Does it: the one exchange with the outside world. */
  readonly call: (input: In["Type"], call: Call) => Effect.Effect<Out["Type"], Err["Type"], R>
  /**
   * Looks up whether it was done, where nobody knows. A failure to look counts as `undecided`. Without it a doubt is for a
   * person to settle.
   */
  readonly verify?: ((input: In["Type"], call: Call) => Effect.Effect<Verdict<Out["Type"]>, unknown, R>) | undefined
  /**
   * How long after a call ended in doubt the outside world may still act on it: until then a `notDone` of `verify` is not
   * believed. 0 where the other side refuses a second one with the same id. Default 1 minute.
   */
  readonly settleAfter?: Duration.Input | undefined
  /** Takes it back, for as long as `within` after it was done. */
  readonly undo?:
    | {
        readonly within: Duration.Input
        readonly call: (input: In["Type"], success: Out["Type"], call: Call) => Effect.Effect<void, Err["Type"], R>
      }
    | undefined
  /** Within what a key stands for one action. Outside of a run, a task's scope is the user's. Default `"task"`. */
  readonly once?: "task" | "user" | "global" | undefined
  /** The sentence that a person approves. Default: the kind and the input as JSON. */
  readonly summary?: ((input: In["Type"]) => string) | undefined
  /** Who would receive something. Default: nobody. */
  readonly recipients?: ((input: In["Type"]) => ReadonlyArray<string>) | undefined
  /** What it would move or cost, in US dollars. Default: it does not say. */
  readonly amount?: ((input: In["Type"]) => number | undefined) | undefined
  /**
   * Whether a failure of the call leaves it open that it was done. Default: those with a field `ambiguous` that is `true`.
   * A timeout always does.
   */
  readonly ambiguous?: ((error: Err["Type"]) => boolean) | undefined
  /** How long the question whether it may be done stays open. Default 1 day. */
  readonly expiresIn?: Duration.Input | undefined
}

/**
 * A kind of action, with what is needed to do it, look it up and take it back.
 *
 * @category models
 * @since 0.1.0
 */
export interface SideEffect<In extends Portable, Out extends Portable, Err extends Portable, R> {
  readonly kind: string
  readonly options: Options<In, Out, Err, R>
  /**
   * Does it, unless it was done: then its stored outcome is given. The key says which action of this kind it is. After a
   * failure of the call that is not in doubt it may be performed again; a success is never repeated.
   *
   * Errors: those of the call, and `Failure`.
   */
  readonly perform: (action: {
    readonly key: string
    readonly input: In["Type"]
    /** For this action alone, instead of the kind's `once`. */
    readonly once?: Options<In, Out, Err, R>["once"]
  }) => Effect.Effect<Out["Type"], Err["Type"] | Failure, R | Approval.Approval | ReceiptStore>
}

/**
 * Any kind of action.
 *
 * @category models
 * @since 0.1.0
 */
export interface Any {
  readonly kind: string
  readonly options: Options<any, any, any, any>
}

/**
 * What the calls of an action need.
 *
 * @category models
 * @since 0.1.0
 */
export type Services<A extends Any> = A extends SideEffect<any, any, any, infer R> ? R : never

/**
 * What the calls of an action fail with.
 *
 * @category models
 * @since 0.1.0
 */
export type CallError<A extends Any> = A extends SideEffect<any, any, infer Err, any> ? Err["Type"] : never

/**
 * Defines a kind of action.
 *
 * **Example**
 *
 * ```ts
 * const CreateNote = SideEffect.make("notes.create", {
 *   input: Note,
 *   success: Schema.String,
 *   error: NotesError,
 *   summary: ({ title }) => `Write the note "${title}"`,
 *   call: (note, { receiptId }) => Effect.flatMap(Notes, (notes) => notes.create({ id: receiptId, ...note })),
 *   verify: (_, { receiptId }) =>
 *     Effect.flatMap(Notes, (notes) => Effect.map(notes.find(receiptId), Option.match({ onNone: () => SideEffect.notDone, onSome: SideEffect.done })))
 * })
 * const id = CreateNote.perform({ key: "minutes-2026-11-23", input: { title: "Minutes" } })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = <In extends Portable, Out extends Portable, Err extends Portable = typeof Schema.Never, R = never>(
  kind: string,
  options: Options<In, Out, Err, R>
): SideEffect<In, Out, Err, R> => {
  const definition = define(kind, options)
  return { kind, options, perform: (action) => performing.perform(definition, action) }
}

/**
 * An action that is used in one place: `make` and `perform` at once.
 *
 * **Example**
 *
 * ```ts
 * const sent = SideEffect.perform({ kind: "mail.send", key: draft.id, input: draft, schemas: { input: Draft, success: Sent } }, send(draft))
 * ```
 *
 * @category combinators
 * @since 0.1.0
 */
export const perform = <In extends Portable, Out extends Portable, R, Err extends Portable = typeof Schema.Never, R2 = never>(
  options: Omit<Options<In, Out, Err, R2>, "input" | "success" | "error" | "call"> & {
    readonly kind: string
    readonly key: string
    readonly input: In["Type"]
    readonly schemas: { readonly input: In; readonly success: Out; readonly error?: Err | undefined }
  },
  effect: Effect.Effect<Out["Type"], Err["Type"], R>
): Effect.Effect<Out["Type"], Err["Type"] | Failure, R | R2 | Approval.Approval | ReceiptStore> => {
  const { input, key, kind, schemas, ...rest } = options
  return make<In, Out, Err, R | R2>(kind, { ...rest, ...schemas, call: () => effect }).perform({ key, input })
}

/**
 * Gives kinds of actions to a region: `"calendar.create"`, all of `"calendar.*"`, or `"*"`. Without it nothing may be
 * performed; a region inside another can only narrow what it was given, and runs hand it on to their agents.
 *
 * **Example**
 *
 * ```ts
 * Orchestrator.run(plan).pipe(SideEffect.allow(["calendar.*", "crm.create"]))
 * ```
 *
 * Errors: `KindsRefusedError`.
 *
 * @category regions
 * @since 0.1.0
 */
export const allow: (
  kinds: ReadonlyArray<string>
) => <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E | KindsRefusedError, R> = allowing

/**
 * What was given to this region, outermost first: allowed is a kind that each of the lists names, and nothing where there is no list. For
 * engines that carry out a run elsewhere.
 *
 * @category regions
 * @since 0.1.0
 */
export const given: Effect.Effect<ReadonlyArray<ReadonlyArray<string>>> = AllowedRef

/**
 * Puts an effect where exactly this was given, whatever is around here: with what `given` said where the run was started.
 *
 * @category regions
 * @since 0.1.0
 */
export const withGiven =
  (lists: ReadonlyArray<ReadonlyArray<string>>) =>
  <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.provideService(self, AllowedRef, lists)

/**
 * Whether this is inside `rehearse`: then nothing is performed.
 *
 * @category regions
 * @since 0.1.0
 */
export const isRehearsal: Effect.Effect<boolean> = Effect.map(RehearsalRef, (rehearsal) => rehearsal !== undefined)

/**
 * Runs an effect in which nothing is performed, and gives the requests that it would have made: what was stored before is
 * given as it is, every other action ends its caller with `SideEffectNotPerformedError` (`rehearsal`). What depends on the
 * outcome of an action is not reached.
 *
 * @category regions
 * @since 0.1.0
 */
export const rehearse: <A, E, R>(
  self: Effect.Effect<A, E, R>
) => Effect.Effect<{ readonly requests: ReadonlyArray<Approval.Request>; readonly result: Result.Result<A, E> }, never, R> =
  performing.rehearse

/**
 * The actions of which nobody can tell whether they were done, the oldest first. Calls whose process was lost are found
 * and marked here.
 *
 * @category getters
 * @since 0.1.0
 */
export const doubtful: (filter?: Omit<Filter, "states">) => Effect.Effect<ReadonlyArray<Receipt>, ReceiptStoreError, ReceiptStore> =
  settling.doubtful

/**
 * Looks up the doubtful actions of these kinds and writes down what was found. Gives their receipts as they are then: those
 * that are still `unknown` are for a person.
 *
 * @category combinators
 * @since 0.1.0
 */
export const settle = <A extends Any>(
  self: A | ReadonlyArray<A>,
  filter?: Omit<Filter, "states" | "kind">
): Effect.Effect<ReadonlyArray<Receipt>, ReceiptStoreError, Services<A> | ReceiptStore> =>
  settling.settle(listOf(self), filter)

const listOf = <A extends Any>(self: A | ReadonlyArray<A>) => {
  const all: ReadonlyArray<Any> = "kind" in self ? [self] : self
  return all.map(({ kind, options }) => define(kind, options))
}

/**
 * Writes down what a person found out about a doubtful action. A `done` may bring the success, as its schema encodes it to
 * JSON, for those who perform the action again. `attempt` says into which of its calls they looked: the `attempts` of the
 * receipt that they saw. Default: the last one when this is called.
 *
 * Errors: `SettleRefusedError` where there is no such action, no doubt about it, or another call was made since.
 *
 * @category combinators
 * @since 0.1.0
 */
export const resolve: (
  receiptId: string,
  verdict: { readonly attempt?: number | undefined } & ({ readonly _tag: "done"; readonly success?: Schema.Json | undefined } | { readonly _tag: "notDone" }),
  by: string
) => Effect.Effect<Receipt, SettleRefusedError | ReceiptStoreError, ReceiptStore> = settling.resolve

/**
 * Takes an action back within its time, at most once; of several kinds it is the receipt's. Who takes it back has decided so:
 * nobody else is asked.
 *
 * Errors: `UndoRefusedError`, those of the call, and `Failure`.
 *
 * @category combinators
 * @since 0.1.0
 */
export const undo = <A extends Any>(
  self: A | ReadonlyArray<A>,
  receiptId: string,
  by: string
): Effect.Effect<Receipt, CallError<A> | Failure | UndoRefusedError, Services<A> | ReceiptStore> =>
  settling.undo(listOf(self), receiptId, by)

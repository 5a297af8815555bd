import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import type * as AuditLog from "../AuditLog.ts"
import type * as Receipt from "../Receipt.ts"
import { Lease, type ReceiptStore, type ReceiptStoreError } from "../ReceiptStore.ts"
import type { Verdict } from "../SideEffect.ts"
import { Hooks } from "./hooks.ts"
import { type Definition, eventOf } from "./sideEffectDefinition.ts"
import { SideEffectUnknownError } from "./sideEffectErrors.ts"

/** What a receipt that is there means for one who wants the action. */
export type Stored =
  | { readonly _tag: "done"; readonly value: any }
  | { readonly _tag: "undone" }
  | { readonly _tag: "notDone" }
  | { readonly _tag: "again" }

type Store = ReceiptStore["Service"]

export const about = (receipt: Receipt.Receipt) => ({ ...receipt, receiptId: receipt.id })

/** Another process makes the call: until it has ended, or counts as lost. */
export const waitForOther = (store: Store, { id, kind }: Receipt.Receipt): Effect.Effect<void, ReceiptStoreError> => {
  const ended = Effect.gen(function* () {
    while (true) {
      yield* Effect.sleep("100 millis")
      const stored = Option.getOrUndefined(yield* store.get(id))
      if (stored?.state !== "calling" || stored.leaseUntil <= (yield* Clock.currentTimeMillis)) return
    }
  })
  return Effect.flatMap(Hooks, (hooks) => hooks.suspend(`${kind} is under way elsewhere`, ended))
}

/** Nothing was heard of the owner for a whole lease: nobody can tell how its call ended. `false` where it has been heard of since. */
export const lost = (store: Store, stored: Receipt.Receipt): Effect.Effect<boolean, ReceiptStoreError> =>
  Effect.flatMap(Clock.currentTimeMillis, (now) =>
    store.put(
      { ...stored, state: "unknown", doubt: "ownerLost", endedAt: now, version: stored.version + 1 },
      stored.version,
      eventOf("unknown", about(stored), { reason: "ownerLost" })
    )
  )

/** The lease of a call, in milliseconds. */
export const leaseMillis: Effect.Effect<number> = Effect.flatMap(Lease, (lease) => {
  const millis = Duration.toMillis(lease)
  return Number.isFinite(millis) && millis >= 100
    ? Effect.succeed(millis)
    : Effect.die(new Error(`ReceiptStore.Lease was ${Duration.format(lease)}; allowed is a finite duration from 100 milliseconds`))
})

/**
 * Keeps the lease while the call is in flight. Once it is over others may find that the call was not carried out and make it
 * again, so a call whose lease could not be renewed, or that was taken for lost, is ended: then this gives `true`.
 */
export const inFlight = <A, E, R>(store: Store, intent: Receipt.Receipt, lease: number, call: Effect.Effect<A, E, R>): Effect.Effect<boolean, E, R> => {
  const over = Effect.gen(function* () {
    let until = intent.leaseUntil
    let pause = lease / 3
    for (let now = yield* Clock.currentTimeMillis; now < until; now = yield* Clock.currentTimeMillis) {
      yield* Effect.sleep(Math.ceil(Math.min(pause, until - now)))
      now = yield* Clock.currentTimeMillis
      if (now >= until) return true
      const renewed = yield* store.renew(intent.id, intent.owner, now + lease).pipe(Effect.option, Effect.timeoutOption(until - now), Effect.map(Option.flatten))
      if (Option.isSome(renewed) && !renewed.value) return true
      if (Option.isSome(renewed)) until = now + lease
      // A store that does not answer is asked more often while there is time.
      pause = lease / (Option.isSome(renewed) ? 3 : 12)
    }
    return true
  })
  return Effect.raceFirst(Effect.as(call, false), over)
}

type End = Partial<Pick<Receipt.Receipt, "success" | "error" | "doubt" | "undoUntil" | "settledBy">> &
  Pick<Receipt.Receipt, "endedAt"> & { readonly state: Receipt.State }

/** Writes down how the call of `intent` ended; a store that fails is tried again. Gives the receipt as it stands then. */
export const next = (
  store: Store,
  intent: Receipt.Receipt,
  end: End,
  event: AuditLog.Event
): Effect.Effect<Receipt.Receipt, SideEffectUnknownError> =>
  Effect.gen(function* () {
    const receipt: Receipt.Receipt = { ...intent, ...end, version: intent.version + 1 }
    if (yield* store.put(receipt, intent.version, event)) return receipt
    const stored = Option.getOrUndefined(yield* store.get(intent.id))
    // It was written by an attempt whose answer was lost.
    if (stored?.owner === intent.owner && stored.version === receipt.version && stored.state === receipt.state) return stored
    // Somebody took this call for lost.
    if (stored?.state === "unknown" && stored.owner === intent.owner) {
      const corrected: Receipt.Receipt = { ...intent, ...end, version: stored.version + 1 }
      if (yield* store.put(corrected, stored.version, event)) return corrected
    }
    yield* store.record({ ...event, what: "late", reason: end.state })
    return receipt
  }).pipe(
    Effect.retry({ times: 5, schedule: Schedule.exponential("20 millis") }),
    Effect.mapError(
      (error) =>
        new SideEffectUnknownError({
          kind: intent.kind,
          key: intent.key,
          receiptId: intent.id,
          doubt: "notStored",
          message:
            `The call of ${intent.kind} "${intent.key}" ended (${end.state}), and that could not be written down: ${error.message}. ` +
            "It is listed as doubtful once its lease is over"
        })
    )
  )

/** Asks `verify` how a doubtful action ended, and writes that down. `true` where the receipt is another one now. */
export const lookUp = (definition: Definition, store: Store, stored: Receipt.Receipt): Effect.Effect<boolean, ReceiptStoreError, any> =>
  Effect.gen(function* () {
    const { verify } = definition.options
    if (verify === undefined) return false
    const input = Schema.decodeUnknownResult(definition.input)(stored.input)
    if (Result.isFailure(input)) return false
    // What was looked up holds for when it was asked for, however long the answer took.
    const now = yield* Clock.currentTimeMillis
    const verdict: Verdict<unknown> = yield* Effect.suspend(() => verify(input.success, { receiptId: stored.id, key: stored.key })).pipe(
      Effect.catchCause((cause) =>
        Cause.hasInterrupts(cause) ? Effect.failCause(cause as Cause.Cause<never>) : Effect.succeed<Verdict<unknown>>({ _tag: "undecided" })
      )
    )
    const settle = (change: Partial<Receipt.Receipt> & { readonly state: Receipt.State }) => {
      const { doubt: _, ...rest } = stored
      return store.put(
        { ...rest, ...change, settledBy: "verify", version: stored.version + 1 },
        stored.version,
        eventOf("settled", about(stored), { by: "verify", reason: change.state })
      )
    }
    if (verdict._tag === "done") {
      const encoded = Schema.encodeUnknownResult(definition.success)(verdict.value)
      if (Result.isFailure(encoded)) return false
      const undo = definition.undoWithin === undefined ? {} : { undoUntil: (stored.endedAt ?? now) + definition.undoWithin }
      yield* settle({ state: "done", success: encoded.success, ...undo })
      return true
    }
    // A call that was lost on its way may still arrive.
    if (verdict._tag === "notDone" && now >= (stored.endedAt ?? now) + definition.settleAfter) {
      yield* settle({ state: "notDone" })
      return true
    }
    return false
  })

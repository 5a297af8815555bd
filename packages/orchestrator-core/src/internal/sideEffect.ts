import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { Decision, Request } from "../Approval.ts"
import type * as Receipt from "../Receipt.ts"
import { ReceiptStore, type ReceiptStoreError } from "../ReceiptStore.ts"
import { Hooks } from "./hooks.ts"
import { lockOf } from "./keyedLock.ts"
import { type Definition, eventOf } from "./sideEffectDefinition.ts"
import { notPerformed, SideEffectConflictError, type SideEffectNotPerformedError, SideEffectUnknownError } from "./sideEffectErrors.ts"
import { RehearsalRef } from "./sideEffectRegion.ts"
import { inFlight, leaseMillis, lost, lookUp, next, type Stored, waitForOther } from "./sideEffectStates.ts"
import { randomUUID } from "./uuid.ts"

type Failure = SideEffectConflictError | SideEffectNotPerformedError | SideEffectUnknownError | ReceiptStoreError

/** One action, ready to be done: its place, its input as it is and as it is stored. */
export interface Action {
  readonly definition: Definition
  readonly input: unknown
  readonly request: Request
  readonly decide: (request: Request) => Effect.Effect<Decision, never, any>
}

/** Another one of this process does the same, or did: nobody else of it looks at the receipt meanwhile. */
export const carryOut = (action: Action): Effect.Effect<any, any, any> =>
  Effect.gen(function* () {
    const store = yield* ReceiptStore
    const hooks = yield* Hooks
    return yield* lockOf(store).hold(
      action.request.receiptId,
      (wait) => hooks.suspend(`${action.definition.kind} is under way elsewhere`, wait),
      attempt(action, store)
    )
  })

const attempt = (action: Action, store: ReceiptStore["Service"]): Effect.Effect<any, any, any> =>
  Effect.gen(function* () {
    const { definition, request } = action
    const named = { kind: request.kind, key: request.key }
    while (true) {
      const stored = Option.getOrUndefined(yield* store.get(request.receiptId))
      if (stored !== undefined) {
        if (stored.inputHash !== request.inputHash) {
          return yield* Effect.fail(
            new SideEffectConflictError({ ...named, receiptId: stored.id, storedHash: stored.inputHash, receivedHash: request.inputHash })
          )
        }
        const state = yield* stand(definition, store, stored)
        if (state._tag === "again") continue
        if (state._tag === "done") return state.value
        if (state._tag === "undone") {
          return yield* Effect.fail(notPerformed(named, "undone", `${request.kind} "${request.key}" was done and taken back; do it again under another key`))
        }
      }
      const check = definition.options.check
      if (check !== undefined) yield* check(action.input, { receiptId: request.receiptId, key: request.key })
      const rehearsal = yield* RehearsalRef
      if (rehearsal !== undefined) {
        rehearsal(request)
        return yield* Effect.fail(notPerformed(named, "rehearsal", `${request.kind} was not done: this is a rehearsal`))
      }
      const decision = yield* action.decide(request)
      if (decision._tag === "denied") {
        yield* store.record(eventOf("denied", request, { by: decision.by, reason: decision.reason }))
        return yield* Effect.fail(notPerformed(named, decision.reason, decision.message))
      }
      if (request.expiresAt !== undefined && (yield* Clock.currentTimeMillis) >= request.expiresAt) {
        yield* store.record(eventOf("denied", request, { by: decision.by, reason: "expired" }))
        return yield* Effect.fail(
          notPerformed(named, "expired", `The approval of ${request.kind} came too late: it held until ${new Date(request.expiresAt).toISOString()}`)
        )
      }
      const outcome = yield* call(action, store, stored, decision.by)
      if (outcome._tag === "ended") return outcome.value
      if (outcome._tag === "again") continue
      if (!(yield* lookUp(definition, store, outcome.receipt))) return yield* Effect.fail(unknown(definition, outcome.receipt))
      const after = Option.getOrUndefined(yield* store.get(request.receiptId))
      if (after?.state === "notDone") return yield* Effect.failCause(outcome.cause)
    }
  })

/** Where a receipt that is there leaves the action: done, open to be done, or to be looked at again. */
const stand = (
  definition: Definition,
  store: ReceiptStore["Service"],
  stored: Receipt.Receipt
): Effect.Effect<Stored, Failure, any> => {
  switch (stored.state) {
    case "done":
      return Effect.map(decodeSuccess(definition, stored), (value) => ({ _tag: "done", value }))
    case "undone":
    case "notDone":
      return Effect.succeed({ _tag: stored.state })
    case "calling":
      return Effect.flatMap(Clock.currentTimeMillis, (now) =>
        stored.leaseUntil > now ? Effect.as(waitForOther(store, stored), { _tag: "again" as const }) : Effect.as(lost(store, stored), { _tag: "again" as const })
      )
    case "unknown":
      return Effect.flatMap(lookUp(definition, store, stored), (settled) =>
        settled ? Effect.succeed({ _tag: "again" as const }) : Effect.fail(unknown(definition, stored))
      )
  }
}

const decodeSuccess = (definition: Definition, stored: Receipt.Receipt): Effect.Effect<any, SideEffectUnknownError> =>
  Effect.mapError(
    Schema.decodeUnknownEffect(definition.success)(stored.success ?? null),
    () =>
      new SideEffectUnknownError({
        kind: stored.kind,
        key: stored.key,
        receiptId: stored.id,
        doubt: "notStored",
        message: `${stored.kind} "${stored.key}" was done, and its stored outcome does not fit the schema of the action: it is not done again; look at its receipt ${stored.id}`
      })
  )

export const unknown = (definition: Definition, stored: Receipt.Receipt): SideEffectUnknownError =>
  new SideEffectUnknownError({
    kind: stored.kind,
    key: stored.key,
    receiptId: stored.id,
    doubt: stored.doubt ?? "ownerLost",
    message:
      `Nobody can tell whether ${stored.kind} "${stored.key}" was done (${stored.doubt}); it is not tried again. ` +
      (definition.options.verify === undefined
        ? `Look it up and settle it with SideEffect.resolve("${stored.id}", ...)`
        : `It could not be looked up yet; SideEffect.settle does, or SideEffect.resolve("${stored.id}", ...)`)
  })

type Outcome =
  | { readonly _tag: "ended"; readonly value: any }
  | { readonly _tag: "again" }
  | { readonly _tag: "doubtful"; readonly receipt: Receipt.Receipt; readonly cause: Cause.Cause<any> }

/** Writes the intent, makes the call and writes down how it ended. From the intent on only the call itself can be interrupted. */
const call = (
  action: Action,
  store: ReceiptStore["Service"],
  before: Receipt.Receipt | undefined,
  approvedBy: string
): Effect.Effect<Outcome, any, any> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.gen(function* () {
      const { definition, request } = action
      const lease = yield* leaseMillis
      const now = yield* Clock.currentTimeMillis
      const owner = randomUUID()
      const intent: Receipt.Receipt = {
        v: 1,
        id: request.receiptId,
        scope: request.scope,
        kind: request.kind,
        key: request.key,
        inputHash: request.inputHash,
        input: request.input,
        summary: request.summary,
        state: "calling",
        userId: request.userId,
        ...(request.runId === undefined ? {} : { runId: request.runId }),
        ...(request.taskId === undefined ? {} : { taskId: request.taskId }),
        approvedBy,
        attempts: (before?.attempts ?? 0) + 1,
        intendedAt: now,
        owner,
        leaseUntil: now + lease,
        version: (before?.version ?? 0) + 1
      }
      if (!(yield* store.put(intent, before?.version ?? 0, eventOf("intended", request, { by: approvedBy })))) return { _tag: "again" } as const
      let started = false
      let ended: Exit.Exit<any, any> | undefined
      const made = Effect.suspend(() => {
        started = true
        return definition.options.call(action.input, { receiptId: request.receiptId, key: request.key })
      }).pipe(Effect.onExit((exit) => Effect.sync(() => (ended = exit))))
      const flight = yield* Effect.exit(restore(inFlight(store, intent, lease, made)))
      const lapsed = Exit.isSuccess(flight) && flight.value
      if (!lapsed || (ended !== undefined && !Exit.hasInterrupts(ended))) {
        // How the call ended counts, also where nobody was there any more to hear of it.
        return yield* conclude(action, store, intent, ended ?? Exit.asVoid(flight), started)
      }
      const at = yield* Clock.currentTimeMillis
      yield* next(store, intent, { state: "unknown", endedAt: at, doubt: "ownerLost" }, eventOf("unknown", request, { reason: "ownerLost" }))
      return { _tag: "again" } as const
    })
  )

const conclude = (
  { definition, request }: Action,
  store: ReceiptStore["Service"],
  intent: Receipt.Receipt,
  exit: Exit.Exit<any, any>,
  started: boolean
): Effect.Effect<Outcome, any, any> =>
  Effect.gen(function* () {
    const now = yield* Clock.currentTimeMillis
    if (Exit.isSuccess(exit)) {
      const encoded = Schema.encodeResult(definition.success)(exit.value)
      const value = Result.isSuccess(encoded) ? { success: encoded.success } : {}
      const undo = definition.undoWithin === undefined ? {} : { undoUntil: now + definition.undoWithin }
      yield* next(store, intent, { state: "done", endedAt: now, ...value, ...undo }, eventOf("done", request))
      return { _tag: "ended", value: exit.value } as const
    }
    const error = typedError(exit.cause)
    const doubt = doubtOf(definition, exit.cause, error, started)
    const encoded = error === undefined ? undefined : Schema.encodeUnknownResult(definition.error)(error.value)
    const failure = encoded !== undefined && Result.isSuccess(encoded) ? { error: encoded.success } : {}
    if (doubt === undefined) {
      yield* next(store, intent, { state: "notDone", endedAt: now, ...failure }, eventOf("notDone", request))
      return yield* Effect.failCause(exit.cause)
    }
    const doubtful = yield* next(store, intent, { state: "unknown", endedAt: now, doubt, ...failure }, eventOf("unknown", request, { reason: doubt }))
    // Who was interrupted is not there to hear of it, and a defect stays one.
    if (error === undefined) return yield* Effect.failCause(exit.cause)
    return { _tag: "doubtful", receipt: doubtful, cause: exit.cause } as const
  })

/** The one typed failure that a cause is; a cause with a defect or an interruption in it is none. */
const typedError = (cause: Cause.Cause<unknown>): { readonly value: unknown } | undefined => {
  if (Cause.hasDies(cause) || Cause.hasInterrupts(cause)) return undefined
  const error = Cause.findErrorOption(cause)
  return Option.isSome(error) ? { value: error.value } : undefined
}

const doubtOf = (
  { options }: Definition,
  cause: Cause.Cause<unknown>,
  error: { readonly value: unknown } | undefined,
  started: boolean
): Receipt.Doubt | undefined => {
  if (!started) return undefined
  if (error === undefined) return Cause.hasDies(cause) ? "defect" : "interrupted"
  if (Cause.isTimeoutError(error.value)) return "timedOut"
  const leavesOpen = options.ambiguous === undefined ? saysSo(error.value) : options.ambiguous(error.value)
  return leavesOpen ? "ambiguous" : undefined
}

const saysSo = (error: unknown): boolean => Predicate.hasProperty(error, "ambiguous") && error.ambiguous === true

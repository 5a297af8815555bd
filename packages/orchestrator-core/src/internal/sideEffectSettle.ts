import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Receipt from "../Receipt.ts"
import { type Filter, ReceiptStore, type ReceiptStoreError } from "../ReceiptStore.ts"
import { lockOf } from "./keyedLock.ts"
import { carryOut } from "./sideEffect.ts"
import { define, type Definition, eventOf } from "./sideEffectDefinition.ts"
import { SettleRefusedError, UndoRefusedError } from "./sideEffectErrors.ts"
import { about, lookUp, lost } from "./sideEffectStates.ts"

const wait = (effect: Effect.Effect<void>): Effect.Effect<void> => effect

/** Marks the calls whose process was lost, then lists all that is unknown. */
export const doubtful = (filter: Omit<Filter, "states"> = {}): Effect.Effect<ReadonlyArray<Receipt.Receipt>, ReceiptStoreError, ReceiptStore> =>
  Effect.gen(function* () {
    const store = yield* ReceiptStore
    const now = yield* Clock.currentTimeMillis
    // Those that live stand before those that are lost, so the limit is not theirs.
    const calling = yield* store.list({ ...filter, states: ["calling"], limit: Number.MAX_SAFE_INTEGER })
    for (const receipt of calling) if (receipt.leaseUntil <= now) yield* lost(store, receipt)
    return yield* store.list({ ...filter, states: ["unknown"] })
  })

export const settle = (
  definitions: ReadonlyArray<Definition>,
  filter: Omit<Filter, "states" | "kind"> = {}
): Effect.Effect<ReadonlyArray<Receipt.Receipt>, ReceiptStoreError, any> =>
  Effect.gen(function* () {
    const store = yield* ReceiptStore
    const found = yield* Effect.forEach(definitions, (definition) =>
      Effect.map(doubtful({ ...filter, kind: definition.kind }), (receipts) => receipts.map(({ id }) => ({ definition, id })))
    )
    return yield* Effect.forEach(found.flat(), ({ definition, id }) =>
      lockOf(store).hold(
        id,
        wait,
        Effect.gen(function* () {
          const stored = Option.getOrThrow(yield* store.get(id))
          if (stored.state !== "unknown" || !(yield* lookUp(definition, store, stored))) return stored
          return Option.getOrThrow(yield* store.get(id))
        })
      )
    )
  })

export const resolve = (
  receiptId: string,
  verdict: { readonly attempt?: number | undefined } & ({ readonly _tag: "done"; readonly success?: Schema.Json | undefined } | { readonly _tag: "notDone" }),
  by: string
): Effect.Effect<Receipt.Receipt, SettleRefusedError | ReceiptStoreError, ReceiptStore> =>
  Effect.gen(function* () {
    const store = yield* ReceiptStore
    const refuse = (message: string) => Effect.fail(new SettleRefusedError({ receiptId, message }))
    const seen = verdict.attempt ?? Option.getOrUndefined(yield* store.get(receiptId))?.attempts
    const attempt: Effect.Effect<Receipt.Receipt, SettleRefusedError | ReceiptStoreError> = Effect.gen(function* () {
      const stored = Option.getOrUndefined(yield* store.get(receiptId))
      if (stored === undefined) return yield* refuse(`There is no receipt ${receiptId}`)
      // What was found out about one call says nothing of the next one.
      if (stored.attempts !== seen) {
        return yield* refuse(`${stored.kind} "${stored.key}" was called again since, ${stored.attempts} times in all: look into attempt ${stored.attempts}; nothing was changed`)
      }
      if (stored.state === "calling" && stored.leaseUntil <= (yield* Clock.currentTimeMillis)) {
        yield* lost(store, stored)
        return yield* attempt
      }
      if (stored.state !== "unknown") {
        return yield* refuse(`${stored.kind} "${stored.key}" is not in doubt, it is ${stored.state}; nothing was changed`)
      }
      const { doubt: _, ...rest } = stored
      const success = verdict._tag === "done" && verdict.success !== undefined ? { success: verdict.success } : {}
      const settled: Receipt.Receipt = { ...rest, ...success, state: verdict._tag, settledBy: by, version: stored.version + 1 }
      const won = yield* store.put(settled, stored.version, eventOf("settled", about(stored), { by, reason: verdict._tag }))
      return won ? settled : yield* attempt
    })
    return yield* lockOf(store).hold(receiptId, wait, attempt)
  })

/** An undo is an action of its own, with its receipt and its doubt: it is done at most once for the same reasons. */
const undoing = (definition: Definition): Definition =>
  define(`${definition.kind}.undo`, {
    input: Schema.Struct({ receiptId: Schema.String }),
    success: Schema.Void,
    error: definition.options.error,
    ambiguous: definition.options.ambiguous,
    call: ({ receiptId }: { readonly receiptId: string }, call) =>
      Effect.gen(function* () {
        const stored = Option.getOrThrow(yield* Effect.orDie((yield* ReceiptStore).get(receiptId)))
        const input = yield* Effect.orDie(Schema.decodeUnknownEffect(definition.input)(stored.input))
        const success = yield* Effect.orDie(Schema.decodeUnknownEffect(definition.success)(stored.success ?? null))
        yield* definition.options.undo!.call(input, success, { ...call, key: stored.key })
      })
  })

export const undo = (definitions: ReadonlyArray<Definition>, receiptId: string, by: string): Effect.Effect<Receipt.Receipt, any, any> =>
  Effect.gen(function* () {
    const store = yield* ReceiptStore
    const refuse = (reason: UndoRefusedError["reason"], message: string) =>
      Effect.fail(new UndoRefusedError({ receiptId, reason, message: `${message}; nothing was taken back` }))
    const stored = Option.getOrUndefined(yield* store.get(receiptId))
    const now = yield* Clock.currentTimeMillis
    if (stored === undefined) return yield* refuse("notFound", `There is no receipt ${receiptId}`)
    const named = `${stored.kind} "${stored.key}"`
    const definition = definitions.find(({ kind }) => kind === stored.kind)
    if (definition === undefined) {
      return yield* refuse("otherKind", `${named} is not of the kind ${definitions.map(({ kind }) => kind).join(", ")}`)
    }
    if (stored.state === "undone") return yield* refuse("alreadyUndone", `${named} was taken back already`)
    if (stored.state !== "done") return yield* refuse("notDone", `${named} is ${stored.state}`)
    if (definition.options.undo === undefined || stored.undoUntil === undefined) return yield* refuse("noWay", `${named} has no way back`)
    const action = undoing(definition)
    const undoId = Receipt.idOf({ scope: stored.scope, kind: action.kind, key: receiptId })
    // What was taken back in time and could not be written down is written down later.
    const isDone = Option.exists(yield* store.get(undoId), ({ state }) => state === "done")
    if (now > stored.undoUntil && !isDone) return yield* refuse("tooLate", `${named} could be taken back until ${new Date(stored.undoUntil).toISOString()}`)
    const input = { receiptId }
    yield* carryOut({
      definition: action,
      input,
      decide: () => Effect.succeed({ _tag: "approved", by } as const),
      request: {
        receiptId: undoId,
        scope: stored.scope,
        kind: action.kind,
        key: receiptId,
        inputHash: Receipt.hashOf(input),
        input,
        summary: `Take back: ${stored.summary}`,
        userId: stored.userId,
        ...(stored.runId === undefined ? {} : { runId: stored.runId }),
        ...(stored.taskId === undefined ? {} : { taskId: stored.taskId }),
        recipients: [],
        at: now
      }
    })
    const undone: Receipt.Receipt = { ...stored, state: "undone", settledBy: by, version: stored.version + 1 }
    if (yield* store.put(undone, stored.version, eventOf("undone", about(stored), { by }))) return undone
    return Option.getOrThrow(yield* store.get(receiptId))
  })

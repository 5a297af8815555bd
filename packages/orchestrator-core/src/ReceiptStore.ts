/**
 * Where receipts and the audit log are kept.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import type * as Stream from "effect/Stream"
import type * as AuditLog from "./AuditLog.ts"
import { makeMemory } from "./internal/receiptStoreMemory.ts"
import * as Receipt from "./Receipt.ts"

/**
 * The store did not answer, or holds what it cannot hold. What was not written before is not done.
 *
 * @category errors
 * @since 0.1.0
 */
export class ReceiptStoreError extends Schema.TaggedError<ReceiptStoreError>()("ReceiptStoreError", {
  operation: Schema.Literals(["read", "write", "renew", "list", "record", "audit", "open"]),
  /** A sentence: what happened. */
  message: Schema.String
}) {}

/**
 * Which receipts to list; all of what is given must hold.
 *
 * @category models
 * @since 0.1.0
 */
export const Filter = Schema.Struct({
  states: Schema.optionalKey(Schema.Array(Receipt.State)),
  kind: Schema.optionalKey(Schema.String),
  userId: Schema.optionalKey(Schema.String),
  runId: Schema.optionalKey(Schema.String),
  /** The most that are given, the oldest intents first. Default 1,000. */
  limit: Schema.optionalKey(Schema.Natural)
})
/**
 * @category models
 * @since 0.1.0
 */
export type Filter = typeof Filter.Type

/**
 * Keeps receipts and the log of what happened to them.
 *
 * @category services
 * @since 0.1.0
 */
export class ReceiptStore extends Context.Service<
  ReceiptStore,
  {
    readonly get: (id: string) => Effect.Effect<Option.Option<Receipt.Receipt>, ReceiptStoreError>
    /**
     * Puts a receipt in the place of the one with version `expected` (0: of none), and an entry at the end of the log: both or
     * neither. `false`, and nothing written, where another version is there. Its own version must be `expected + 1`.
     */
    readonly put: (receipt: Receipt.Receipt, expected: number, event: AuditLog.Event) => Effect.Effect<boolean, ReceiptStoreError>
    /** Says that a call is still alive. Counts as no change; `false` where it is not that owner's any more. */
    readonly renew: (id: string, owner: string, leaseUntil: number) => Effect.Effect<boolean, ReceiptStoreError>
    /** Puts an entry at the end of the log that changes no receipt. */
    readonly record: (event: AuditLog.Event) => Effect.Effect<void, ReceiptStoreError>
    readonly list: (filter: Filter) => Effect.Effect<ReadonlyArray<Receipt.Receipt>, ReceiptStoreError>
    /** The log from its first entry. */
    readonly audit: Stream.Stream<AuditLog.Sealed, ReceiptStoreError>
  }
>()("@aria/orchestrator-core/ReceiptStore/ReceiptStore") {}

/**
 * How long a call counts as alive after it was last heard of. It is renewed while the call lasts; where that fails for a whole
 * lease the call is ended, and others may look up how it ended. Shorter finds what a lost process did sooner; a process that
 * stands still for longer than a lease is taken for lost. Default 30 seconds, minimum 100 milliseconds.
 *
 * **Example**
 *
 * ```ts
 * program.pipe(Effect.provideService(ReceiptStore.Lease, Duration.seconds(5)))
 * ```
 *
 * @category references
 * @since 0.1.0
 */
export const Lease: Context.Reference<Duration.Duration> = Context.Reference("@aria/orchestrator-core/ReceiptStore/Lease", {
  defaultValue: () => Duration.seconds(30)
})

/**
 * A store that is gone with the process: nothing is done twice while it lives.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerMemory: Layer.Layer<ReceiptStore> = Layer.effect(ReceiptStore)(makeMemory)

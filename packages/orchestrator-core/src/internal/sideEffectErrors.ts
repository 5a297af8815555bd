import * as Schema from "effect/Schema"
import { Doubt } from "../Receipt.ts"

/** Documented where they are public, in `SideEffect`. */
export class SideEffectConflictError extends Schema.TaggedError<SideEffectConflictError>()("SideEffectConflictError", {
  kind: Schema.String,
  key: Schema.String,
  receiptId: Schema.String,
  storedHash: Schema.String,
  receivedHash: Schema.String
}) {
  override get message(): string {
    return (
      `The key "${this.key}" of ${this.kind} stands for another input (hash ${this.storedHash.slice(0, 12)}, received ` +
      `${this.receivedHash.slice(0, 12)}): nothing was done; give an action with other arguments a key of its own`
    )
  }
}

export class SideEffectNotPerformedError extends Schema.TaggedError<SideEffectNotPerformedError>()("SideEffectNotPerformedError", {
  kind: Schema.String,
  key: Schema.String,
  reason: Schema.Literals(["denied", "expired", "nobody", "notAllowed", "invalidInput", "rehearsal", "undone"]),
  /** A sentence. */
  message: Schema.String
}) {}

export class SideEffectUnknownError extends Schema.TaggedError<SideEffectUnknownError>()("SideEffectUnknownError", {
  kind: Schema.String,
  key: Schema.String,
  receiptId: Schema.String,
  doubt: Doubt,
  /** A sentence: what happened and what to do. */
  message: Schema.String
}) {}

export class UndoRefusedError extends Schema.TaggedError<UndoRefusedError>()("UndoRefusedError", {
  receiptId: Schema.String,
  reason: Schema.Literals(["notFound", "otherKind", "notDone", "alreadyUndone", "noWay", "tooLate"]),
  message: Schema.String
}) {}

export class SettleRefusedError extends Schema.TaggedError<SettleRefusedError>()("SettleRefusedError", {
  receiptId: Schema.String,
  message: Schema.String
}) {}

export class KindsRefusedError extends Schema.TaggedError<KindsRefusedError>()("KindsRefusedError", {
  received: Schema.String,
  allowed: Schema.String
}) {
  override get message(): string {
    return `SideEffect.allow was given ${this.received}; allowed is ${this.allowed}`
  }
}

export const notPerformed = (
  { key, kind }: { readonly kind: string; readonly key: string },
  reason: SideEffectNotPerformedError["reason"],
  message: string
): SideEffectNotPerformedError => new SideEffectNotPerformedError({ kind, key, reason, message })

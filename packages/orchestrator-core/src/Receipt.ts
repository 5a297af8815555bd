/**
 * What is known about one action on the outside world: what was intended, and what became of it.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { canonicalJson } from "./internal/canonicalJson.ts"
import { sha256 } from "./internal/sha256.ts"

/**
 * Where an action stands.
 *
 * - `calling`: the intent is written, the call is in flight, or its process was lost and nobody has noticed yet
 * - `done`: carried out; the receipt has its success
 * - `notDone`: provably not carried out; it may be tried again
 * - `unknown`: nobody can tell; it is never tried again before `verify` or a person has settled it
 * - `undone`: carried out and taken back
 *
 * @category models
 * @since 0.1.0
 */
export const State = Schema.Literals(["calling", "done", "notDone", "unknown", "undone"])
/**
 * @category models
 * @since 0.1.0
 */
export type State = typeof State.Type

/**
 * Why nobody can tell whether an action was carried out.
 *
 * - `interrupted`, `timedOut`, `defect`: the call was cut short or died
 * - `ambiguous`: it failed with an error that leaves it open
 * - `ownerLost`: the process that made the call was gone before it wrote down how it ended
 * - `notStored`: it ended, and its outcome could not be written
 *
 * @category models
 * @since 0.1.0
 */
export const Doubt = Schema.Literals(["interrupted", "timedOut", "defect", "ambiguous", "ownerLost", "notStored"])
/**
 * @category models
 * @since 0.1.0
 */
export type Doubt = typeof Doubt.Type

/**
 * The record of one action. Times are milliseconds since 1970. `input`, `success` and `error` are as their schemas encode
 * them to JSON.
 *
 * @category models
 * @since 0.1.0
 */
export const Receipt = Schema.Struct({
  v: Schema.Literal(1),
  /** SHA-256 of scope, kind and key in hex. It is given to the call, to be sent on as an idempotency key. */
  id: Schema.String,
  /** Within what the key is unique: one task of one run, one user, or everything. */
  scope: Schema.String,
  kind: Schema.String,
  key: Schema.String,
  /** SHA-256 of the canonical JSON of the input. */
  inputHash: Schema.String,
  input: Schema.Json,
  /** The sentence that was approved. */
  summary: Schema.String,
  state: State,
  userId: Schema.String,
  runId: Schema.optionalKey(Schema.String),
  taskId: Schema.optionalKey(Schema.String),
  approvedBy: Schema.String,
  /** How often it was called; more than 1 only after calls that were provably not carried out. */
  attempts: Schema.Natural,
  intendedAt: Schema.Finite,
  endedAt: Schema.optionalKey(Schema.Finite),
  success: Schema.optionalKey(Schema.Json),
  /** The failure of the last call that was not carried out, or that left it open. */
  error: Schema.optionalKey(Schema.Json),
  doubt: Schema.optionalKey(Doubt),
  /** Who said how it ended, where it was not the call itself: `verify`, or a person. */
  settledBy: Schema.optionalKey(Schema.String),
  /** Until when it may be taken back, where the action gives a way. */
  undoUntil: Schema.optionalKey(Schema.Finite),
  /** Which call is in flight, and until when it counts as alive unless it is heard of again. */
  owner: Schema.String,
  leaseUntil: Schema.Finite,
  /** Counts the changes, from 1: a change to another version than the one that was read does not take place. */
  version: Schema.Natural
})
/**
 * @category models
 * @since 0.1.0
 */
export type Receipt = typeof Receipt.Type

/**
 * The id of the receipt of an action.
 *
 * @category getters
 * @since 0.1.0
 */
export const idOf = (action: { readonly scope: string; readonly kind: string; readonly key: string }): string =>
  sha256(JSON.stringify([action.scope, action.kind, action.key]))

/**
 * The hash that an approval holds for: equal inputs have equal hashes, whatever the order of their fields.
 *
 * @category getters
 * @since 0.1.0
 */
export const hashOf = (input: Schema.Json): string => sha256(canonicalJson(input))

/**
 * What was done to the outside world, by whom and when, in a log that shows where it was changed: each entry carries the
 * hash of the one before it.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { canonicalJson } from "./internal/canonicalJson.ts"
import { sha256 } from "./internal/sha256.ts"

/**
 * What an entry says: about an action, never with its input or outcome, which stay in its receipt.
 *
 * - `denied`: it may not be done, `by` said so; `refused`: its kind was not given to the run
 * - `intended`: written before the call, `by` approved it; `done`, `notDone`, `unknown`: how the call ended
 * - `settled`: a doubt was settled, `reason` says as what; `undone`: it was taken back
 * - `late`: a call that had been given up for lost ended after all, `reason` says how
 *
 * @category models
 * @since 0.1.0
 */
export const Event = Schema.Struct({
  what: Schema.Literals(["denied", "refused", "intended", "done", "notDone", "unknown", "settled", "undone", "late"]),
  receiptId: Schema.String,
  kind: Schema.String,
  inputHash: Schema.String,
  userId: Schema.String,
  runId: Schema.optionalKey(Schema.String),
  taskId: Schema.optionalKey(Schema.String),
  /** Who approved, denied, settled or took it back. */
  by: Schema.optionalKey(Schema.String),
  reason: Schema.optionalKey(Schema.String)
})
/**
 * @category models
 * @since 0.1.0
 */
export type Event = typeof Event.Type

/**
 * An event in its place in the log.
 *
 * @category models
 * @since 0.1.0
 */
export const Entry = Schema.Struct({
  v: Schema.Literal(1),
  /** From 1, without a gap. */
  seq: Schema.Natural,
  /** Milliseconds since 1970. */
  at: Schema.Finite,
  /** The hash of the entry before; of the first one it is `genesis`. */
  previous: Schema.String,
  ...Event.fields
})
/**
 * @category models
 * @since 0.1.0
 */
export type Entry = typeof Entry.Type

/**
 * An entry as it is kept: `line` is its canonical JSON, `hash` the SHA-256 of that line in hex. A log that is exported
 * keeps both.
 *
 * @category models
 * @since 0.1.0
 */
export const Sealed = Schema.Struct({ line: Schema.String, hash: Schema.String })
/**
 * @category models
 * @since 0.1.0
 */
export type Sealed = typeof Sealed.Type

/**
 * Where a log stands: how many entries it has and the hash of the last one.
 *
 * @category models
 * @since 0.1.0
 */
export const Head = Schema.Struct({ seq: Schema.Natural, hash: Schema.String })
/**
 * @category models
 * @since 0.1.0
 */
export type Head = typeof Head.Type

/**
 * The head of a log without entries.
 *
 * @category constructors
 * @since 0.1.0
 */
export const genesis: Head = { seq: 0, hash: "0".repeat(64) }

/**
 * Puts an event behind a head: what a store keeps.
 *
 * @category constructors
 * @since 0.1.0
 */
export const seal = (head: Head, at: number, event: Event): { readonly sealed: Sealed; readonly head: Head } => {
  const line = canonicalJson({ v: 1, seq: head.seq + 1, at, previous: head.hash, ...event })
  const hash = sha256(line)
  return { sealed: { line, hash }, head: { seq: head.seq + 1, hash } }
}

/**
 * Where a log does not hang together: an entry was changed, removed, added or moved at or before `seq`.
 *
 * @category errors
 * @since 0.1.0
 */
export class AuditLogBrokenError extends Schema.TaggedError<AuditLogBrokenError>()("AuditLogBrokenError", {
  seq: Schema.Natural,
  problem: Schema.Literals(["changed", "missing", "unreadable", "truncated"]),
  message: Schema.String
}) {}

const broken = (seq: number, problem: AuditLogBrokenError["problem"], message: string): AuditLogBrokenError =>
  new AuditLogBrokenError({ seq, problem, message: `The audit log does not hold at entry ${seq}: ${message}` })

/** The head after one more entry, or what is wrong with it. */
const advance = (head: Head, { hash, line }: Sealed): Head | AuditLogBrokenError => {
  const seq = head.seq + 1
  if (sha256(line) !== hash) return broken(seq, "changed", "its text does not give its hash")
  let entry: { readonly seq?: unknown; readonly previous?: unknown }
  try {
    entry = JSON.parse(line)
  } catch {
    return broken(seq, "unreadable", "it is not JSON")
  }
  if (entry.seq !== seq) return broken(seq, "missing", `the entry in its place calls itself ${JSON.stringify(entry.seq)}`)
  if (entry.previous !== head.hash) return broken(seq, "changed", "the entry before it is not the one that it was written behind")
  return { seq, hash }
}

/**
 * Walks a log from its start and gives its head. What was cut off at the end shows only to those who noted an earlier
 * head elsewhere: give it as `expected`, and a log that does not contain it is broken.
 *
 * **Example**
 *
 * ```ts
 * const head = AuditLog.verify(store.audit, { expected: notedLastWeek })
 * ```
 *
 * Errors: `AuditLogBrokenError` with the first entry that does not hold, and those of the stream.
 *
 * @category combinators
 * @since 0.1.0
 */
export const verify = <E, R>(
  log: Stream.Stream<Sealed, E, R>,
  options?: { readonly expected?: Head | undefined }
): Effect.Effect<Head, AuditLogBrokenError | E, R> => {
  const expected = options?.expected
  return Effect.suspend(() => {
    let head = genesis
    let met = expected === undefined || expected.seq === 0
    return Stream.runForEachArray(log, (sealed) =>
      Effect.suspend(() => {
        for (const one of sealed) {
          const next = advance(head, one)
          if (next instanceof AuditLogBrokenError) return Effect.fail(next)
          head = next
          if (expected !== undefined && head.seq === expected.seq) {
            if (head.hash !== expected.hash) return Effect.fail(broken(head.seq, "changed", "it is another one than was noted"))
            met = true
          }
        }
        return Effect.void
      })
    ).pipe(
      Effect.andThen(
        Effect.suspend(() =>
          met ? Effect.succeed(head) : Effect.fail(broken(head.seq + 1, "truncated", `the log ends before entry ${expected!.seq}, which was noted`))
        )
      )
    )
  })
}

/**
 * An entry as data again.
 *
 * @category getters
 * @since 0.1.0
 */
export const decode: (sealed: Sealed) => Effect.Effect<Entry, Schema.SchemaError> = (sealed) =>
  Schema.decodeUnknownEffect(Schema.fromJsonString(Entry))(sealed.line)

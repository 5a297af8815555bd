/**
 * What Operator does to a CRM, as side effects: for `SideEffect.settle`, `SideEffect.undo`, and agents of your own.
 *
 * A record that is created has its receipt's id, so that a CRM refuses a second one; changes and removals name the version that they
 * are for. So none of them can take effect twice, and what is in doubt is looked up at once.
 *
 * @since 0.1.0
 */
import type { AnyRecord } from "@aria/connectors/Crm"
import { CrmError } from "@aria/connectors/CrmError"
import * as CrmRecord from "@aria/connectors/CrmRecord"
import * as SideEffect from "@aria/orchestrator-core/SideEffect"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { between } from "./Difference.ts"
import { creating, removing, updating } from "./internal/crmSentences.ts"
import { defined, only } from "./internal/json.ts"
import { contentOf, current, loose, restoring, stored, valuesOf } from "./internal/looseCrm.ts"
import { NotRestorableError } from "./OperatorError.ts"

/**
 * How an action may fail.
 *
 * @category errors
 * @since 0.1.0
 */
export const Error = Schema.Union([...CrmError.members, NotRestorableError])
/**
 * @category errors
 * @since 0.1.0
 */
export type Error = typeof Error.Type

/**
 * The fields of a record that are written.
 *
 * @category models
 * @since 0.1.0
 */
export const Values = Schema.Record(Schema.String, Schema.NullOr(Schema.Union([Schema.String, Schema.Finite])))

/**
 * @category models
 * @since 0.1.0
 */
export const CreateInput = Schema.Struct({ recordType: CrmRecord.Type, record: Values })
/**
 * @category models
 * @since 0.1.0
 */
export type CreateInput = typeof CreateInput.Type

const target = { recordType: CrmRecord.Type, recordId: Schema.String, version: Schema.String }

/**
 * @category models
 * @since 0.1.0
 */
export const UpdateInput = Schema.Struct({ ...target, change: Values })
/**
 * @category models
 * @since 0.1.0
 */
export type UpdateInput = typeof UpdateInput.Type

/**
 * @category models
 * @since 0.1.0
 */
export const RemoveInput = Schema.Struct(target)
/**
 * @category models
 * @since 0.1.0
 */
export type RemoveInput = typeof RemoveInput.Type

const typed = <T extends CrmRecord.Type, S extends Schema.Constraint>(type: T, record: S) =>
  Schema.Struct({ type: Schema.Literal(type), record })

/**
 * A record with its type.
 *
 * @category models
 * @since 0.1.0
 */
export const Stored = Schema.Union([
  typed("lead", CrmRecord.Lead),
  typed("contact", CrmRecord.Contact),
  typed("account", CrmRecord.Account),
  typed("opportunity", CrmRecord.Opportunity),
  typed("note", CrmRecord.Note)
])
/**
 * @category models
 * @since 0.1.0
 */
export type Stored = typeof Stored.Type

/**
 * How long an action can be taken back.
 *
 * @category constants
 * @since 0.1.0
 */
export const undoWithin = "5 minutes"

/**
 * Makes a record. Taken back, it is removed, unless it was changed since.
 *
 * @category actions
 * @since 0.1.0
 */
export const create = SideEffect.make("crm.create", {
  input: CreateInput,
  success: Schema.Struct({ stored: Stored, receiptId: Schema.String }),
  error: Error,
  settleAfter: 0,
  summary: creating,
  call: Effect.fn("CrmAction.create")(function* ({ record, recordType }, { receiptId }) {
    const crm = yield* loose
    const made = yield* crm.create(recordType, { ...record, id: receiptId }).pipe(
      // Nobody else makes this id: an earlier call of this action did it.
      Effect.catchTag("RecordExistsError", (exists) =>
        Effect.catchTag(crm.get(recordType, receiptId), "RecordNotFoundError", () => Effect.fail(exists))
      )
    )
    return { stored: stored(recordType, made), receiptId }
  }),
  verify: Effect.fnUntraced(function* ({ recordType }, { receiptId }) {
    return yield* (yield* loose).get(recordType, receiptId).pipe(
      Effect.map((record) => SideEffect.done({ stored: stored(recordType, record), receiptId })),
      Effect.catchTag("RecordNotFoundError", () => Effect.succeed(SideEffect.notDone))
    )
  }),
  undo: {
    within: undoWithin,
    call: Effect.fnUntraced(function* ({ recordType }, { stored: { record } }) {
      yield* (yield* loose).remove(recordType, { id: record.id, version: record.version })
    })
  }
})

/** `before` is what the caller has just read, for the sentence and for a call whose answer is lost. */
const updateOf = (before: AnyRecord | undefined) =>
  SideEffect.make("crm.update", {
    input: UpdateInput,
    success: Schema.Struct({ before: Schema.optionalKey(Stored), stored: Stored, receiptId: Schema.String }),
    error: Error,
    settleAfter: 0,
    summary: (input) => updating(input, before),
    check: (input) => Effect.asVoid(current(input)),
    call: Effect.fn("CrmAction.update")(function* (input, { receiptId }) {
      const { change, recordId: id, recordType, version } = input
      const was = yield* current(input)
      const record = yield* (yield* loose).update(recordType, { id, version, change })
      return { before: stored(recordType, was), stored: stored(recordType, record), receiptId }
    }),
    verify: Effect.fnUntraced(function* ({ change, recordId, recordType, version }, { receiptId }) {
      const record = yield* (yield* loose).get(recordType, recordId)
      if (record.version === version) return SideEffect.notDone
      const asWanted = between(change, only(contentOf(recordType, record), Object.keys(change))).length === 0
      const was = before === undefined ? undefined : stored(recordType, before)
      return asWanted
        ? SideEffect.done({ ...defined({ before: was }), stored: stored(recordType, record), receiptId })
        : SideEffect.undecided
    }),
    undo: {
      within: undoWithin,
      call: Effect.fnUntraced(function* ({ recordId: id, recordType }, { before, stored: { record } }) {
        if (before === undefined) return yield* new NotRestorableError({ subject: recordType, id })
        const change = restoring(recordType, before.record, record)
        if (Object.keys(change).length === 0) return
        yield* (yield* loose).update(recordType, { id, version: record.version, change })
      })
    }
  })

const removeOf = (before: AnyRecord | undefined) =>
  SideEffect.make("crm.remove", {
    input: RemoveInput,
    success: Schema.Struct({ removed: Schema.optionalKey(Stored), receiptId: Schema.String }),
    error: Error,
    settleAfter: 0,
    summary: (input) => removing(input, before),
    check: (input) => Effect.asVoid(current(input)),
    call: Effect.fn("CrmAction.remove")(function* (input, { receiptId }) {
      const { recordId: id, recordType, version } = input
      const was = yield* current(input)
      yield* (yield* loose).remove(recordType, { id, version })
      return { removed: stored(recordType, was), receiptId }
    }),
    // A record that is there was not removed, and a late call for an old version is refused.
    verify: Effect.fnUntraced(function* ({ recordId, recordType }, { receiptId }) {
      const removed = before === undefined ? undefined : stored(recordType, before)
      return yield* (yield* loose).get(recordType, recordId).pipe(
        Effect.as(SideEffect.notDone),
        Effect.catchTag("RecordNotFoundError", () =>
          Effect.succeed(SideEffect.done({ ...defined({ removed }), receiptId }))
        )
      )
    }),
    undo: {
      within: undoWithin,
      call: Effect.fnUntraced(function* ({ recordId: id, recordType }, { removed }) {
        if (removed === undefined) return yield* new NotRestorableError({ subject: recordType, id })
        yield* (yield* loose).create(recordType, { ...valuesOf(recordType, removed.record), id })
      })
    }
  })

/**
 * Changes a record. Taken back, the fields get what they had before, unless it was changed since.
 *
 * @category actions
 * @since 0.1.0
 */
export const update = updateOf(undefined)

/**
 * Removes a record that no other one refers to. Taken back, it is created again with the same id and content.
 *
 * @category actions
 * @since 0.1.0
 */
export const remove = removeOf(undefined)

/**
 * `update` and `remove` of a record that was read before, so that the question about it names it as a person does.
 *
 * @category actions
 * @since 0.1.0
 */
export const about = (record: AnyRecord) => ({ update: updateOf(record), remove: removeOf(record) })

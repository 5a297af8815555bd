/**
 * What can go wrong with a CRM, each with what to do about it.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import * as CrmRecord from "./CrmRecord.ts"

/**
 * One problem of data that was refused.
 *
 * @category models
 * @since 0.1.0
 */
export const Issue = Schema.Struct({
  path: Schema.Array(Schema.Union([Schema.String, Schema.Finite])),
  /** The value, shortened; `"nothing"` where it is missing. */
  received: Schema.String,
  /** What may stand there. */
  allowed: Schema.String
})
/**
 * @category models
 * @since 0.1.0
 */
export interface Issue extends Schema.Schema.Type<typeof Issue> {}

const sentences = (issues: ReadonlyArray<Issue>): string =>
  issues
    .map(({ allowed, path, received }) => `${path.length === 0 ? "" : `${path.join(".")}: `}received ${received}, allowed is ${allowed}`)
    .join("; ")

/**
 * There is no record with this id.
 *
 * @category errors
 * @since 0.1.0
 */
export class RecordNotFoundError extends Schema.TaggedError<RecordNotFoundError>()("RecordNotFoundError", {
  type: CrmRecord.Type,
  id: Schema.String
}) {
  override get message(): string {
    return `There is no ${this.type} with the id ${JSON.stringify(this.id)}: find it by its fields, it may have been removed`
  }
}

/**
 * `create` was given an id that is taken. Nothing was written.
 *
 * @category errors
 * @since 0.1.0
 */
export class RecordExistsError extends Schema.TaggedError<RecordExistsError>()("RecordExistsError", {
  type: CrmRecord.Type,
  id: Schema.String
}) {
  override get message(): string {
    return `There is a ${this.type} with the id ${JSON.stringify(this.id)} already: update it, or leave the id out to get a new one`
  }
}

/**
 * The record was changed since the version that the caller knows. Nothing was written.
 *
 * @category errors
 * @since 0.1.0
 */
export class StaleRecordError extends Schema.TaggedError<StaleRecordError>()("StaleRecordError", {
  type: CrmRecord.Type,
  id: Schema.String,
  /** The version that was given. */
  received: Schema.String,
  /** The version that the record has. */
  current: Schema.String
}) {
  override get message(): string {
    return `The ${this.type} ${JSON.stringify(this.id)} has version ${this.current}, received ${this.received}: read it again and decide anew`
  }
}

/**
 * A record, or a change of one, that does not fit its type. Nothing was written.
 *
 * @category errors
 * @since 0.1.0
 */
export class InvalidRecordError extends Schema.TaggedError<InvalidRecordError>()("InvalidRecordError", {
  type: CrmRecord.Type,
  issues: Schema.NonEmptyArray(Issue)
}) {
  override get message(): string {
    return `This ${this.type} cannot be written: ${sentences(this.issues)}`
  }
}

/**
 * A record refers to one that does not exist. Nothing was written.
 *
 * @category errors
 * @since 0.1.0
 */
export class RecordReferenceError extends Schema.TaggedError<RecordReferenceError>()("RecordReferenceError", {
  type: CrmRecord.Type,
  /** The field that refers. */
  field: Schema.String,
  /** What it refers to. */
  to: CrmRecord.Reference
}) {
  override get message(): string {
    return `${this.field} of this ${this.type} refers to the ${this.to.type} ${JSON.stringify(this.to.id)}, which does not exist: create it first`
  }
}

/**
 * A record was to be removed that another one refers to. Nothing was removed.
 *
 * @category errors
 * @since 0.1.0
 */
export class RecordInUseError extends Schema.TaggedError<RecordInUseError>()("RecordInUseError", {
  type: CrmRecord.Type,
  id: Schema.String,
  /** One of those that refer to it. */
  by: CrmRecord.Reference
}) {
  override get message(): string {
    return `The ${this.type} ${JSON.stringify(this.id)} is not removed: the ${this.by.type} ${JSON.stringify(this.by.id)} refers to it, change or remove that first`
  }
}

/**
 * A query that cannot be answered: a field that the type does not have, a value of another type, a limit out of range, a cursor
 * of another query.
 *
 * @category errors
 * @since 0.1.0
 */
export class InvalidCrmQueryError extends Schema.TaggedError<InvalidCrmQueryError>()("InvalidCrmQueryError", {
  type: CrmRecord.Type,
  issues: Schema.NonEmptyArray(Issue)
}) {
  override get message(): string {
    return `This query for ${this.type} records is not valid: ${sentences(this.issues)}`
  }
}

/**
 * A type of records that no CRM has. Only where the type came as data: in code it does not compile.
 *
 * @category errors
 * @since 0.1.0
 */
export class UnknownRecordTypeError extends Schema.TaggedError<UnknownRecordTypeError>()("UnknownRecordTypeError", {
  received: Schema.String
}) {
  override get message(): string {
    return `There is no record type ${this.received}, allowed are ${CrmRecord.Type.literals.join(", ")}`
  }
}

/**
 * The CRM could not be reached, or did not answer as it should.
 *
 * @category errors
 * @since 0.1.0
 */
export class CrmUnavailableError extends Schema.TaggedError<CrmUnavailableError>()("CrmUnavailableError", {
  /** `find`, `get`, `create`, `update` or `remove`. */
  operation: Schema.Literals(["find", "get", "create", "update", "remove"]),
  /** Whether the write may have been carried out. Always `false` for `find` and `get`. Never repeat such a write blindly. */
  ambiguous: Schema.Boolean,
  /** A sentence: what happened and what to do. */
  message: Schema.String,
  cause: Schema.optionalKey(Schema.Defect())
}) {}

/**
 * All of them.
 *
 * @category errors
 * @since 0.1.0
 */
export const CrmError = Schema.Union([
  RecordNotFoundError,
  RecordExistsError,
  StaleRecordError,
  InvalidRecordError,
  RecordReferenceError,
  RecordInUseError,
  InvalidCrmQueryError,
  UnknownRecordTypeError,
  CrmUnavailableError
])
/**
 * @category errors
 * @since 0.1.0
 */
export type CrmError = typeof CrmError.Type

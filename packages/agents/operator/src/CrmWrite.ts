/**
 * Writing to a CRM: create, update and delete, each approved, done once, and read back.
 *
 * @since 0.1.0
 */
import * as CrmRecord from "@aria/connectors/CrmRecord"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { Difference } from "./Difference.ts"
import * as create from "./internal/crmCreate.ts"
import * as existing from "./internal/crmExisting.ts"
import { writing } from "./internal/payloadFields.ts"
import { changeOf, draftOf } from "./internal/recordSchemas.ts"
import * as Preview from "./Preview.ts"

const createOf = <T extends CrmRecord.Type, S extends Schema.Constraint>(recordType: T, record: S) =>
  Schema.Struct({
    action: Schema.Literal("create"),
    recordType: Schema.Literal(recordType),
    /** Fields that may be `null` may be left out. */
    record,
    ...writing
  })

/**
 * A new record.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Create = Schema.Union([
  createOf("lead", draftOf("lead")),
  createOf("contact", draftOf("contact")),
  createOf("account", draftOf("account")),
  createOf("opportunity", draftOf("opportunity")),
  createOf("note", draftOf("note"))
])
/**
 * @category models
 * @since 0.1.0
 */
export type Create = typeof Create.Type

const target = {
  recordId: Schema.NonEmptyString,
  /** The version that was read. Another one is refused with `StaleRecordError`. */
  version: Schema.NonEmptyString
}

const updateOf = <T extends CrmRecord.Type, S extends Schema.Constraint>(recordType: T, change: S) =>
  Schema.Struct({
    action: Schema.Literal("update"),
    recordType: Schema.Literal(recordType),
    ...target,
    /** What is left out stays; `null` empties a field. */
    change,
    ...writing
  })

/**
 * A change of a record.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Update = Schema.Union([
  updateOf("lead", changeOf("lead")),
  updateOf("contact", changeOf("contact")),
  updateOf("account", changeOf("account")),
  updateOf("opportunity", changeOf("opportunity")),
  updateOf("note", changeOf("note"))
])
/**
 * @category models
 * @since 0.1.0
 */
export type Update = typeof Update.Type

/**
 * The end of a record. One that others refer to is refused with `RecordInUseError`.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Delete = Schema.Struct({
  action: Schema.Literal("delete"),
  recordType: CrmRecord.Type,
  ...target,
  ...writing
})
/**
 * @category models
 * @since 0.1.0
 */
export type Delete = typeof Delete.Type

/**
 * What to write.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Parameters = Schema.Union([...Create.members, ...Update.members, Delete]).annotate({
  message:
    'Expected an object with an action, "create", "update" or "delete", ' +
    `and a recordType: ${CrmRecord.Type.literals.map((type) => `"${type}"`).join(", ")}`
})
/**
 * @category models
 * @since 0.1.0
 */
export type Parameters = typeof Parameters.Type

const operationType = Schema.Literal("crm_write")

/** What all that was done says of itself. */
const done = {
  operationType,
  dryRun: Schema.Literal(false),
  recordId: Schema.String,
  /** For `SideEffect.undo` with the action of `CrmAction`. */
  receiptId: Schema.String,
  /** Sentences: what a reader should know besides. */
  warnings: Schema.Array(Schema.String)
}

const writtenOf = <T extends CrmRecord.Type, S extends Schema.Constraint>(recordType: T, record: S) =>
  Schema.Struct({
    ...done,
    action: Schema.Literals(["create", "update"]),
    recordType: Schema.Literal(recordType),
    /** For the next change of it. */
    version: Schema.String,
    record,
    /** The fields that were written. */
    updatedFields: Schema.Array(Schema.String),
    /** What the CRM made of it: each field that is not as it was written, `before` what was written and `after` what is there. */
    differences: Schema.Array(Difference)
  })

/**
 * A record that was created or changed, as the CRM has it.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Written = Schema.Union([
  writtenOf("lead", CrmRecord.Lead),
  writtenOf("contact", CrmRecord.Contact),
  writtenOf("account", CrmRecord.Account),
  writtenOf("opportunity", CrmRecord.Opportunity),
  writtenOf("note", CrmRecord.Note)
])
/**
 * @category models
 * @since 0.1.0
 */
export type Written = typeof Written.Type

const deletedOf = <T extends CrmRecord.Type, S extends Schema.Constraint>(recordType: T, record: S) =>
  Schema.Struct({
    ...done,
    action: Schema.Literal("delete"),
    recordType: Schema.Literal(recordType),
    /** What it was; left out where the answer was lost and nobody knows. */
    removed: Schema.optionalKey(record)
  })

/**
 * A record that is not there any more.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Deleted = Schema.Union([
  deletedOf("lead", CrmRecord.Lead),
  deletedOf("contact", CrmRecord.Contact),
  deletedOf("account", CrmRecord.Account),
  deletedOf("opportunity", CrmRecord.Opportunity),
  deletedOf("note", CrmRecord.Note)
])
/**
 * @category models
 * @since 0.1.0
 */
export type Deleted = typeof Deleted.Type

/**
 * What would be done. Whether what a record refers to exists, and whether others refer to it, is found out by writing only.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Planned = Schema.Struct({
  operationType,
  action: Schema.Literals(["create", "update", "delete"]),
  recordType: CrmRecord.Type,
  ...Preview.fields
})
/**
 * @category models
 * @since 0.1.0
 */
export type Planned = typeof Planned.Type

/**
 * What a write came to.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Success = Schema.Union([...Written.members, ...Deleted.members, Planned])
/**
 * @category models
 * @since 0.1.0
 */
export type Success = typeof Success.Type

/**
 * Writes, or says what it would write.
 *
 * @category running
 * @since 0.1.0
 */
export const run = Effect.fn("CrmWrite.run")(function* (parameters: Parameters) {
  switch (parameters.action) {
    case "create":
      return yield* parameters.dryRun === true ? create.plan(parameters) : create.write(parameters)
    case "update":
      return yield* parameters.dryRun === true ? existing.planUpdate(parameters) : existing.update(parameters)
    case "delete":
      return yield* parameters.dryRun === true ? existing.planRemoval(parameters) : existing.remove(parameters)
  }
})

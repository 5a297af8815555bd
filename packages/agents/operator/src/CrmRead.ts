/**
 * Reading a CRM: one record, or those that meet conditions, over as many pages as are needed.
 *
 * @since 0.1.0
 */
import * as CrmRecord from "@aria/connectors/CrmRecord"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { read } from "./internal/crmReading.ts"
import { orderOf, whereOf } from "./internal/recordSchemas.ts"

/**
 * How many records are read where nothing is said.
 *
 * @category constants
 * @since 0.1.0
 */
export const defaultLimit = 1_000

const Limit = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 10_000 }))

const isAlone = Schema.makeFilter(
  ({
    after,
    limit,
    orderBy,
    recordId,
    where
  }: { readonly [name in "after" | "limit" | "orderBy" | "recordId" | "where"]?: unknown }) =>
    recordId === undefined || [after, limit, orderBy, where].every((other) => other === undefined)
      ? undefined
      : { path: ["recordId"], issue: "Expected it without where, orderBy, limit and after: it is one record" }
)

const parametersOf = <T extends CrmRecord.Type>(type: T) =>
  Schema.Struct({
    recordType: Schema.Literal(type),
    /** This one record; one that does not exist is a `RecordNotFoundError`. It goes without the rest. */
    recordId: Schema.optional(Schema.NonEmptyString),
    /** Conditions as in `CrmQuery`: `{ status: { eq: "new" }, value: { gte: 10_000 } }`. Default: all records. */
    where: Schema.optional(whereOf(type)),
    /** The first field first. Default: by id. */
    orderBy: Schema.optional(orderOf(type)),
    /** How many records at most, over all pages; a whole number from 1 to 10,000. Default {@link defaultLimit}. */
    limit: Schema.optional(Limit),
    /** The `next` of an earlier result of the same query: goes on behind it. */
    after: Schema.optional(Schema.NonEmptyString)
  }).check(isAlone)

/**
 * What to read.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Parameters = Schema.Union([
  parametersOf("lead"),
  parametersOf("contact"),
  parametersOf("account"),
  parametersOf("opportunity"),
  parametersOf("note")
]).annotate({
  message: `Expected an object with a recordType: ${CrmRecord.Type.literals.map((type) => `"${type}"`).join(", ")}`
})
/**
 * @category models
 * @since 0.1.0
 */
export type Parameters = typeof Parameters.Type

const successOf = <T extends CrmRecord.Type, S extends Schema.Constraint>(type: T, record: S) =>
  Schema.Struct({
    operationType: Schema.Literal("crm_read"),
    recordType: Schema.Literal(type),
    /** The one that was asked for; left out where none was. */
    recordId: Schema.optionalKey(Schema.String),
    records: Schema.Array(record),
    /** How many `records` there are. */
    totalCount: Schema.Natural,
    /** Whether the CRM has more that meet the conditions: then `next` is there. */
    truncated: Schema.Boolean,
    /** For `after`. */
    next: Schema.optionalKey(Schema.String)
  })

/**
 * What was read.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Success = Schema.Union([
  successOf("lead", CrmRecord.Lead),
  successOf("contact", CrmRecord.Contact),
  successOf("account", CrmRecord.Account),
  successOf("opportunity", CrmRecord.Opportunity),
  successOf("note", CrmRecord.Note)
])
/**
 * @category models
 * @since 0.1.0
 */
export type Success = typeof Success.Type

/**
 * Reads.
 *
 * @category running
 * @since 0.1.0
 */
export const run = Effect.fn("CrmRead.run")((parameters: Parameters) => read(parameters, defaultLimit))

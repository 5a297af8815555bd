/**
 * What a CRM holds: leads, contacts, accounts, opportunities and notes, as plain data with a schema each.
 *
 * Texts are well-formed Unicode without U+0000; numbers are finite; `null` is "not known". Nothing is trimmed or changed.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { Day, Finite, RecordId, Text, Title } from "./internal/crmFields.ts"

const base = {
  /** Stable, given at creation or made by the CRM; unique within its type. */
  id: RecordId,
  /** Opaque: it is another text after each change. Compare it for equality only. */
  version: Schema.NonEmptyString,
  createdAt: Schema.DateTimeUtcFromString,
  updatedAt: Schema.DateTimeUtcFromString
}

const Currency = Schema.String.check(Schema.isPattern(/^[A-Z]{3}$/, { expected: 'a currency code of three letters such as "EUR"' }))
const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0, { expected: "a whole number, 0 or more" }))
const Share = Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }, { expected: "a number from 0 to 1" }))

/**
 * Somebody who may become a customer.
 *
 * @category models
 * @since 0.1.0
 */
export const Lead = Schema.Struct({
  ...base,
  name: Title,
  /** As the CRM calls it: `"new"`, `"contacted"`, `"qualified"` ... */
  status: Title,
  company: Schema.NullOr(Text),
  email: Schema.NullOr(Text),
  phone: Schema.NullOr(Text),
  /** What it may be worth, in `currency`. */
  value: Schema.NullOr(Finite),
  /** ISO 4217; `null` is the CRM's own. */
  currency: Schema.NullOr(Currency),
  /** Where it came from. */
  source: Schema.NullOr(Text)
})
/**
 * @category models
 * @since 0.1.0
 */
export interface Lead extends Schema.Schema.Type<typeof Lead> {}

/**
 * A person.
 *
 * @category models
 * @since 0.1.0
 */
export const Contact = Schema.Struct({
  ...base,
  name: Title,
  email: Schema.NullOr(Text),
  phone: Schema.NullOr(Text),
  title: Schema.NullOr(Text),
  /** The company's name, where it is no account. */
  company: Schema.NullOr(Text),
  /** The id of an account that exists. */
  accountId: Schema.NullOr(RecordId)
})
/**
 * @category models
 * @since 0.1.0
 */
export interface Contact extends Schema.Schema.Type<typeof Contact> {}

/**
 * A company.
 *
 * @category models
 * @since 0.1.0
 */
export const Account = Schema.Struct({
  ...base,
  name: Title,
  industry: Schema.NullOr(Text),
  website: Schema.NullOr(Text),
  employees: Schema.NullOr(Count),
  /** Of a year, in `currency`. */
  revenue: Schema.NullOr(Finite),
  /** ISO 4217; `null` is the CRM's own. */
  currency: Schema.NullOr(Currency)
})
/**
 * @category models
 * @since 0.1.0
 */
export interface Account extends Schema.Schema.Type<typeof Account> {}

/**
 * A sale that may be made.
 *
 * @category models
 * @since 0.1.0
 */
export const Opportunity = Schema.Struct({
  ...base,
  name: Title,
  /** The id of an account that exists. */
  accountId: Schema.NullOr(RecordId),
  /** As the CRM calls it. */
  stage: Title,
  /** In `currency`. */
  amount: Schema.NullOr(Finite),
  /** ISO 4217; `null` is the CRM's own. */
  currency: Schema.NullOr(Currency),
  /** A day, `YYYY-MM-DD`. */
  closeDate: Schema.NullOr(Day),
  /** From 0 to 1. */
  probability: Schema.NullOr(Share)
})
/**
 * @category models
 * @since 0.1.0
 */
export interface Opportunity extends Schema.Schema.Type<typeof Opportunity> {}

/**
 * A text about another record.
 *
 * @category models
 * @since 0.1.0
 */
export const Note = Schema.Struct({
  ...base,
  text: Title,
  /** The type of the record that it is about. */
  aboutType: Schema.Literals(["lead", "contact", "account", "opportunity"]),
  /** The id of a record that exists. */
  aboutId: RecordId
})
/**
 * @category models
 * @since 0.1.0
 */
export interface Note extends Schema.Schema.Type<typeof Note> {}

/**
 * The schemas, by type.
 *
 * @category schemas
 * @since 0.1.0
 */
export const schemas = { lead: Lead, contact: Contact, account: Account, opportunity: Opportunity, note: Note } as const

/**
 * The names of the types of records.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Type = Schema.Literals(["lead", "contact", "account", "opportunity", "note"])
/**
 * @category models
 * @since 0.1.0
 */
export type Type = typeof Type.Type

/**
 * A record of a type: `Of<"lead">` is `Lead`.
 *
 * @category models
 * @since 0.1.0
 */
export type Of<T extends Type> = Schema.Schema.Type<(typeof schemas)[T]>

/**
 * The fields of a type, those that all types have included.
 *
 * @category models
 * @since 0.1.0
 */
export type Field<T extends Type> = keyof Of<T> & string

/**
 * The fields that a caller may write.
 *
 * @category models
 * @since 0.1.0
 */
export type Written<T extends Type> = Exclude<Field<T>, keyof typeof base>

type Nullable<T extends Type> = { [F in Written<T>]: null extends Of<T>[F] ? F : never }[Written<T>]

/**
 * What `create` takes: the fields that may be `null` may be left out. Without `id` the CRM makes one.
 *
 * @category models
 * @since 0.1.0
 */
export type Draft<T extends Type> = { readonly id?: string | undefined } & {
  readonly [F in Exclude<Written<T>, Nullable<T>>]: Of<T>[F]
} & { readonly [F in Nullable<T>]?: Of<T>[F] | undefined }

/**
 * What `update` takes: the fields to be changed, one at least. `null` empties a field; one that is left out stays.
 *
 * @category models
 * @since 0.1.0
 */
export type Change<T extends Type> = { readonly [F in Written<T>]?: Of<T>[F] | undefined }

/**
 * What there is to know of a field, for adapters.
 *
 * @category models
 * @since 0.1.0
 */
export interface FieldInfo {
  readonly name: string
  readonly kind: "text" | "number" | "day" | "choice" | "instant"
  readonly nullable: boolean
  /** Made by the CRM, not by the caller. */
  readonly system: boolean
  /** Whether records may be found by it: `version` is left out, it can only be compared for equality. */
  readonly queryable: boolean
}

const info = (name: string, kind: FieldInfo["kind"], nullable = false): FieldInfo => ({
  name,
  kind,
  nullable,
  system: Object.hasOwn(base, name),
  queryable: name !== "version"
})
const system = [info("id", "text"), info("version", "text"), info("createdAt", "instant"), info("updatedAt", "instant")]
const texts = (...names: ReadonlyArray<string>) => names.map((name) => info(name, "text", true))
const number = (name: string) => info(name, "number", true)

/**
 * The fields of each type, in the order of its schema.
 *
 * @category queries
 * @since 0.1.0
 */
export const fields: { readonly [T in Type]: ReadonlyArray<FieldInfo> } = {
  lead: [...system, info("name", "text"), info("status", "text"), ...texts("company", "email", "phone"), number("value"), ...texts("currency", "source")],
  contact: [...system, info("name", "text"), ...texts("email", "phone", "title", "company", "accountId")],
  account: [...system, info("name", "text"), ...texts("industry", "website"), number("employees"), number("revenue"), ...texts("currency")],
  opportunity: [
    ...system,
    info("name", "text"),
    ...texts("accountId"),
    info("stage", "text"),
    number("amount"),
    ...texts("currency"),
    info("closeDate", "day", true),
    number("probability")
  ],
  note: [...system, info("text", "text"), info("aboutType", "choice"), info("aboutId", "text")]
}

/**
 * A record that another one refers to.
 *
 * @category models
 * @since 0.1.0
 */
export const Reference = Schema.Struct({ type: Type, id: Schema.String })
/**
 * @category models
 * @since 0.1.0
 */
export interface Reference extends Schema.Schema.Type<typeof Reference> {}

/**
 * The records that a record refers to, with the field that does.
 *
 * @category queries
 * @since 0.1.0
 */
export const references = (
  type: Type,
  record: Readonly<Record<string, unknown>>
): ReadonlyArray<Reference & { readonly field: string }> => {
  const { aboutId, aboutType, accountId } = record
  if (type === "note") {
    return Schema.is(Type)(aboutType) && typeof aboutId === "string" ? [{ field: "aboutId", type: aboutType, id: aboutId }] : []
  }
  return (type === "contact" || type === "opportunity") && typeof accountId === "string"
    ? [{ field: "accountId", type: "account", id: accountId }]
    : []
}

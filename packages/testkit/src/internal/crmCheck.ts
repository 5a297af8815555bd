/** What the checks of a CRM are made of. */
import * as Crm from "@aria/connectors/Crm"
import * as CrmError from "@aria/connectors/CrmError"
import * as CrmRecord from "@aria/connectors/CrmRecord"
import * as Effect from "effect/Effect"
import { format } from "effect/Formatter"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

/** What was seen and should not have been. */
export class Broken extends Schema.TaggedError<Broken>()("Broken", { message: Schema.String }) {}

export interface Settings {
  readonly queries: number
  readonly seed: number
}

export interface Check {
  readonly name: string
  readonly run: (settings: Settings) => Effect.Effect<void, Broken | Crm.Error, Crm.Crm>
}

export type Row = Readonly<Record<string, unknown>> & { readonly id: string; readonly version: string }

/** A CRM as it looks to data: names of types and fields may be any. */
export interface LooseCrm {
  readonly find: (
    type: string,
    query?: unknown
  ) => Effect.Effect<{ readonly records: ReadonlyArray<Row>; readonly next?: string | undefined }, Crm.Error>
  readonly get: (type: string, id: string) => Effect.Effect<Row, Crm.Error>
  readonly create: (type: string, draft: unknown) => Effect.Effect<Row, Crm.Error>
  readonly update: (type: string, request: { readonly id: string; readonly version: string; readonly change: unknown }) => Effect.Effect<Row, Crm.Error>
  readonly remove: (type: string, request: { readonly id: string; readonly version: string }) => Effect.Effect<void, Crm.Error>
}

/** The CRM under test. What is generic over types is used with data here. */
export const theCrm: Effect.Effect<LooseCrm, never, Crm.Crm> = Effect.map(Crm.Crm, (crm) => crm as unknown as LooseCrm)

export const types = CrmRecord.Type.literals

export const broken = (message: string): Effect.Effect<never, Broken> => Effect.fail(new Broken({ message }))

export const show = (value: unknown): string => {
  const text = Object.is(value, -0) ? "-0" : format(value)
  return text.length > 300 ? `${text.slice(0, 300)}...` : text
}

export const expect = (holds: boolean, message: () => string): Effect.Effect<void, Broken> => (holds ? Effect.void : broken(message()))

/** A record as data, with its fields in order. Fails where it is none of its type. */
export const dataOf = (type: CrmRecord.Type, record: unknown): Effect.Effect<Readonly<Record<string, unknown>>, Broken> => {
  const schema = CrmRecord.schemas[type] as unknown as Schema.Codec<unknown, Readonly<Record<string, unknown>>>
  const encoded = Schema.encodeUnknownResult(schema)(record, { onExcessProperty: "error" })
  if (Result.isFailure(encoded)) return broken(`${show(record)} is no ${type}: ${encoded.failure.message}`)
  const data = encoded.success
  return Effect.succeed(Object.fromEntries(CrmRecord.fields[type].map(({ name }) => [name, data[name]])))
}

/** Whether both are the same record, field by field. */
export const expectSame = (type: CrmRecord.Type, received: unknown, wanted: unknown, what: string) =>
  Effect.gen(function* () {
    const [one, other] = [yield* dataOf(type, received), yield* dataOf(type, wanted)]
    const different = Object.keys(other).find((name) => !Object.is(one[name], other[name]))
    if (different !== undefined) return yield* broken(`${what}: ${different} is ${show(one[different])}, should be ${show(other[different])}`)
  })

/** Whether the fields of a record are those of a draft or a change. */
export const expectFields = (received: Row, wanted: Readonly<Record<string, unknown>>, what: string) =>
  Effect.forEach(
    Object.entries(wanted),
    ([name, value]) => expect(Object.is(received[name], value), () => `${what}: ${name} is ${show(received[name])}, should be ${show(value)}`),
    { discard: true }
  )

type Tag = CrmError.CrmError["_tag"]
const RoundTrip = Schema.toCodecJson(CrmError.CrmError)

/** The failure of an effect that has to fail with this tag: as an error of the contract that survives being data. */
export const expectFailure = <T extends Tag>(
  self: Effect.Effect<unknown, Crm.Error>,
  tag: T,
  what: string
): Effect.Effect<Extract<Crm.Error, { readonly _tag: T }>, Broken> =>
  Effect.gen(function* () {
    const result = yield* Effect.result(Effect.catchDefect(self, (defect) => broken(`${what}: died with ${show(defect)}`)))
    if (Result.isSuccess(result)) return yield* broken(`${what}: succeeded with ${show(result.success)}, should fail with ${tag}`)
    const error = result.failure
    if (error._tag === "Broken") return yield* error
    if (error._tag !== tag) return yield* broken(`${what}: failed with ${error._tag} (${error.message}), should be ${tag}`)
    const again = Result.flatMap(Schema.encodeResult(RoundTrip)(error), Schema.decodeUnknownResult(RoundTrip))
    if (Result.isFailure(again)) return yield* broken(`${what}: ${tag} cannot be written as data: ${again.failure.message}`)
    return error as Extract<Crm.Error, { readonly _tag: T }>
  })

/** All records of a type, page by page. */
export const allOf = (crm: LooseCrm, type: CrmRecord.Type) =>
  Effect.gen(function* () {
    const rows: Array<Row> = []
    let after: string | undefined
    for (let pages = 0; pages < 10_000; pages++) {
      const page = yield* crm.find(type, { limit: 200, after })
      rows.push(...page.records)
      if (page.next === undefined) return rows
      after = page.next
    }
    return yield* broken("10,000 pages and no end")
  })

/** Runs something that must not change any record. */
export const unchanged = <A, E>(crm: LooseCrm, self: Effect.Effect<A, E>, what: string) =>
  Effect.gen(function* () {
    const all = () =>
      Effect.forEach(types, (type) => Effect.flatMap(allOf(crm, type), (rows) => Effect.forEach(rows, (row) => dataOf(type, row))))
    const before = yield* all()
    const result = yield* self
    const after = yield* all()
    yield* expect(JSON.stringify(before) === JSON.stringify(after), () => `${what}: records were changed by it`)
    return result
  })

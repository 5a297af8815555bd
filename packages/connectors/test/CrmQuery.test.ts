import { type Crm, CrmQuery, CrmRecord } from "@aria/connectors"
import { describe, expect, it } from "@effect/vitest"
import * as DateTime from "effect/DateTime"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

type Fields = Readonly<Record<string, unknown>>

const lead = (id: string, fields: Fields = {}): Fields & { readonly id: string } => ({
  version: "1",
  createdAt: DateTime.makeUnsafe(0),
  updatedAt: DateTime.makeUnsafe(0),
  name: "n",
  status: "new",
  company: null,
  email: null,
  phone: null,
  value: null,
  currency: null,
  source: null,
  ...fields,
  id
})

const find = (query: CrmQuery.Query<"lead">, records: ReadonlyArray<Fields & { readonly id: string }>) => {
  const page = Result.getOrThrow(CrmQuery.evaluate(Result.getOrThrow(CrmQuery.check("lead", query)), records))
  return { ids: page.records.map(({ id }) => id), next: page.next }
}

describe("CrmQuery", () => {
  it("meets each condition by what it says", () => {
    const records = [lead("none"), lead("low", { value: 1, source: "Web" }), lead("high", { value: 10, source: "webinar" })]
    const cases: ReadonlyArray<readonly [CrmQuery.Where<"lead">, ReadonlyArray<string>]> = [
      [{}, ["high", "low", "none"]],
      [{ value: { eq: 1 } }, ["low"]],
      [{ value: { ne: 1 } }, ["high", "none"]],
      [{ value: { in: [10, 1, 7] } }, ["high", "low"]],
      [{ value: { in: [] } }, []],
      [{ value: { lt: 10 } }, ["low"]],
      [{ value: { lte: 10 } }, ["high", "low"]],
      [{ value: { gt: 1 } }, ["high"]],
      [{ value: { gte: 1, lt: 10 } }, ["low"]],
      [{ value: { exists: true } }, ["high", "low"]],
      [{ value: { exists: false } }, ["none"]],
      [{ source: { contains: "WEB" } }, ["high", "low"]],
      [{ source: { eq: "web" } }, []],
      [{ source: { contains: "" } }, ["high", "low"]],
      [{ source: { gt: "Web" } }, ["high"]],
      [{ value: { gte: 1 }, source: { contains: "inar" } }, ["high"]],
      [{ or: [{ value: { eq: 1 } }, { source: { exists: false } }] }, ["low", "none"]],
      [{ or: [] }, []],
      [{ and: [{ value: { gt: 1 } }, { value: { lt: 5 } }] }, []],
      [{ and: [] }, ["high", "low", "none"]],
      [{ not: { value: { gt: 1 } } }, ["low", "none"]],
      [{ value: undefined, source: { eq: undefined } }, ["high", "low", "none"]],
      [{ createdAt: { lt: DateTime.makeUnsafe(1) } }, ["high", "low", "none"]],
      [{ createdAt: { gt: DateTime.makeUnsafe(0) } }, []]
    ]
    for (const [where, ids] of cases) expect([where, find({ where }, records).ids]).toEqual([where, ids])
  })

  it("matches one record as it matches many", () => {
    const record = Schema.decodeUnknownSync(CrmRecord.Lead)({ ...lead("a", { value: 3 }), createdAt: "2026-01-01T00:00:00.000Z", updatedAt: "2026-01-01T00:00:00.000Z" })
    expect(CrmQuery.matches<"lead">({ value: { gt: 2 } }, record)).toBe(true)
    expect(CrmQuery.matches<"lead">({ not: { value: { gt: 2 } } }, record)).toBe(false)
  })

  it("sorts texts by code points, numbers by size, null first, and the id last", () => {
    const names = ["Z", "a", "ä", "\uE000", "\uFFFD", "😀", "\u{10FFFF}"]
    const records = names.map((name, index) => lead(`${index}`, { name }))
    expect(find({ orderBy: [{ field: "name" }] }, records.toReversed()).ids).toEqual(["0", "1", "2", "3", "4", "5", "6"])
    const numbers = [lead("a", { value: 10 }), lead("b", { value: 9 }), lead("c"), lead("d", { value: -1 }), lead("e", { value: 9 })]
    expect(find({ orderBy: [{ field: "value" }] }, numbers).ids).toEqual(["c", "d", "b", "e", "a"])
    expect(find({ orderBy: [{ field: "value", direction: "desc" }] }, numbers).ids).toEqual(["a", "b", "e", "d", "c"])
    expect(find({ orderBy: [{ field: "value" }, { field: "id", direction: "desc" }, { field: "name" }] }, numbers).ids).toEqual(["c", "d", "e", "b", "a"])
  })

  it("goes on behind the last record, also when that is gone", () => {
    const records = ["a", "b", "c", "d", "e"].map((id) => lead(id, { value: id === "c" ? null : 1 }))
    const query = { orderBy: [{ field: "value" }], limit: 2 } as const
    const first = find(query, records)
    expect(first.ids).toEqual(["c", "a"])
    const without = records.filter(({ id }) => id !== "a")
    const second = find({ ...query, after: first.next }, without)
    expect(second).toMatchObject({ ids: ["b", "d"] })
    expect(find({ ...query, after: second.next }, without)).toEqual({ ids: ["e"], next: undefined })
  })

  it("folds upper and lower case and composed characters of all scripts, and folding again changes nothing", () => {
    const alike: ReadonlyArray<readonly [string, string]> = [
      ["ÄRGER", "ärger"],
      ["STRASSE", "straße"],
      ["ΟΔΟΣ", "οδος"],
      ["é", "e\u0301"],
      ["É", "e\u0301"],
      ["ﬃ", "FFI"],
      ["Я", "я"],
      ["GROẞ", "groß"],
      ["ẞ", "SS"]
    ]
    for (const [one, other] of alike) expect(CrmQuery.fold(one)).toBe(CrmQuery.fold(other))
    for (const [one, other] of [["a", "ä"], ["%", "x"], ["1", "l"]] as const) expect(CrmQuery.fold(one)).not.toBe(CrmQuery.fold(other))
    const all = Array.from({ length: 0x2_ffff }, (_, code) => code).filter((code) => code < 0xd800 || code > 0xdfff)
    const changing = all.filter((code) => {
      const once = CrmQuery.fold(String.fromCodePoint(code))
      return CrmQuery.fold(once) !== once
    })
    expect(changing).toEqual([])
    const apart = all.map((code) => String.fromCodePoint(code)).filter((text) => {
      const folded = CrmQuery.fold(text)
      return folded !== CrmQuery.fold(text.toUpperCase()) || folded !== CrmQuery.fold(text.toLowerCase()) || folded !== CrmQuery.fold(text.normalize("NFD"))
    })
    expect(apart).toEqual([])
  })

  it("decodes what comes as data, times included", () => {
    const query = CrmQuery.decode("lead", { where: { createdAt: { gte: "2026-01-01T00:00:00Z" } }, limit: 3 })
    expect(Result.getOrThrow(query)).toEqual({ where: { createdAt: { gte: DateTime.makeUnsafe("2026-01-01T00:00:00Z") } }, limit: 3 })
    const late = CrmQuery.decode("lead", { where: { createdAt: { gte: "soon" } }, orderBy: [{ field: "x" }] })
    expect(Result.isFailure(late) && late.failure.issues.map(({ path }) => path.join("."))).toEqual(["where.createdAt.gte", "orderBy.0.field"])
    const bad = CrmQuery.check("lead", { where: { createdAt: { gte: "2026-01-01T00:00:00Z" } } })
    expect(Result.isFailure(bad)).toBe(true)
  })

  it("takes a query to data and back", () => {
    for (const query of [{}, { where: { not: { name: { in: ["a"] } } }, orderBy: [{ field: "name", direction: "desc" }], limit: 7 }]) {
      const schema = CrmQuery.schema("lead")
      expect(Schema.encodeSync(schema)(Schema.decodeUnknownSync(schema)(query))).toEqual(query)
    }
  })

  it("knows the fields of its records as their schemas do", () => {
    for (const type of CrmRecord.Type.literals) {
      const fields = CrmRecord.fields[type]
      expect(fields.map(({ name }) => name)).toEqual(Object.keys(CrmRecord.schemas[type].fields))
      for (const { kind, name, nullable } of fields) {
        const schema: Schema.Codec<unknown, unknown> = Reflect.get(CrmRecord.schemas[type].fields, name)
        const accepts = (value: unknown) => Schema.is(schema)(value)
        expect([name, nullable]).toEqual([name, accepts(null)])
        const sample = { text: name === "currency" ? "EUR" : "a", number: 1, day: "2026-01-01", choice: "lead", instant: DateTime.makeUnsafe(0) }[kind]
        expect([name, accepts(sample)]).toEqual([name, true])
      }
    }
  })

  it("refuses what would be too much, before it goes into its depth", () => {
    let deep: object = {}
    for (let depth = 0; depth < 100_000; depth++) deep = { not: deep }
    for (const where of [deep, { or: Array.from({ length: 201 }, () => ({})) }, { name: { in: Array.from({ length: 1_001 }, () => "a") } }]) {
      const result = CrmQuery.check("lead", { where })
      expect(Result.isFailure(result) && result.failure.message).toContain("received")
      expect(Result.isFailure(result) && result.failure.message.length < 500).toBe(true)
    }
    const most = { or: Array.from({ length: CrmQuery.limits.conditions }, () => ({})) }
    expect(Result.isSuccess(CrmQuery.check("lead", { where: most }))).toBe(true)
  })
})

/** What must not compile. Never called. */
export const compileTime = (crm: Crm.Service) => [
  crm.find("lead", { where: { name: { contains: "a" }, value: { gt: 1 } }, orderBy: [{ field: "createdAt", direction: "desc" }] }),
  // @ts-expect-error: no such field
  crm.find("lead", { where: { nmae: { eq: "a" } } }),
  // @ts-expect-error: a field of another type of record
  crm.find("lead", { where: { stage: { eq: "a" } } }),
  // @ts-expect-error: a value of another type
  crm.find("lead", { where: { value: { eq: "a" } } }),
  // @ts-expect-error: numbers contain nothing
  crm.find("lead", { where: { value: { contains: "1" } } }),
  // @ts-expect-error: no such field, inside `or`
  crm.find("lead", { where: { or: [{ nmae: { eq: "a" } }] } }),
  // @ts-expect-error: versions are opaque
  crm.find("lead", { orderBy: [{ field: "version" }] }),
  // @ts-expect-error: no such type
  crm.find("leads"),
  // @ts-expect-error: the status is missing
  crm.create("lead", { name: "a" }),
  // @ts-expect-error: made by the CRM
  crm.create("lead", { name: "a", status: "new", version: "1" }),
  // @ts-expect-error: a lead has no stage
  crm.update("lead", { id: "a", version: "1", change: { stage: "won" } }),
  // @ts-expect-error: without the version that was read
  crm.remove("lead", { id: "a" })
]

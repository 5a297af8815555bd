/** Queries give what `CrmQuery.evaluate` says. */
import * as CrmQuery from "@aria/connectors/CrmQuery"
import type * as CrmRecord from "@aria/connectors/CrmRecord"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { allOf, broken, type Check, dataOf, expect, expectSame, type LooseCrm, type Row, show, theCrm, types, unchanged } from "./crmCheck.ts"
import { fieldsFor, orderFor, queryFor, type RandomQuery } from "./crmRandom.ts"
import { anAccount, injections, leastDraft } from "./crmSamples.ts"
import { Random } from "./lawRandom.ts"

/** All that the query finds, page by page. */
const walk = (crm: LooseCrm, type: CrmRecord.Type, query: RandomQuery, most: number) =>
  Effect.gen(function* () {
    const rows: Array<Row> = []
    const limit = query.limit ?? 50
    let after: string | undefined
    for (let pages = 0; pages <= most + 3; pages++) {
      const page = yield* crm.find(type, { ...query, after })
      if (page.records.length > limit) return yield* broken(`a page has ${page.records.length} records, the limit is ${limit}: ${show(query)}`)
      rows.push(...page.records)
      if (page.next === undefined) return rows
      after = page.next
    }
    return yield* broken(`more pages than records and no end: ${show(query)}`)
  })

/** The answer of the pure evaluation, all pages in one. */
const evaluated = (type: CrmRecord.Type, query: RandomQuery, rows: ReadonlyArray<Row>) => {
  const checked = CrmQuery.check(type, query)
  if (Result.isFailure(checked)) return broken(`the suite made a query that is none: ${checked.failure.message}`)
  const found = CrmQuery.evaluate({ ...checked.success, limit: rows.length + 1, after: undefined }, rows)
  return Result.isFailure(found) ? broken(found.failure.message) : Effect.succeed(found.success.records)
}

const sameAsEvaluated = (crm: LooseCrm, type: CrmRecord.Type, query: RandomQuery, rows: ReadonlyArray<Row>, seed: number) =>
  Effect.gen(function* () {
    const wanted = yield* evaluated(type, query, rows)
    const found = yield* walk(crm, type, query, rows.length)
    const ids = found.map(({ id }) => id).join()
    const wantedIds = wanted.map(({ id }) => id).join()
    if (ids !== wantedIds) {
      const differing = [...wanted, ...found].find((row) => wanted.some(({ id }) => id === row.id) !== found.some(({ id }) => id === row.id))
      const record = differing === undefined ? "the order differs" : `it differs in ${show(differing)}`
      return yield* broken(`find of ${type} with ${show(JSON.stringify(query))} gave ${show(ids)}, should be ${show(wantedIds)}; ${record} (seed ${seed})`)
    }
    for (const [index, row] of found.entries()) yield* expectSame(type, row, wanted[index], `find of ${type} with ${show(query)}`)
  })

/** The records of all types, as the store changes. */
class Population {
  private readonly random: Random
  private readonly crm: LooseCrm
  readonly rows: { readonly [T in CrmRecord.Type]: Array<Row> } = { lead: [], contact: [], account: [], opportunity: [], note: [] }

  constructor(random: Random, crm: LooseCrm) {
    this.random = random
    this.crm = crm
  }

  private refer(type: CrmRecord.Type): Readonly<Record<string, unknown>> {
    if (type === "note") {
      const to = this.random.pick((["lead", "contact", "account", "opportunity"] as const).filter((type) => this.rows[type].length > 0))
      return { aboutType: to, aboutId: this.random.pick(this.rows[to]).id }
    }
    if (type !== "contact" && type !== "opportunity") return {}
    return { accountId: this.random.chance(0.3) ? null : this.random.pick(this.rows.account).id }
  }

  create(type: CrmRecord.Type) {
    const draft = { ...fieldsFor(this.random, type), ...this.refer(type) }
    return Effect.map(this.crm.create(type, draft), (row) => {
      this.rows[type].push(row)
    })
  }

  update(type: CrmRecord.Type) {
    const row = this.random.pick(this.rows[type])
    const change = { ...fieldsFor(this.random, type), ...this.refer(type) }
    return Effect.map(this.crm.update(type, { id: row.id, version: row.version, change }), (changed) => {
      this.rows[type].splice(this.rows[type].indexOf(row), 1, changed)
    })
  }
}

const rowsAtFirst = 12

export const checks: ReadonlyArray<Check> = [
  {
    name: "Queries: filters, orders and pages over random records are what CrmQuery.evaluate says",
    run: ({ queries, seed }) =>
      Effect.gen(function* () {
        const crm = yield* theCrm
        const random = new Random(seed)
        const population = new Population(random, crm)
        for (const type of ["account", "lead", "contact", "opportunity", "note"] as const) {
          for (let count = 0; count < rowsAtFirst; count++) yield* population.create(type)
        }
        for (let count = 0; count < queries; count++) {
          const type = random.pick(types)
          if (random.chance(0.1)) yield* population.create(type)
          if (random.chance(0.1)) yield* population.update(type)
          yield* sameAsEvaluated(crm, type, queryFor(random, type, population.rows[type]), population.rows[type], seed)
        }
      })
  },
  {
    name: "Queries: contains takes upper and lower case of all scripts alike",
    run: () =>
      Effect.gen(function* () {
        const crm = yield* theCrm
        const pairs = [
          ["Ärger mit Öl", "ÖL"],
          ["STRASSE", "straße"],
          ["GROẞ", "groß"],
          ["Straße", "ASSE"],
          ["ΟΔΟΣ", "οδος"],
          ["ὈΔΥΣΣΕΎΣ", "σεύς"],
          ["МОСКВА", "москва"],
          ["Cafe\u0301", "CAFÉ"],
          ["Café", "cafe\u0301"],
          ["İstanbul", "i\u0307STANBUL"],
          ["100% sure", "0% S"],
          ["anything", ""]
        ] as const
        for (const [text, part] of pairs) {
          const { id } = yield* crm.create("lead", { name: text, status: "new" })
          const { records } = yield* crm.find("lead", { where: { id: { eq: id }, name: { contains: part } } })
          yield* expect(records.length === 1, () => `${show(text)} is not found by its part ${show(part)}`)
        }
        for (const [text, part] of [["abc", "ac"], ["abc", "%"], ["abc", "_"], ["ä", "a"], ["100", "1.0"]] as const) {
          const { id } = yield* crm.create("lead", { name: text, status: "new" })
          const { records } = yield* crm.find("lead", { where: { id: { eq: id }, name: { contains: part } } })
          yield* expect(records.length === 0, () => `${show(text)} is found by ${show(part)}, which it does not contain`)
        }
      })
  },
  {
    name: "Queries: null meets ne and exists: false and no other condition, and not is the opposite",
    run: () =>
      Effect.gen(function* () {
        const crm = yield* theCrm
        yield* crm.create("lead", { id: "none", name: "n", status: "new" })
        yield* crm.create("lead", { id: "some", name: "n", status: "new", source: "web", value: 1 })
        const cases: ReadonlyArray<readonly [where: object, ids: string]> = [
          [{ source: { ne: "web" } }, "none"],
          [{ source: { ne: "other" } }, "none,some"],
          [{ source: { exists: false } }, "none"],
          [{ source: { exists: true } }, "some"],
          [{ source: { contains: "" } }, "some"],
          [{ source: { in: [] } }, ""],
          [{ not: { source: { in: [] } } }, "none,some"],
          [{ not: { source: { eq: "web" } } }, "none"],
          [{ not: { source: { contains: "web" } } }, "none"],
          [{ not: { value: { lt: 0 } } }, "none,some"],
          [{ not: { value: { gte: 1 } } }, "none"],
          [{ not: { not: { value: { gte: 1 } } } }, "some"],
          [{ or: [] }, ""],
          [{ and: [] }, "none,some"],
          [{ source: {} }, "none,some"],
          [{}, "none,some"]
        ]
        for (const [where, wanted] of cases) {
          const { records } = yield* crm.find("lead", { where })
          const ids = records.map(({ id }) => id).join()
          yield* expect(ids === wanted, () => `${show(where)} gave ${show(ids)}, should be ${show(wanted)}`)
        }
        for (const [direction, wanted] of [["asc", "none,some"], ["desc", "some,none"]] as const) {
          const { records } = yield* crm.find("lead", { orderBy: [{ field: "value", direction }] })
          yield* expect(records.map(({ id }) => id).join() === wanted, () => `${direction} by a value that may be null gave ${show(records.map(({ id }) => id))}`)
        }
      })
  },
  {
    name: "Queries: text that looks like SQL or a pattern is text, in every field and condition",
    run: () =>
      Effect.gen(function* () {
        const crm = yield* theCrm
        const accountId = yield* anAccount(crm)
        const fields = ["id", "name", "status", "company", "email", "phone", "source"]
        for (const [index, text] of injections.entries()) {
          const filled = Object.fromEntries(fields.map((field) => [field, text]))
          yield* crm.create("lead", { ...filled, id: `${text} ${index}` })
          yield* crm.create("note", { text, aboutType: "account", aboutId: accountId })
        }
        const rows = yield* allOf(crm, "lead")
        const notes = yield* allOf(crm, "note")
        const ask = Effect.gen(function* () {
          for (const text of injections) {
            for (const operator of ["eq", "ne", "lt", "gte", "contains"]) {
              for (const field of fields) yield* sameAsEvaluated(crm, "lead", { where: { [field]: { [operator]: text } }, limit: 200 }, rows, 0)
              yield* sameAsEvaluated(crm, "note", { where: { text: { [operator]: text } }, limit: 200 }, notes, 0)
            }
            yield* sameAsEvaluated(crm, "lead", { where: { name: { in: [text] } }, limit: 200 }, rows, 0)
          }
        })
        yield* unchanged(crm, ask, "queries with text that looks like SQL")
      })
  },
  {
    name: "Pages: 50 records where no limit is given, and up to 200",
    run: () =>
      Effect.gen(function* () {
        const crm = yield* theCrm
        for (let count = 0; count < 201; count++) yield* crm.create("lead", { name: `lead ${count % 7}`, status: "new" })
        for (const [limit, wanted] of [[undefined, 50], [200, 200], [1, 1]] as const) {
          const page = yield* crm.find("lead", { limit })
          yield* expect(page.records.length === wanted, () => `a page with the limit ${limit} has ${page.records.length} records, should be ${wanted}`)
          yield* expect(page.next !== undefined, () => `a page of ${wanted} out of 201 has no next`)
        }
        const rows = yield* allOf(crm, "lead")
        yield* expect(new Set(rows.map(({ id }) => id)).size === 201, () => `all pages have ${rows.length} records, should be 201`)
        const empty = yield* crm.find("lead", { where: { name: { eq: "nobody" } } })
        yield* expect(empty.records.length === 0 && empty.next === undefined, () => `a query without results gave ${show(empty)}`)
      })
  },
  {
    name: "Pages: repeat and skip none of the records that stay, while others come, go and change",
    run: ({ seed }) =>
      Effect.gen(function* () {
        const crm = yield* theCrm
        const accountId = yield* anAccount(crm)
        for (let round = 0; round < 12; round++) {
          const random = new Random(seed + round)
          const status = `round ${round}`
          const add = () => crm.create("lead", { ...fieldsFor(random, "lead"), status })
          const staying = yield* Effect.forEach(Array.from({ length: 12 }), add)
          const going = yield* Effect.forEach(Array.from({ length: 12 }), add)
          const orderBy = orderFor(random, "lead")
          const query = { where: { status: { eq: status } }, orderBy, limit: random.between(1, 5) }
          const seen: Array<Row> = []
          let after: string | undefined
          for (let pages = 0; ; pages++) {
            const page = yield* crm.find("lead", { ...query, after })
            seen.push(...page.records)
            if (page.next === undefined) break
            if (pages > 100) return yield* broken("100 pages and no end")
            after = page.next
            yield* add()
            const gone = going.pop()
            if (gone !== undefined) yield* random.chance(0.5) ? crm.remove("lead", gone) : crm.update("lead", { ...gone, change: fieldsFor(random, "lead") })
          }
          const stayed = new Set(staying.map(({ id }) => id))
          const ids = seen.filter(({ id }) => stayed.has(id)).map(({ id }) => id).join()
          const wanted = (yield* evaluated("lead", query, staying)).map(({ id }) => id).join()
          yield* expect(ids === wanted, () => `pages by ${show(orderBy)} gave ${show(ids)} of the records that stayed, should be ${show(wanted)} (seed ${seed + round})`)
        }
        yield* crm.create("lead", leastDraft("lead", accountId))
        for (const row of yield* allOf(crm, "lead")) yield* dataOf("lead", row)
      })
  }
]

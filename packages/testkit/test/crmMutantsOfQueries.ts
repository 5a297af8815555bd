/** CRMs that find wrongly, or lose a race. */
import type * as Crm from "@aria/connectors/Crm"
import * as CrmError from "@aria/connectors/CrmError"
import * as Effect from "effect/Effect"
import { asking, careless, everything, latest, type Mutant, pause, queried, type Where, wrong } from "./crmMutant.ts"

export const mutants: ReadonlyArray<Mutant> = [
  // Queries
  wrong("Queries: filters", "lte is lt", asking(({ lte, ...others }) => (lte === undefined ? others : { ...others, lt: lte }))),
  wrong("Queries: filters", "of two conditions of a field one is taken", asking((condition) => Object.fromEntries(Object.entries(condition).slice(0, 1)))),
  wrong("Queries: filters", "contains is a beginning", asking(({ contains, ...others }) => (contains === undefined ? others : { ...others, gte: contains, lt: `${String(contains)}\u{10FFFF}` }))),
  wrong("Queries: filters", "the first field alone decides the order", queried((query) => ({ ...query, orderBy: query.orderBy.filter(({ field }, index) => index === 0 || field === "id") }))),
  wrong("Queries: filters", "the id decides downwards", queried((query) => ({ ...query, orderBy: query.orderBy.map((order, index) => (index > 0 && order.field === "id" ? { ...order, direction: "desc" } : order)) }))),
  wrong("Queries: filters", "desc is asc", queried((query) => ({ ...query, orderBy: query.orderBy.map(({ field }) => ({ field, direction: "asc" })) }))),
  wrong("Queries: filters", "or is and", (backend) => {
    const rewrite = ({ and = [], or, ...where }: Where): Where => ({ ...where, and: [...and, ...(or ?? [])].map(rewrite), ...(or?.length === 0 ? { or } : {}) })
    return { find: (query) => backend.find({ ...query, where: rewrite(query.where) }) }
  }),
  wrong("Queries: filters", "texts are sorted by units of UTF-16", (backend) => ({
    find: (query) =>
      Effect.map(backend.find(query), (page) => {
        const [first] = query.orderBy
        if (first === undefined || page.next !== undefined || query.after !== undefined) return page
        const key = (record: Crm.AnyRecord) => String({ ...record }[first.field as "id"] ?? "")
        const text = page.records.every((record) => typeof { ...record }[first.field as "id"] === "string")
        const sign = first.direction === "asc" ? 1 : -1
        return text ? { records: page.records.toSorted((one, other) => (key(one) < key(other) ? -sign : key(one) > key(other) ? sign : 0)) } : page
      })
  })),
  wrong("Queries: contains", "only letters of ASCII have upper and lower case", (backend) => ({
    find: (query) =>
      Effect.map(backend.find(query), (page) => {
        const name = query.where["name"] as { readonly contains?: string } | undefined
        const lower = (text: string) => text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())
        const part = name?.contains
        return part === undefined ? page : { ...page, records: page.records.filter((record) => "name" in record && lower(record.name).includes(lower(part))) }
      })
  })),
  wrong("Queries: null", "ne is not met by null", asking((condition) => ("ne" in condition ? { ...condition, exists: true } : condition))),
  wrong("Queries: null", "not of an unknown is unknown", (backend) => {
    const rewrite = ({ not, ...where }: Where): Where => {
      if (not === undefined) return where
      const known = Object.keys(not).filter((name) => !["and", "or", "not"].includes(name)).map((name) => ({ [name]: { exists: true } }))
      return { ...where, not, and: [...(where.and ?? []), ...known] }
    }
    return { find: (query) => backend.find({ ...query, where: rewrite(query.where) }) }
  }),
  wrong("Queries: null", "null comes last", (backend) => ({
    find: (query) =>
      Effect.map(backend.find(query), (page) =>
        query.orderBy[0]?.field === "value" ? { ...page, records: page.records.toSorted((one, other) => Number("value" in one && one.value === null) - Number("value" in other && other.value === null)) } : page
      )
  })),
  wrong("Queries: text that looks like SQL", "contains takes a pattern", (backend) => ({
    find: (query) => {
      const name = query.where["name"] as { readonly contains?: string } | undefined
      const part = name?.contains
      if (part === undefined || !/[%_]/.test(part)) return backend.find(query)
      const pattern = new RegExp(part.replaceAll(/[^%_\p{L}\p{N}]/gu, "\\$&").replaceAll("%", ".*").replaceAll("_", "."), "is")
      return Effect.map(everything(backend, query.type), (records) => ({ records: records.filter((record) => "name" in record && pattern.test(record.name)) }))
    }
  })),
  wrong("Queries: text that looks like SQL", "a text with a quote ends there", asking((condition) => Object.fromEntries(Object.entries(condition).map(([name, given]) => [name, typeof given === "string" ? given.split("'")[0] : given])))),
  careless("Pages: 50", "the default is 100", (crm) => ({ find: (type, query) => crm.find(type, { ...query, limit: query?.["limit"] ?? 100 }) })),
  wrong("Pages: 50", "no page has more than 100", queried((query) => ({ ...query, limit: Math.min(query.limit, 100) }))),
  wrong("Pages: 50", "the last page has a next, and so on without an end", (backend) => ({
    find: (query) => Effect.map(backend.find(query), (page) => ({ records: page.records, next: page.next ?? query.after ?? "end" }))
  })),
  wrong("Pages: repeat and skip", "a page begins after a number of records", (backend) => ({
    find: (query) =>
      Effect.gen(function* () {
        const from = Number(query.after ?? 0)
        const { records } = yield* backend.find({ ...query, after: undefined, limit: 1_000_000 })
        const page = records.slice(from, from + query.limit)
        return from + query.limit < records.length ? { records: page, next: String(from + query.limit) } : { records: page }
      })
  })),
  // Races
  wrong("Races: of several updates", "between looking and writing others come in", (backend) => ({
    update: (type, request) =>
      Effect.gen(function* () {
        const { version } = yield* backend.get(type, request.id)
        if (version !== request.version) return yield* backend.update(type, request)
        yield* pause
        return yield* backend.update(type, { ...request, version: yield* latest(backend, type, request.id) })
      })
  })),
  wrong("Races: of several that create", "between looking and writing others come in", (backend) => ({
    create: (type, id, fields) =>
      Effect.gen(function* () {
        const there = (yield* everything(backend, type)).some((record) => record.id === id)
        if (there || id === undefined) return yield* backend.create(type, id, fields)
        yield* pause
        return yield* Effect.catchTag(backend.create(type, id, fields), "RecordExistsError", () =>
          Effect.orDie(Effect.flatMap(latest(backend, type, id), (version) => backend.update(type, { id, version, change: fields })))
        )
      })
  })),
  wrong("Races: an update and a removal", "a removal does not wait for an update", (backend) => ({
    update: (type, request) =>
      Effect.gen(function* () {
        const before = yield* backend.get(type, request.id)
        if (before.version !== request.version) return yield* backend.update(type, request)
        yield* pause
        yield* pause
        return yield* Effect.catchTag(backend.update(type, request), "RecordNotFoundError", () => Effect.succeed(before))
      })
  })),
  wrong("Races: no reference", "between looking for the account and writing others come in", (backend) => {
    const ghosts = new Set<string>()
    return {
      create: (type, id, fields) =>
        Effect.gen(function* () {
          const account = fields["accountId"]
          if (typeof account !== "string") return yield* backend.create(type, id, fields)
          yield* Effect.matchEffect(backend.get("account", account), {
            onFailure: () => Effect.fail(new CrmError.RecordReferenceError({ type, field: "accountId", to: { type: "account", id: account } })),
            onSuccess: Effect.succeed
          })
          yield* pause
          return yield* Effect.catchTag(backend.create(type, id, fields), "RecordReferenceError", () => {
            ghosts.add(account)
            return Effect.map(Effect.orDie(backend.create(type, id, { ...fields, accountId: null })), (record) => ({ ...record, accountId: account }))
          })
        }),
      find: (query) =>
        Effect.map(backend.find(query), (page) => ({
          ...page,
          records: page.records.map((record) => ("accountId" in record && record.accountId === null ? { ...record, accountId: [...ghosts][0] ?? null } : record))
        }))
    }
  })
]

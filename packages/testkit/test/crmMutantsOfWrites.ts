/** CRMs that write, refuse or refer wrongly. */
import type * as Crm from "@aria/connectors/Crm"
import * as CrmError from "@aria/connectors/CrmError"
import * as CrmRecord from "@aria/connectors/CrmRecord"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import { type Backend, careless, everything, type Fields, latest, type Mutant, number, text, unchecked, writing, wrong } from "./crmMutant.ts"

export const mutants: ReadonlyArray<Mutant> = [
  // Records
  wrong("Records: what is created", "a field is lost", writing((fields) => ("phone" in fields ? { ...fields, phone: null } : fields))),
  wrong("Records: what is created", "updatedAt of a new record is another time", (backend) => ({
    create: (type, id, fields) => Effect.map(backend.create(type, id, fields), (record) => ({ ...record, updatedAt: DateTime.add(record.updatedAt, { seconds: 1 }) }))
  })),
  wrong("Records: what is created", "find gives times as texts", (backend) => ({
    find: (query) => Effect.map(backend.find(query), (page) => ({ ...page, records: page.records.map((record) => ({ ...record, createdAt: DateTime.formatIso(record.createdAt) }) as unknown as Crm.AnyRecord) }))
  })),
  wrong("Records: texts", "texts are trimmed", writing(text((value) => value.trim() || value))),
  wrong("Records: texts", "texts are composed", writing(text((value) => value.normalize("NFC")))),
  wrong("Records: texts", "long texts are cut", writing(text((value) => value.slice(0, 65_535)))),
  wrong("Records: texts", "line ends are changed", writing(text((value) => value.replaceAll("\r\n", "\n")))),
  wrong("Records: texts", "what only looks like a number becomes one", writing(text((value) => (value === "007" ? "7" : value)))),
  wrong("Records: numbers", "numbers have 32 bits", writing(number(Math.fround))),
  wrong("Records: numbers", "numbers have 9 digits behind the point", writing(number((value) => Math.round(value * 1e9) / 1e9))),
  careless("Records: numbers", "there are two zeros", (_, backend) => ({
    create: (type, draft) => unchecked(backend, type, draft)
  })),
  wrong("Records: what is left out", "an empty text becomes null", writing((fields) => Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, value === "" ? null : value])))),
  wrong("Records: what is left out", "null becomes an empty text", writing((fields) => Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, value ?? (name === "source" ? "" : null)])))),
  wrong("Records: what is left out", "an update cannot empty a field", (backend) => ({
    update: (type, request) => backend.update(type, { ...request, change: Object.fromEntries(Object.entries(request.change).filter(([, value]) => value !== null)) })
  })),
  wrong("Records: ids", "ids are lower case", (backend) => ({ create: (type, id, fields) => backend.create(type, id?.toLowerCase(), fields) })),
  wrong("Records: ids", "ids are unique over all types", (backend) => ({
    create: (type, id, fields) =>
      Effect.gen(function* () {
        for (const other of CrmRecord.Type.literals) {
          const there = id !== undefined && (yield* everything(backend, other)).some((record) => record.id === id)
          if (there) return yield* new CrmError.RecordExistsError({ type, id: id })
        }
        return yield* backend.create(type, id, fields)
      })
  })),
  wrong("Records: ids", "ids that are made are made twice", (backend) => ({
    create: (type, id, fields) => (id === undefined && type === "lead" ? Effect.map(backend.create(type, id, fields), (record) => ({ ...record, id: `${type}-0` })) : backend.create(type, id, fields))
  })),
  wrong("Records: an update", "what is not named is emptied", (backend) => ({
    update: (type, request) => {
      const empty = CrmRecord.fields[type].filter(({ nullable }) => nullable).map(({ name }) => [name, null])
      return backend.update(type, { ...request, change: { ...Object.fromEntries(empty), ...request.change } })
    }
  })),
  wrong("Records: an update", "others are changed with it", (backend) => ({
    update: (type, request) =>
      Effect.gen(function* () {
        const changed = yield* backend.update(type, request)
        for (const { id, version } of yield* everything(backend, type)) if (id !== request.id) yield* backend.update(type, { id, version, change: request.change })
        return changed
      })
  })),
  wrong("Records: an update", "the version stays", (backend) => ({
    update: (type, request) => Effect.map(backend.update(type, request), (record) => ({ ...record, version: request.version }))
  })),
  wrong("Records: an update", "createdAt is changed", (backend) => ({
    update: (type, request) => Effect.map(backend.update(type, request), (record) => ({ ...record, createdAt: DateTime.add(record.createdAt, { seconds: 1 }) }))
  })),
  wrong("Records: what is removed", "get still gives it", (backend) => {
    const removed = new Map<string, Crm.AnyRecord>()
    return {
      remove: (type, request) => Effect.tap(backend.remove(type, request), Effect.sync(() => removed.set(`${type} ${request.id}`, { ...request } as unknown as Crm.AnyRecord))),
      get: (type, id) => Effect.catchTag(backend.get(type, id), "RecordNotFoundError", (error) => {
        const record = removed.get(`${type} ${id}`)
        return record === undefined ? Effect.fail(error) : Effect.succeed(record)
      })
    }
  }),
  wrong("Records: what is removed", "all of its type go with it", (backend) => ({
    remove: (type, request) =>
      Effect.andThen(backend.remove(type, request), Effect.flatMap(everything(backend, type), Effect.forEach((record) => Effect.ignore(backend.remove(type, record)), { discard: true })))
  })),
  wrong("Records: what is removed", "a new record has the versions of the old one", (backend) => {
    const counts = new Map<string, number>()
    const key = (type: CrmRecord.Type, id: string) => `${type} ${id}`
    const shown = (type: CrmRecord.Type) => (record: Crm.AnyRecord) => ({ ...record, version: String(counts.get(key(type, record.id))) })
    const counted = (type: CrmRecord.Type, count: (before: number) => number) => (record: Crm.AnyRecord) => {
      counts.set(key(type, record.id), count(counts.get(key(type, record.id)) ?? 0))
      return shown(type)(record)
    }
    const translated = (type: CrmRecord.Type, request: { readonly id: string; readonly version: string }) =>
      String(counts.get(key(type, request.id))) === request.version ? latest(backend, type, request.id) : Effect.succeed("none")
    return {
      get: (type, id) => Effect.map(backend.get(type, id), shown(type)),
      find: (query) => Effect.map(backend.find(query), (page) => ({ ...page, records: page.records.map(shown(query.type)) })),
      create: (type, id, fields) => Effect.map(backend.create(type, id, fields), counted(type, () => 1)),
      update: (type, request) =>
        Effect.flatMap(translated(type, request), (version) => Effect.map(backend.update(type, { ...request, version }), counted(type, (before) => before + 1))),
      remove: (type, request) => Effect.flatMap(translated(type, request), (version) => backend.remove(type, { ...request, version }))
    }
  }),
  // Refusals
  wrong("Refusals: an id that exists", "it is overwritten", (backend) => ({
    create: (type, id, fields) =>
      Effect.catchTag(backend.create(type, id, fields), "RecordExistsError", (error) =>
        Effect.orDie(Effect.flatMap(latest(backend, type, error.id), (version) => backend.update(type, { id: error.id, version, change: fields })))
      )
  })),
  wrong("Refusals: an id that exists", "the record that is there is given as if it were new", (backend) => ({
    create: (type, id, fields) => Effect.catchTag(backend.create(type, id, fields), "RecordExistsError", (error) => Effect.orDie(backend.get(type, error.id)))
  })),
  wrong("Refusals: a stale version", "update does not look at it", (backend) => ({
    update: (type, request) => Effect.flatMap(latest(backend, type, request.id), (version) => backend.update(type, { ...request, version }))
  })),
  wrong("Refusals: a stale version", "remove does not look at it", (backend) => ({
    remove: (type, request) => Effect.flatMap(latest(backend, type, request.id), (version) => backend.remove(type, { ...request, version }))
  })),
  wrong("Refusals: a stale version", "the error tells the version that was given", (backend) => ({
    update: (type, request) =>
      Effect.mapError(backend.update(type, request), (error) =>
        error._tag === "StaleRecordError" ? new CrmError.StaleRecordError({ ...error, current: request.version }) : error
      )
  })),
  wrong("Refusals: a stale version", "an update writes first and looks then", (backend) => ({
    update: (type, request) =>
      Effect.catchTag(backend.update(type, request), "StaleRecordError", (error) =>
        Effect.andThen(Effect.ignore(backend.update(type, { ...request, version: error.current })), Effect.fail(error))
      )
  })),
  wrong("Refusals: a record that is not there", "spaces around ids do not count", (backend) => ({ get: (type, id) => backend.get(type, id.trim()) })),
  wrong("Refusals: a record that is not there", "upper and lower case of ids are alike", (backend) => ({
    get: (type, id) => Effect.flatMap(everything(backend, type), (records) => backend.get(type, records.find((record) => record.id.toLowerCase() === id.toLowerCase())?.id ?? id))
  })),
  wrong("Refusals: a record that is not there", "removing it succeeds", (backend) => ({
    remove: (type, request) => Effect.catchTag(backend.remove(type, request), "RecordNotFoundError", () => Effect.void)
  })),
  careless("Refusals: a record that is not there", "half characters of an id become other ones", (crm) => ({ get: (type, id) => crm.get(type, id.toWellFormed()) })),
  careless("Refusals: records that do not fit", "drafts are written as they come", (_, backend) => ({
    create: (type, draft) => unchecked(backend, type, draft)
  })),
  careless("Refusals: records that do not fit", "unknown fields are left out without a word", (crm) => ({
    create: (type, draft) => crm.create(type, typeof draft === "object" && draft !== null ? Object.fromEntries(Object.entries(draft).filter(([name]) => name === "id" || CrmRecord.fields[type].some((field) => field.name === name && !field.system))) : draft)
  })),
  careless("Refusals: records that do not fit", "the error does not say where", (crm) => ({
    create: (type, draft) => Effect.mapError(crm.create(type, draft), (error) => (error._tag === "InvalidRecordError" ? new CrmError.InvalidRecordError({ type, issues: [{ path: ["record"], received: "?", allowed: "?" }] }) : error))
  })),
  careless("Refusals: changes that do not fit", "changes are written as they come", (_, backend) => ({ update: (type, request) => backend.update(type, { ...request, change: { ...request.change } as Fields }) })),
  careless("Refusals: changes that do not fit", "an empty change succeeds", (crm) => ({
    update: (type, request) => (Object.keys({ ...request.change }).length === 0 ? crm.get(type, request.id) : crm.update(type, request))
  })),
  careless("Refusals: queries that make no sense", "a limit is put into its range without a word", (crm) => ({
    find: (type, query) => crm.find(type, typeof query === "object" && "limit" in query ? { ...query, limit: Math.max(1, Math.min(200, Math.trunc(Number(query["limit"] ?? 50)) || 1)) } : query)
  })),
  careless("Refusals: queries that make no sense", "what is wrong with a filter is not looked at", (crm) => ({
    find: (type, query) => Effect.catchTag(crm.find(type, query), "InvalidCrmQueryError", (error) => (String(error.issues[0].path[0]) === "where" ? Effect.succeed({ records: [] }) : Effect.fail(error)))
  })),
  careless("Refusals: queries that make no sense", "a bad query is a defect", (crm) => ({ find: (type, query) => Effect.catchTag(crm.find(type, query), "InvalidCrmQueryError", Effect.die) })),
  wrong("Refusals: queries that make no sense", "a cursor that cannot be read begins anew", (backend) => ({
    find: (query) => Effect.catchTag(backend.find(query), "InvalidCrmQueryError", () => backend.find({ ...query, after: undefined }))
  })),
  wrong("Refusals: a cursor of another", "cursors are the number of records before", (backend) => ({
    find: (query) =>
      Effect.gen(function* () {
        const from = Number(query.after ?? 0)
        const { records } = yield* backend.find({ ...query, after: undefined, limit: 1_000_000 })
        const page = records.slice(from, from + query.limit)
        return from + query.limit < records.length ? { records: page, next: String(from + query.limit) } : { records: page }
      })
  })),
  careless("Refusals: a type that no CRM has", "it has no records", (crm) => ({
    find: (type, query) => Effect.catchTag(crm.find(type, query), "UnknownRecordTypeError", () => Effect.succeed({ records: [] }))
  })),
  careless("Refusals: a type that no CRM has", "it is a defect", (_, backend) => ({ remove: backend.remove })),
  // References
  wrong("References: what a record refers to", "nobody looks at creation", (backend) => ({
    create: (type, id, fields) =>
      Effect.catchTag(backend.create(type, id, fields), "RecordReferenceError", ({ to }) =>
        Effect.orDie(Effect.andThen(backend.create(to.type, to.id, { name: "made up" }), backend.create(type, id, fields)))
      )
  })),
  wrong("References: what a record refers to", "a record of any type will do", (backend) => ({
    update: (type, request) =>
      Effect.catchTag(backend.update(type, request), "RecordReferenceError", (error) =>
        Effect.matchEffect(backend.get("lead", error.to.id), {
          onFailure: () => Effect.fail(error),
          onSuccess: () => Effect.orDie(backend.get(type, request.id))
        })
      )
  })),
  wrong("References: what others refer to", "removing it succeeds, and what refers to it goes too", (backend) => {
    const remove: Backend["remove"] = (type, request) =>
      Effect.catchTag(backend.remove(type, request), "RecordInUseError", ({ by }) =>
        Effect.andThen(
          Effect.orDie(Effect.flatMap(latest(backend, by.type, by.id), (version) => backend.remove(by.type, { id: by.id, version }))),
          Effect.suspend(() => remove(type, request))
        )
      )
    return { remove }
  }),
  wrong("References: what others refer to", "a record of another type with the same id is not removed either", (backend) => ({
    remove: (type, request) =>
      Effect.gen(function* () {
        for (const note of yield* everything(backend, "note")) {
          if ("aboutId" in note && note.aboutId === request.id) return yield* new CrmError.RecordInUseError({ type, id: request.id, by: { type: "note", id: note.id } })
        }
        return yield* backend.remove(type, request)
      })
  })),
  wrong("References: what others refer to", "the error names the record itself", (backend) => ({
    remove: (type, request) => Effect.mapError(backend.remove(type, request), (error) => (error._tag === "RecordInUseError" ? new CrmError.RecordInUseError({ type, id: request.id, by: { type, id: request.id } }) : error))
  }))
]

/** What must not be written or asked, and that nothing is changed by trying. */
import type * as CrmRecord from "@aria/connectors/CrmRecord"
import * as Effect from "effect/Effect"
import { broken, type Check, expect, expectFailure, expectSame, type LooseCrm, show, theCrm, types, unchanged } from "./crmCheck.ts"
import { badDrafts, badQueries } from "./crmInvalid.ts"
import { anAccount, fullDraft, leastDraft } from "./crmSamples.ts"

type Fields = Readonly<Record<string, unknown>>
interface Issue {
  readonly path: ReadonlyArray<string | number>
  readonly received: string
  readonly allowed: string
}

/** The problem at the path says what may stand there: for an unknown field, all fields. */
const expectIssue = (issues: ReadonlyArray<Issue>, path: string, names: ReadonlyArray<string>, what: string) => {
  const issue = issues.find((issue) => issue.path.join(".").startsWith(path))
  if (issue === undefined) return broken(`${what}: no problem at ${show(path)}, but ${show(issues)}`)
  const left = names.filter((name) => !issue.allowed.includes(name))
  return expect(left.length === 0, () => `${what}: the problem at ${show(path)} does not name what is allowed, such as ${left[0]}: ${issue.allowed}`)
}

const unknownFields = new Set(["nmae", "where.nmae", "orderBy.0.field", "where.or.1.nmae"])

const refusesDraft = (crm: LooseCrm, type: CrmRecord.Type, fields: Fields, path: string, accountId: string) =>
  Effect.gen(function* () {
    const names = unknownFields.has(path) ? ["name", "status", "source"] : []
    const what = `create of a ${type} with ${show(fields)}`
    const error = yield* expectFailure(crm.create(type, { ...leastDraft(type, accountId), ...fields }), "InvalidRecordError", what)
    yield* expectIssue(error.issues, path, names, what)
  })

export const checks: ReadonlyArray<Check> = [
  {
    name: "Refusals: an id that exists is not created again",
    run: () =>
      Effect.gen(function* () {
        const crm = yield* theCrm
        const accountId = yield* anAccount(crm)
        for (const type of types) {
          const first = yield* crm.create(type, { ...fullDraft(type, accountId), id: "taken" })
          const again = crm.create(type, { ...leastDraft(type, accountId), id: "taken" })
          const error = yield* unchanged(crm, expectFailure(again, "RecordExistsError", `create of a ${type} with an id that exists`), "a create that was refused")
          yield* expect(error.id === "taken" && error.type === type, () => `the error is about the ${error.type} ${error.id}`)
          yield* expectSame(type, yield* crm.get(type, "taken"), first, `the ${type} that was there`)
        }
      })
  },
  {
    name: "Refusals: a stale version changes nothing, and the error tells the current one",
    run: () =>
      Effect.gen(function* () {
        const crm = yield* theCrm
        const accountId = yield* anAccount(crm)
        for (const type of types) {
          const change = type === "note" ? { text: "B" } : { name: "B" }
          const first = yield* crm.create(type, leastDraft(type, accountId))
          const second = yield* crm.update(type, { ...first, change })
          for (const version of [first.version, "", "no version", `${second.version} `]) {
            const update = crm.update(type, { id: first.id, version, change })
            const error = yield* unchanged(crm, expectFailure(update, "StaleRecordError", `update of a ${type} with the version ${show(version)}`), "an update that was refused")
            yield* expect(error.current === second.version, () => `the error tells the version ${error.current}, current is ${second.version}`)
            const remove = crm.remove(type, { id: first.id, version })
            yield* unchanged(crm, expectFailure(remove, "StaleRecordError", `remove of a ${type} with the version ${show(version)}`), "a remove that was refused")
          }
          yield* crm.update(type, { id: first.id, version: (yield* expectFailure(crm.update(type, { ...first, change }), "StaleRecordError", "a stale update")).current, change })
        }
      })
  },
  {
    name: "Refusals: a record that is not there is not found",
    run: () =>
      Effect.gen(function* () {
        const crm = yield* theCrm
        const accountId = yield* anAccount(crm)
        for (const type of types) {
          const { version } = yield* crm.create(type, { ...leastDraft(type, accountId), id: "Here\uFFFD" })
          const change = type === "note" ? { text: "B" } : { name: "B" }
          for (const id of ["", "here\uFFFD", "Here", "Here\uFFFD ", "Here\ud800", "Here\0", "' OR '1'='1", "%", "i".repeat(300)]) {
            yield* expectFailure(crm.get(type, id), "RecordNotFoundError", `get of the ${type} ${show(id)}`)
            yield* expectFailure(crm.update(type, { id, version, change }), "RecordNotFoundError", `update of the ${type} ${show(id)}`)
            yield* expectFailure(crm.remove(type, { id, version }), "RecordNotFoundError", `remove of the ${type} ${show(id)}`)
          }
          yield* crm.get(type, "Here\uFFFD")
        }
      })
  },
  {
    name: "Refusals: records that do not fit their type are not written, and the error names path and fields",
    run: () =>
      Effect.gen(function* () {
        const crm = yield* theCrm
        const accountId = yield* anAccount(crm)
        for (const [type, fields, path] of badDrafts) yield* unchanged(crm, refusesDraft(crm, type, fields, path, accountId), `create with ${show(fields)}`)
        for (const draft of [undefined, null, "a lead", 5, []]) {
          yield* expectFailure(crm.create("lead", draft), "InvalidRecordError", `create with ${show(draft)}`)
        }
      })
  },
  {
    name: "Refusals: changes that do not fit their type are not written, and neither is an empty one",
    run: () =>
      Effect.gen(function* () {
        const crm = yield* theCrm
        const accountId = yield* anAccount(crm)
        for (const [type, fields, path] of badDrafts) {
          if (fields["status"] === undefined && "status" in fields) continue
          const before = yield* crm.create(type, fullDraft(type, accountId))
          const what = `update of a ${type} with ${show(fields)}`
          const error = yield* expectFailure(crm.update(type, { ...before, change: fields }), "InvalidRecordError", what)
          yield* expectIssue(error.issues, path, unknownFields.has(path) ? ["name", "status"] : [], what)
          yield* expectSame(type, yield* crm.get(type, before.id), before, `a ${type} after a refused update`)
        }
        const lead = yield* crm.create("lead", leastDraft("lead", accountId))
        for (const change of [{}, { name: undefined }, null, "name"]) {
          yield* expectFailure(crm.update("lead", { ...lead, change }), "InvalidRecordError", `update with ${show(change)}`)
        }
        yield* expectSame("lead", yield* crm.get("lead", lead.id), lead, "a lead after refused updates")
      })
  },
  {
    name: "Refusals: queries that make no sense are not answered, and the error names path and fields",
    run: () =>
      Effect.gen(function* () {
        const crm = yield* theCrm
        const accountId = yield* anAccount(crm)
        yield* crm.create("lead", fullDraft("lead", accountId))
        for (const [type, query, path] of badQueries) {
          const what = `find of ${type} with ${show(query)}`
          const error = yield* expectFailure(crm.find(type, query), "InvalidCrmQueryError", what)
          yield* expectIssue(error.issues, path, unknownFields.has(path) ? ["name", "status", "createdAt"] : [], what)
        }
      })
  },
  {
    name: "Refusals: a cursor of another type or order is not taken",
    run: () =>
      Effect.gen(function* () {
        const crm = yield* theCrm
        const accountId = yield* anAccount(crm)
        for (const type of ["lead", "contact"]) {
          for (const name of ["a", "b", "c"]) yield* crm.create(type, { ...leastDraft(type === "lead" ? "lead" : "contact", accountId), name })
        }
        const query = { orderBy: [{ field: "name" }], limit: 1 }
        const { next } = yield* crm.find("lead", query)
        if (next === undefined) return yield* broken("a page of 1 out of 3 has no next")
        yield* crm.find("lead", { ...query, after: next })
        const others = [
          crm.find("contact", { ...query, after: next }),
          crm.find("lead", { limit: 1, after: next }),
          crm.find("lead", { orderBy: [{ field: "name", direction: "desc" }], limit: 1, after: next }),
          crm.find("lead", { orderBy: [{ field: "status" }], limit: 1, after: next }),
          crm.find("lead", { ...query, after: next.slice(0, -3) })
        ]
        for (const [index, other] of others.entries()) yield* expectFailure(other, "InvalidCrmQueryError", `find with a cursor of another query (${index + 1})`)
      })
  },
  {
    name: "Refusals: a type that no CRM has is told, with those that there are",
    run: () =>
      Effect.gen(function* () {
        const crm = yield* theCrm
        for (const type of ["leads", "Lead", "", "constructor", "__proto__", "lead; --"]) {
          const all: ReadonlyArray<Effect.Effect<unknown, Effect.Error<ReturnType<LooseCrm["get"]>>>> = [
            crm.find(type),
            crm.get(type, "a"),
            crm.create(type, { name: "a", status: "new" }),
            crm.update(type, { id: "a", version: "1", change: { name: "b" } }),
            crm.remove(type, { id: "a", version: "1" })
          ]
          for (const one of all) {
            const error = yield* expectFailure(one, "UnknownRecordTypeError", `the type ${show(type)}`)
            yield* expect(types.every((type) => error.message.includes(type)), () => `the message does not name the types: ${error.message}`)
          }
        }
      })
  },
  {
    name: "References: what a record refers to has to exist",
    run: () =>
      Effect.gen(function* () {
        const crm = yield* theCrm
        const accountId = yield* anAccount(crm)
        const lead = yield* crm.create("lead", { name: "a", status: "new", id: "only a lead" })
        for (const type of ["contact", "opportunity", "note"] as const) {
          const field = type === "note" ? "aboutId" : "accountId"
          for (const id of ["nowhere", lead.id]) {
            const create = crm.create(type, { ...fullDraft(type, accountId), [field]: id, id: "new" })
            const error = yield* unchanged(crm, expectFailure(create, "RecordReferenceError", `create of a ${type} with ${field} ${show(id)}`), "a create that was refused")
            yield* expect(error.field === field && error.to.type === "account" && error.to.id === id, () => `the error is about ${error.field} to the ${error.to.type} ${error.to.id}`)
            const there = yield* crm.create(type, fullDraft(type, accountId))
            yield* unchanged(crm, expectFailure(crm.update(type, { ...there, change: { [field]: id } }), "RecordReferenceError", `update of a ${type} to ${field} ${show(id)}`), "an update that was refused")
          }
        }
        const note = yield* crm.create("note", { text: "a", aboutType: "lead", aboutId: lead.id })
        yield* expectFailure(crm.update("note", { ...note, change: { aboutType: "account" } }), "RecordReferenceError", "a note whose lead becomes an account that is not there")
      })
  },
  {
    name: "References: what others refer to is not removed",
    run: () =>
      Effect.gen(function* () {
        const crm = yield* theCrm
        for (const [type, from] of [
          ["account", "contact"],
          ["account", "opportunity"],
          ["account", "note"],
          ["lead", "note"],
          ["contact", "note"],
          ["opportunity", "note"]
        ] as const) {
          const target = yield* crm.create(type, leastDraft(type, ""))
          const draft = from === "note" ? { text: "a", aboutType: type, aboutId: target.id } : { ...leastDraft(from, ""), accountId: target.id }
          const referrer = yield* crm.create(from, draft)
          const what = `remove of the ${type} of a ${from}`
          const error = yield* unchanged(crm, expectFailure(crm.remove(type, target), "RecordInUseError", what), what)
          yield* expect(error.by.type === from && error.by.id === referrer.id, () => `the error names the ${error.by.type} ${error.by.id}, it is the ${from} ${referrer.id}`)
          const other = type === "lead" ? "contact" : "lead"
          const namesake = yield* crm.create(other, { ...leastDraft(other, ""), id: target.id })
          yield* crm.remove(other, namesake)
          yield* crm.remove(from, referrer)
          yield* crm.remove(type, target)
        }
      })
  }
]

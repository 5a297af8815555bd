/** What is written comes back. */
import * as CrmRecord from "@aria/connectors/CrmRecord"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import { allOf, type Check, dataOf, expect, expectFailure, expectFields, expectSame, show, theCrm, types } from "./crmCheck.ts"
import { anAccount, fullDraft, leastDraft, texts } from "./crmSamples.ts"

const numbers = [0, -1, 0.1 + 0.2, 1e-7, 123_456_789.987, Number.MAX_SAFE_INTEGER, -5.5, 1e300, Number.MAX_VALUE, 5e-324]

const millis = (value: unknown): number => (DateTime.isDateTime(value) ? DateTime.toEpochMillis(value) : Number.NaN)

export const checks: ReadonlyArray<Check> = [
  {
    name: "Records: what is created comes back whole, in every type",
    run: () =>
      Effect.gen(function* () {
        const crm = yield* theCrm
        const accountId = yield* anAccount(crm)
        for (const type of types) {
          const draft = fullDraft(type, accountId)
          const created = yield* crm.create(type, draft)
          yield* dataOf(type, created)
          yield* expectFields(created, draft, `the ${type} from create`)
          yield* expect(millis(created["createdAt"]) === millis(created["updatedAt"]), () => `a new ${type} was updated at another time than created`)
          yield* expectSame(type, yield* crm.get(type, created.id), created, `the ${type} from get`)
          const { records } = yield* crm.find(type, { where: { id: { eq: created.id } } })
          yield* expect(records.length === 1, () => `find by id gave ${records.length} records, should be 1`)
          yield* expectSame(type, records[0], created, `the ${type} from find`)
        }
      })
  },
  {
    name: "Records: texts of every script, long ones and odd ones come back as they were",
    run: () =>
      Effect.gen(function* () {
        const crm = yield* theCrm
        const accountId = yield* anAccount(crm)
        for (const text of texts) {
          const note = yield* crm.create("note", { text, aboutType: "account", aboutId: accountId })
          yield* expectFields(yield* crm.get("note", note.id), { text }, "a note")
          const lead = yield* crm.create("lead", { name: text, status: "new" })
          const changed = yield* crm.update("lead", { ...lead, change: { source: text } })
          yield* expectFields(yield* crm.get("lead", changed.id), { name: text, source: text }, "a lead")
          const { records } = yield* crm.find("lead", { where: { name: { eq: text } } })
          yield* expect(records.length === 1 && records[0]?.id === lead.id, () => `find by ${show(text)} gave ${show(records.map(({ name }) => name))}`)
        }
      })
  },
  {
    name: "Records: numbers come back as they were, and there is one zero",
    run: () =>
      Effect.gen(function* () {
        const crm = yield* theCrm
        for (const value of [...numbers, -0]) {
          const wanted = value === 0 ? 0 : value
          const { id } = yield* crm.create("lead", { name: "n", status: "new", value })
          yield* expectFields(yield* crm.get("lead", id), { value: wanted }, "a lead")
          const { records } = yield* crm.find("lead", { where: { value: { eq: value }, id: { eq: id } } })
          yield* expect(records.length === 1, () => `find by the number ${value} gave ${records.length} records, should be 1`)
        }
        const { id } = yield* crm.create("account", { name: "n", employees: Number.MAX_SAFE_INTEGER })
        yield* expectFields(yield* crm.get("account", id), { employees: Number.MAX_SAFE_INTEGER }, "an account")
      })
  },
  {
    name: "Records: what is left out is null, and an empty text is none",
    run: () =>
      Effect.gen(function* () {
        const crm = yield* theCrm
        const accountId = yield* anAccount(crm)
        for (const type of types) {
          const least = leastDraft(type, accountId)
          const created = yield* crm.create(type, least)
          const empty = CrmRecord.fields[type].filter(({ name, system }) => !system && !(name in least)).map(({ name }) => name)
          yield* expectFields(yield* crm.get(type, created.id), Object.fromEntries(empty.map((name) => [name, null])), `a ${type} with nothing else`)
          if (empty.length === 0) continue
          const full = yield* crm.create(type, fullDraft(type, accountId))
          const emptied = Object.fromEntries(empty.map((name) => [name, null]))
          yield* expectFields(yield* crm.update(type, { ...full, change: emptied }), emptied, `a ${type} that was emptied`)
        }
        const none = yield* crm.create("lead", { name: "none", status: "new", source: "" })
        yield* expectFields(yield* crm.get("lead", none.id), { source: "" }, "a lead with an empty text")
      })
  },
  {
    name: "Records: ids are kept as given, and made where there is none, within their type",
    run: () =>
      Effect.gen(function* () {
        const crm = yield* theCrm
        const accountId = yield* anAccount(crm)
        const given = ["a1", "A1", " a1", "a1 ", "1", "01", "a/b?c#d", "it's", "Ä", "é", "e\u0301", "😀", "lead-1", "%", "i".repeat(200)]
        for (const id of given) {
          for (const type of types) {
            const created = yield* crm.create(type, { ...leastDraft(type, accountId), id })
            yield* expectFields(created, { id }, `the ${type} from create`)
          }
        }
        for (const id of given) {
          for (const type of types) yield* expectFields(yield* crm.get(type, id), { id }, `the ${type} from get`)
        }
        const made = yield* Effect.forEach(Array.from({ length: 20 }), () => crm.create("lead", { name: "n", status: "new" }), { concurrency: "unbounded" })
        yield* expect(new Set([...given, ...made.map(({ id }) => id)]).size === given.length + made.length, () => `ids were made twice: ${show(made.map(({ id }) => id))}`)
      })
  },
  {
    name: "Records: an update changes what it names, the version and the time, and nothing else",
    run: () =>
      Effect.gen(function* () {
        const crm = yield* theCrm
        const accountId = yield* anAccount(crm)
        const titles = { lead: "status", contact: "title", account: "industry", opportunity: "stage", note: "text" }
        for (const type of types) {
          const bystander = yield* crm.create(type, fullDraft(type, accountId))
          const before = yield* crm.create(type, fullDraft(type, accountId))
          const change = { [titles[type]]: "something else" }
          const after = yield* crm.update(type, { ...before, change })
          yield* expectSame(type, after, { ...before, ...change, version: after.version, updatedAt: after["updatedAt"] }, `the ${type} from update`)
          yield* expectSame(type, yield* crm.get(type, before.id), after, `the ${type} from get`)
          yield* expectSame(type, yield* crm.get(type, bystander.id), bystander, `another ${type}`)
          yield* expect(after.version !== before.version, () => `the ${type} has version ${before.version} after the update as before it`)
          yield* expect(millis(after["updatedAt"]) >= millis(before["updatedAt"]), () => `updatedAt of the ${type} went back`)
          yield* expectSame(type, yield* crm.update(type, { ...after, change }), { ...after, version: (yield* crm.get(type, after.id)).version, updatedAt: (yield* crm.get(type, after.id))["updatedAt"] }, `the ${type} with the same change again`)
        }
      })
  },
  {
    name: "Records: what is removed is gone, and its versions with it",
    run: () =>
      Effect.gen(function* () {
        const crm = yield* theCrm
        const accountId = yield* anAccount(crm)
        for (const type of types) {
          const draft = { ...leastDraft(type, accountId), id: "again" }
          const first = yield* crm.create(type, draft)
          const bystander = yield* crm.create(type, { ...draft, id: "other" })
          yield* crm.remove(type, first)
          yield* expectFailure(crm.get(type, "again"), "RecordNotFoundError", `get of a ${type} that was removed`)
          yield* expectFailure(crm.remove(type, first), "RecordNotFoundError", `remove of a ${type} that was removed`)
          const rows = yield* allOf(crm, type)
          yield* expect(!rows.some(({ id }) => id === "again"), () => `find gives a ${type} that was removed`)
          yield* expectSame(type, yield* crm.get(type, "other"), bystander, `another ${type}`)
          yield* crm.create(type, draft)
          const change = type === "note" ? { text: "late" } : { name: "late" }
          yield* expectFailure(crm.update(type, { ...first, change }), "StaleRecordError", `update of a new ${type} with the version of the removed one`)
        }
      })
  }
]

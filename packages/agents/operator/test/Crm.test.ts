import type { InvalidCrmQueryError } from "@aria/connectors/CrmError"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { discard, find, record } from "./calls.ts"
import { inWorld, type World } from "./world.ts"

/** So many leads, worth 0, 1, 2 ... */
const fill = ({ crm }: World, count: number) =>
  Effect.forEach(
    Array.from({ length: count }, (_, index) => index),
    (index) =>
      crm.create("lead", {
        id: `lead-${String(index).padStart(4, "0")}`,
        name: `Lead ${index}`,
        status: index % 2 === 0 ? "new" : "won",
        value: index
      })
  )

describe("crm_read", () => {
  it.effect("gives all pages of what meets the conditions, in order", () =>
    inWorld((world) =>
      Effect.gen(function* () {
        yield* fill(world, 450)
        const all = yield* find({
          recordType: "lead",
          where: { status: { eq: "new" } },
          orderBy: [{ field: "value", direction: "desc" }]
        })
        expect(all).toMatchObject({ recordType: "lead", totalCount: 225, truncated: false })
        expect("next" in all).toBe(false)
        const values = all.recordType === "lead" ? all.records.map(({ value }) => value) : []
        expect(values).toStrictEqual(Array.from({ length: 225 }, (_, index) => 448 - 2 * index))
      })
    )
  )

  it.effect("stops at the limit, says so, and goes on from there", () =>
    inWorld((world) =>
      Effect.gen(function* () {
        yield* fill(world, 450)
        const ids: Array<string> = []
        let after: string | undefined
        for (const [limit, truncated] of [
          [250, true],
          [199, true],
          [1, false]
        ] as const) {
          const page = yield* find({ recordType: "lead", limit, after })
          expect([page.totalCount, page.truncated, page.next !== undefined]).toStrictEqual([
            limit,
            truncated,
            truncated
          ])
          for (const { id } of page.records) ids.push(id)
          after = page.next
        }
        expect(ids).toStrictEqual(Array.from({ length: 450 }, (_, index) => `lead-${String(index).padStart(4, "0")}`))
      })
    )
  )

  it.effect("a limit that is just met is no truncation", () =>
    inWorld((world) =>
      Effect.gen(function* () {
        yield* fill(world, 400)
        expect(yield* find({ recordType: "lead", limit: 400 })).toMatchObject({ totalCount: 400, truncated: false })
      })
    )
  )

  it.effect("one record by its id; one that does not exist is a failure, also of another type", () =>
    inWorld((world) =>
      Effect.gen(function* () {
        yield* fill(world, 2)
        expect(yield* find({ recordType: "lead", recordId: "lead-0001" })).toMatchObject({
          recordId: "lead-0001",
          records: [{ name: "Lead 1" }],
          totalCount: 1,
          truncated: false
        })
        expect(yield* Effect.flip(find({ recordType: "contact", recordId: "lead-0001" }))).toMatchObject({
          _tag: "RecordNotFoundError",
          type: "contact"
        })
      })
    )
  )

  it.effect("nobody who meets the conditions is a success, and empty; conditions hold together", () =>
    inWorld((world) =>
      Effect.gen(function* () {
        yield* fill(world, 4)
        expect(yield* find({ recordType: "account" })).toMatchObject({ records: [], totalCount: 0, truncated: false })
        expect(yield* find({ recordType: "lead", where: { status: { eq: "new" }, value: { gt: 0 } } })).toMatchObject({
          records: [{ value: 2 }]
        })
        expect(yield* find({ recordType: "lead", where: { company: { eq: "Acme" } } })).toMatchObject({ totalCount: 0 })
      })
    )
  )

  it.effect("a cursor of another query is a failure", () =>
    inWorld((world) =>
      Effect.gen(function* () {
        yield* fill(world, 3)
        const { next } = yield* find({ recordType: "lead", limit: 1 })
        const error: unknown = yield* Effect.flip(
          find({ recordType: "lead", limit: 1, after: next, orderBy: [{ field: "name" }] })
        )
        expect(error).toMatchObject({ _tag: "InvalidCrmQueryError", issues: [{ path: ["after"] }] } satisfies {
          _tag: InvalidCrmQueryError["_tag"]
          issues: unknown
        })
      })
    )
  )
})

describe("crm_write", () => {
  it.effect("what is written is read afterwards, each type with its own fields", () =>
    inWorld(({ requests }) =>
      Effect.gen(function* () {
        const account = yield* record({
          action: "create",
          recordType: "account",
          record: { name: "Müller & Söhne 🏭", employees: 12, currency: "EUR" }
        })
        const contact = yield* record({
          action: "create",
          recordType: "contact",
          record: { name: "李 小龙", accountId: account.recordId }
        })
        const opportunity = yield* record({
          action: "create",
          recordType: "opportunity",
          record: {
            name: "Pilot",
            stage: "open",
            amount: 1200.5,
            closeDate: "2027-01-31",
            probability: 0.5,
            accountId: account.recordId
          }
        })
        const note = yield* record({
          action: "create",
          recordType: "note",
          record: { text: "Called", aboutType: "contact", aboutId: contact.recordId }
        })
        for (const { differences, record: written, recordId, recordType, updatedFields, warnings } of [
          account,
          contact,
          opportunity,
          note
        ]) {
          expect([differences, warnings]).toStrictEqual([[], []])
          expect(updatedFields).not.toContain("id")
          expect((yield* find({ recordType, recordId })).records).toStrictEqual([written])
        }
        expect(account.record).toMatchObject({ name: "Müller & Söhne 🏭", employees: 12, industry: null })
        expect(account.recordId).toBe(requests[0]?.receiptId)
      })
    )
  )

  it.effect("a change is what is read afterwards: null empties, the rest stays", () =>
    inWorld((world) =>
      Effect.gen(function* () {
        const [lead] = yield* fill(world, 1)
        const changed = yield* record({
          action: "update",
          recordType: "lead",
          recordId: lead!.id,
          version: lead!.version,
          change: { status: "won", value: null }
        })
        expect(changed).toMatchObject({
          updatedFields: ["status", "value"],
          differences: [],
          record: { name: "Lead 0", status: "won", value: null }
        })
        expect(changed.version).not.toBe(lead!.version)
        expect((yield* find({ recordType: "lead", recordId: lead!.id })).records).toStrictEqual([changed.record])
      })
    )
  )

  it.effect("a removal is gone, and says what it was", () =>
    inWorld((world) =>
      Effect.gen(function* () {
        const [lead] = yield* fill(world, 2)
        expect(yield* discard({ recordType: "lead", recordId: lead!.id, version: lead!.version })).toMatchObject({
          removed: lead,
          warnings: []
        })
        expect(yield* find({ recordType: "lead" })).toMatchObject({ totalCount: 1, records: [{ id: "lead-0001" }] })
      })
    )
  )

  it.effect("what does not exist, and a stale version, are failures, and nobody is asked", () =>
    inWorld((world) =>
      Effect.gen(function* () {
        const { requests, writes } = world
        const none = { recordType: "lead", recordId: "none", version: "1" } as const
        expect(yield* Effect.flip(record({ action: "update", ...none, change: { status: "won" } }))).toMatchObject({
          _tag: "RecordNotFoundError",
          id: "none"
        })
        expect(yield* Effect.flip(discard(none))).toMatchObject({ _tag: "RecordNotFoundError", id: "none" })
        const [lead] = yield* fill(world, 1)
        const stale = { recordType: "lead", recordId: lead!.id, version: "another" } as const
        const expected = { _tag: "StaleRecordError", received: "another", current: lead!.version }
        expect(yield* Effect.flip(record({ action: "update", ...stale, change: { status: "won" } }))).toMatchObject(
          expected
        )
        expect(yield* Effect.flip(discard(stale))).toMatchObject(expected)
        expect([requests.length, writes()]).toStrictEqual([0, 0])
      })
    )
  )

  it.effect("what refers to nothing is not created, and what is referred to is not removed", () =>
    inWorld(() =>
      Effect.gen(function* () {
        const missing = record({ action: "create", recordType: "contact", record: { name: "Ada", accountId: "none" } })
        expect(yield* Effect.flip(missing)).toMatchObject({
          _tag: "RecordReferenceError",
          to: { type: "account", id: "none" }
        })
        const account = yield* record({ action: "create", recordType: "account", record: { name: "Acme" } })
        const contact = yield* record({
          action: "create",
          recordType: "contact",
          record: { name: "Ada", accountId: account.recordId }
        })
        const { recordId, version } = account
        const error = yield* Effect.flip(discard({ recordType: "account", recordId, version }))
        expect(error).toMatchObject({ _tag: "RecordInUseError", by: { type: "contact", id: contact.recordId } })
      })
    )
  )
})

it.effect("fields that are undefined are the same as fields left out", () =>
  inWorld(() =>
    Effect.gen(function* () {
      const made = yield* record({
        action: "create",
        recordType: "lead",
        record: { name: "Ada", status: "new", value: 3, company: undefined }
      })
      expect(made.record).toMatchObject({ company: null })
      const { recordId, version } = made
      const changed = yield* record({
        action: "update",
        recordType: "lead",
        recordId,
        version,
        change: { status: "won", value: undefined }
      })
      expect(changed).toMatchObject({ updatedFields: ["status"], record: { status: "won", value: 3 } })
    })
  )
)

import { Crm, CrmError, CrmMemory } from "@aria/connectors"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"

describe("Crm", () => {
  it.effect("streams all pages, and asks for no page that nobody wants", () =>
    Effect.gen(function* () {
      const backend = yield* CrmMemory.makeBackend
      let asked = 0
      const counted = Crm.make({
        ...backend,
        find: (query) => {
          asked += 1
          return backend.find(query)
        }
      })
      yield* Effect.forEach(["a", "b", "c", "d", "e"], (id) => counted.create("lead", { id, name: id, status: "new" }))
      const leads = Crm.stream("lead", { orderBy: [{ field: "name", direction: "desc" }], limit: 2 }).pipe(Stream.provideService(Crm.Crm, counted))
      const all = yield* Stream.runCollect(leads)
      expect(all.map(({ id }) => id)).toEqual(["e", "d", "c", "b", "a"])
      expect(asked).toBe(3)
      asked = 0
      expect(yield* Stream.runCollect(Stream.take(leads, 2))).toHaveLength(2)
      expect(asked).toBe(1)
      const none = Crm.stream("lead", { limit: 0 }).pipe(Stream.provideService(Crm.Crm, counted))
      expect((yield* Effect.flip(Stream.runCollect(none)))._tag).toBe("InvalidCrmQueryError")
    })
  )

  it.effect("shows an adapter what is checked, and nothing else", () =>
    Effect.gen(function* () {
      const seen: Array<unknown> = []
      const backend = yield* CrmMemory.makeBackend
      const crm = Crm.make({
        ...backend,
        find: (query) => {
          seen.push(query)
          return backend.find(query)
        },
        create: (type, id, fields) => {
          seen.push([type, id, fields])
          return backend.create(type, id, fields)
        }
      })
      yield* crm.create("lead", { name: "a", status: "new", value: -0, source: undefined })
      yield* Effect.flip(crm.create("lead", { name: "", status: "new" }))
      yield* crm.find("lead", { orderBy: [{ field: "name" }] })
      yield* Effect.flip(crm.find("lead", { limit: 0 }))
      expect(seen).toEqual([
        ["lead", undefined, { name: "a", status: "new", company: null, email: null, phone: null, value: 0, currency: null, source: null }],
        { type: "lead", where: {}, limit: 50, after: undefined, orderBy: [{ field: "name", direction: "asc" }, { field: "id", direction: "asc" }] }
      ])
    })
  )

  it.effect("tells all problems of a record together, each with what was received and what is allowed", () =>
    Effect.gen(function* () {
      const crm = yield* Crm.Crm
      const draft = { name: "", stage: "a", amount: Number.NaN, closeDate: "2026-02-30", probability: 2 }
      const error = yield* Effect.flip(crm.create("opportunity", draft))
      expect(error).toMatchObject({
        _tag: "InvalidRecordError",
        issues: [
          { path: ["name"], received: '""', allowed: "a text that is not empty" },
          { path: ["amount"], received: "NaN", allowed: "a finite number" },
          { path: ["closeDate"], received: '"2026-02-30"', allowed: "a day that exists, as YYYY-MM-DD" },
          { path: ["probability"], received: "2", allowed: "a number from 0 to 1" }
        ]
      })
      expect(error.message).toContain("closeDate: received \"2026-02-30\", allowed is a day that exists")
    }).pipe(Effect.provide(CrmMemory.layer))
  )

  it("has errors that survive being data, each with a sentence", () => {
    const errors: ReadonlyArray<CrmError.CrmError> = [
      new CrmError.RecordNotFoundError({ type: "lead", id: "a" }),
      new CrmError.RecordExistsError({ type: "lead", id: "a" }),
      new CrmError.StaleRecordError({ type: "lead", id: "a", received: "1", current: "2" }),
      new CrmError.InvalidRecordError({ type: "lead", issues: [{ path: ["a", 0], received: "1", allowed: "2" }] }),
      new CrmError.RecordReferenceError({ type: "note", field: "aboutId", to: { type: "lead", id: "a" } }),
      new CrmError.RecordInUseError({ type: "lead", id: "a", by: { type: "note", id: "b" } }),
      new CrmError.InvalidCrmQueryError({ type: "lead", issues: [{ path: [], received: "1", allowed: "2" }] }),
      new CrmError.UnknownRecordTypeError({ received: '"leads"' }),
      new CrmError.CrmUnavailableError({ operation: "create", ambiguous: true, message: "the line went dead" })
    ]
    const codec = Schema.toCodecJson(Crm.Error)
    for (const error of errors) {
      const again = Schema.decodeUnknownSync(codec)(JSON.parse(JSON.stringify(Schema.encodeSync(codec)(error))))
      expect(again).toEqual(error)
      expect(again.message).toBe(error.message)
      expect(error.message).toMatch(/[a-z] [a-z]/)
    }
    expect(new Set(errors.map(({ _tag }) => _tag)).size).toBe(Crm.Error.members.length)
  })
})

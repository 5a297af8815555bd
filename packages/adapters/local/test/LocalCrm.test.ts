import { Local, LocalCrm } from "@aria/adapter-local"
import { Calendar, Crm } from "@aria/connectors"
import { SqliteClient } from "@aria/sqlite"
import { describe, expect, it } from "@effect/vitest"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Reactivity from "effect/reactivity/Reactivity"
import * as Schema from "effect/Schema"
import * as SqlClient from "effect/sql/SqlClient"
import * as Statement from "effect/sql/Statement"
import { TestClock } from "effect/testing"
import { inFile, newFile } from "./crmFiles.ts"

const inMemory = inFile({ filename: ":memory:" })

describe("LocalCrm", () => {
  it.effect("keeps everything over a restart, cursors included", () =>
    Effect.gen(function* () {
      const filename = yield* newFile
      const query = { orderBy: [{ field: "name", direction: "desc" }], limit: 2 } as const
      const before = yield* Effect.gen(function* () {
        const crm = yield* Crm.Crm
        const account = yield* crm.create("account", { name: "Ärger & Söhne" })
        yield* Effect.forEach(["a", "b", "c", "d", "e"], (name) => crm.create("contact", { name, accountId: account.id }))
        return { account, page: yield* crm.find("contact", query) }
      }).pipe(Effect.provide(inFile({ filename })))
      yield* Effect.gen(function* () {
        const crm = yield* Crm.Crm
        expect(yield* crm.get("account", before.account.id)).toEqual(before.account)
        expect(before.page.records.map(({ name }) => name)).toEqual(["e", "d"])
        const page = yield* crm.find("contact", { ...query, after: before.page.next })
        expect(page.records.map(({ name }) => name)).toEqual(["c", "b"])
        const changed = yield* crm.update("account", { ...before.account, change: { industry: "Tools" } })
        expect(Number(changed.version)).toBeGreaterThan(6)
      }).pipe(Effect.provide(inFile({ filename })))
    })
  )

  it.effect("takes the time from the clock", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(1_000)
      const crm = yield* Crm.Crm
      const created = yield* crm.create("lead", { name: "a", status: "new" })
      yield* TestClock.adjust("1 hour")
      const updated = yield* crm.update("lead", { ...created, change: { status: "won" } })
      expect(DateTime.formatIso(updated.createdAt)).toBe("1970-01-01T00:00:01.000Z")
      expect(DateTime.formatIso(updated.updatedAt)).toBe("1970-01-01T01:00:01.000Z")
      const found = yield* crm.find("lead", { where: { updatedAt: { gt: created.updatedAt } } })
      expect(found.records).toEqual([updated])
    }).pipe(Effect.provide(inMemory))
  )

  it.effect("is a part of the transaction around it", () =>
    Effect.gen(function* () {
      const crm = yield* Crm.Crm
      const sql = yield* SqlClient.SqlClient
      yield* crm.create("lead", { id: "before", name: "a", status: "new" })
      const both = Effect.andThen(crm.create("lead", { id: "inside", name: "a", status: "new" }), Effect.fail("changed my mind"))
      expect(yield* Effect.flip(sql.withTransaction(both))).toBe("changed my mind")
      const kept = Effect.andThen(Effect.ignore(crm.create("lead", { id: "before", name: "b", status: "new" })), crm.create("lead", { id: "kept", name: "a", status: "new" }))
      yield* sql.withTransaction(kept)
      const { records } = yield* crm.find("lead")
      expect(records.map(({ id }) => id)).toEqual(["before", "kept"])
    }).pipe(Effect.provide(inMemory))
  )

  it.effect("does not mind integers as bigints", () =>
    Effect.gen(function* () {
      const crm = yield* Crm.Crm
      const created = yield* crm.create("account", { name: "a", employees: 2 ** 53 - 1 })
      expect(created.employees).toBe(2 ** 53 - 1)
      expect(yield* crm.get("account", created.id)).toEqual(created)
      expect((yield* crm.find("account", { where: { employees: { eq: 2 ** 53 - 1 } } })).records).toEqual([created])
    }).pipe(Effect.provideService(SqlClient.SafeIntegers, true), Effect.provide(inMemory))
  )

  it.live("says that nothing was written where another process keeps the lock", () =>
    Effect.gen(function* () {
      const filename = yield* newFile
      yield* Effect.gen(function* () {
        const crm = yield* Crm.Crm
        const lead = yield* crm.create("lead", { name: "a", status: "new" })
        const other = yield* Layer.build(Layer.fresh(SqliteClient.layer({ filename })))
        const locked = Effect.gen(function* () {
          const error = yield* Effect.flip(crm.update("lead", { ...lead, change: { name: "b" } }))
          expect(error).toMatchObject({ _tag: "CrmUnavailableError", operation: "update", ambiguous: false })
          expect(error.message).toContain("try again")
          expect(yield* crm.get("lead", lead.id)).toEqual(lead)
          yield* Schema.encodeEffect(Schema.toCodecJson(Crm.Error))(error)
        })
        yield* Effect.flatMap(SqlClient.SqlClient, (sql) => sql.withTransaction(locked)).pipe(Effect.provide(other))
        expect((yield* crm.update("lead", { ...lead, change: { name: "c" } })).name).toBe("c")
      }).pipe(Effect.provide(inFile({ filename, busyTimeout: 0 })))
    })
  )

  it.effect("says that it is doubtful whether it was written where the commit fails", () =>
    Effect.gen(function* () {
      const crm = yield* Crm.Crm
      const sql = yield* SqlClient.SqlClient
      // A violation that SQLite looks for at the commit and not before.
      yield* sql`CREATE TABLE late (id TEXT REFERENCES aria_crm_account (id) DEFERRABLE INITIALLY DEFERRED)`
      yield* sql`CREATE TRIGGER late AFTER INSERT ON aria_crm_lead BEGIN INSERT INTO late VALUES ('nowhere'); END`
      const error = yield* Effect.flip(crm.create("lead", { name: "a", status: "new" }))
      expect(error).toMatchObject({ _tag: "CrmUnavailableError", operation: "create", ambiguous: true })
      expect(error.message).toContain("is not known")
      expect((yield* crm.find("lead")).records).toEqual([])
    }).pipe(Effect.provide(inMemory))
  )

  it.effect("says that nothing was written where a statement fails", () =>
    Effect.gen(function* () {
      const crm = yield* Crm.Crm
      const sql = yield* SqlClient.SqlClient
      yield* sql`CREATE TRIGGER never BEFORE INSERT ON aria_crm_lead BEGIN SELECT RAISE(ABORT, 'the disk is full'); END`
      const error = yield* Effect.flip(crm.create("lead", { name: "a", status: "new" }))
      expect(error).toMatchObject({ _tag: "CrmUnavailableError", operation: "create", ambiguous: false })
      expect(error.message).toContain("the disk is full")
      yield* sql`DROP TABLE aria_crm_note`
      expect(yield* Effect.flip(crm.find("note"))).toMatchObject({ _tag: "CrmUnavailableError", operation: "find", ambiguous: false })
    }).pipe(Effect.provide(inMemory))
  )

  it.effect("does not begin on tables of somebody else", () =>
    Effect.gen(function* () {
      const filename = yield* newFile
      const sqlite = SqliteClient.layer({ filename })
      yield* Effect.flatMap(SqlClient.SqlClient, (sql) => sql`CREATE TABLE aria_crm_note (id TEXT)`).pipe(Effect.provide(sqlite))
      const error = yield* Effect.flip(Effect.scoped(Layer.build(Layer.provide(LocalCrm.layer, sqlite))))
      expect(error).toMatchObject({ _tag: "LocalStoreError", reason: "migration" })
      const tables = yield* Effect.flatMap(SqlClient.SqlClient, (sql) => sql`SELECT name FROM sqlite_schema WHERE name LIKE 'aria_crm_%' AND type = 'table' ORDER BY name`).pipe(Effect.provide(sqlite))
      expect(tables).toEqual([{ name: "aria_crm_migrations" }, { name: "aria_crm_note" }])
    })
  )

  it.effect("tells that a client is for another database", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.make({
        acquirer: Effect.die("not asked"),
        compiler: Statement.makeCompiler({ dialect: "pg", placeholder: (index) => `$${index}`, onIdentifier: (name) => `"${name}"`, onRecordUpdate: () => ["", []], onCustom: () => ["", []] }),
        driver: "pg",
        spanAttributes: []
      })
      const error = yield* Effect.flip(Effect.provideService(LocalCrm.make, SqlClient.SqlClient, sql))
      expect(error).toMatchObject({ _tag: "LocalStoreError", reason: "dialect" })
      expect(error.message).toContain("SqliteClient.layer")
    }).pipe(Effect.provide(Reactivity.layer))
  )
})

describe("Local", () => {
  it.effect("has both connectors in one file", () =>
    Effect.gen(function* () {
      const filename = yield* newFile
      const Office = Local.layerFile({ filename })
      const written = Effect.gen(function* () {
        const crm = yield* Crm.Crm
        yield* Calendar.Calendar
        return yield* crm.create("lead", { name: "a", status: "new" })
      })
      const lead = yield* Effect.provide(written, Office)
      const read = Effect.flatMap(Crm.Crm, (crm) => crm.get("lead", lead.id))
      expect(yield* Effect.provide(read, Local.layer.pipe(Layer.provide(SqliteClient.layer({ filename }))))).toEqual(lead)
    })
  )
})

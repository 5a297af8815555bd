import { AuditLog, QuestionQueue, ReceiptStore, SqlStore } from "@aria/orchestrator-core"
import { SqliteClient } from "@aria/sqlite"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { SqlClient } from "effect/sql"
import { inFile, newFile } from "./stores.ts"

const event: AuditLog.Event = { what: "denied", receiptId: "r", kind: "notes.create", inputHash: "h", userId: "ada" }
const receipt = {
  v: 1, id: "r", scope: "global", kind: "notes.create", key: "k", inputHash: "h", input: null, summary: "s", state: "calling", userId: "ada",
  approvedBy: "ada", attempts: 1, intendedAt: 1, owner: "o", leaseUntil: 2, version: 1
} as const

const sqlite = SqliteClient.layer({ filename: ":memory:" })
/** The store, and the client beneath it. */
const both = Layer.provideMerge(SqlStore.layer, sqlite)
const recorded = (count: number) =>
  Effect.flatMap(ReceiptStore.ReceiptStore, ({ record }) => Effect.forEach(Array.from({ length: count }), () => record(event), { discard: true }))

describe("SqlStore on SQLite", () => {
  it.effect("is opened again and again, and by two at once that find nothing", () =>
    Effect.gen(function* () {
      const filename = yield* newFile
      yield* Effect.all([1, 2, 3].map(() => Effect.scoped(Layer.build(Layer.fresh(inFile(filename))))), { concurrency: "unbounded" })
      yield* Effect.provide(recorded(2), inFile(filename), { local: true })
      const head = yield* Effect.provide(Effect.flatMap(ReceiptStore.ReceiptStore, ({ audit }) => AuditLog.verify(audit)), inFile(filename), { local: true })
      expect(head.seq).toBe(2)
    })
  )

  it.effect("refuses tables of a newer version, and leaves them as they are", () =>
    Effect.gen(function* () {
      const filename = yield* newFile
      const client = SqliteClient.layer({ filename })
      yield* Effect.scoped(Layer.build(Layer.fresh(inFile(filename))))
      const sql = <A extends object>(text: string) =>
        Effect.provide(Effect.flatMap(SqlClient.SqlClient, (client) => client.unsafe<A>(text)), client, { local: true })
      yield* sql("INSERT INTO aria_store_formats (format) VALUES (99)")
      const error = yield* Effect.flip(Effect.scoped(Layer.build(Layer.fresh(inFile(filename)))))
      expect(error).toMatchObject({ _tag: "SqlStoreError", reason: "newerFormat", message: expect.stringContaining("have format 99, this version knows up to 1") })
      expect(yield* sql("SELECT format FROM aria_store_formats ORDER BY format")).toEqual([{ format: 1 }, { format: 99 }])
    })
  )

  it.effect("refuses a database that it does not know", () =>
    Effect.gen(function* () {
      const other = Layer.effect(SqlClient.SqlClient)(
        Effect.map(SqlClient.SqlClient, (client) => {
          const mysql = { ...client, driver: "mysql2", onDialectOrElse: ({ orElse }: { readonly orElse: () => unknown }) => orElse() }
          return Object.assign(() => undefined, mysql, { withoutTransforms: () => mysql }) as unknown as SqlClient.SqlClient
        })
      ).pipe(Layer.provide(sqlite))
      const error = yield* Effect.flip(Effect.scoped(Layer.build(Layer.provide(SqlStore.layer, other))))
      expect(error).toMatchObject({ reason: "dialect", message: expect.stringContaining("mysql2") })
    })
  )

  it.effect("says what is wrong with tables that it cannot make", () =>
    Effect.gen(function* () {
      const taken = Layer.effectDiscard(Effect.flatMap(SqlClient.SqlClient, (sql) => sql`CREATE TABLE aria_audit (mine TEXT)`))
      const error = yield* Effect.flip(Effect.scoped(Layer.build(Layer.provide(SqlStore.layer, Layer.provideMerge(taken, sqlite)))))
      expect(error).toMatchObject({ reason: "failed", message: expect.stringContaining("aria_audit already exists") })
    })
  )

  it.effect("is read where the file is opened for reading, and says that it cannot write", () =>
    Effect.gen(function* () {
      const filename = yield* newFile
      yield* Effect.provide(recorded(3), inFile(filename), { local: true })
      const reading = Layer.provide(SqlStore.layer, SqliteClient.layer({ filename, readonly: true }))
      yield* Effect.gen(function* () {
        const store = yield* ReceiptStore.ReceiptStore
        expect((yield* AuditLog.verify(store.audit)).seq).toBe(3)
        const error = yield* Effect.flip(store.record(event))
        expect(error).toMatchObject({ _tag: "ReceiptStoreError", operation: "record", message: expect.stringContaining("readonly") })
      }).pipe(Effect.provide(reading))
    })
  )

  it.effect.each([
    ["a change", "UPDATE aria_audit SET line = '{}' WHERE seq = 1"],
    ["a removal", "DELETE FROM aria_audit WHERE seq = 2"],
    ["a removal of all", "DELETE FROM aria_audit"],
    ["a replacement", "REPLACE INTO aria_audit (seq, line, hash) VALUES (1, '{}', '')"],
    ["an insertion that replaces", "INSERT OR REPLACE INTO aria_audit (seq, line, hash) VALUES (2, '{}', '')"],
    ["an insertion that changes", "INSERT INTO aria_audit (seq, line, hash) VALUES (2, '{}', '') ON CONFLICT (seq) DO UPDATE SET line = '{}'"]
  ] as const)("the log does not take %s", ([, text]) =>
    Effect.gen(function* () {
      yield* recorded(3)
      const [sql, store] = [yield* SqlClient.SqlClient, yield* ReceiptStore.ReceiptStore]
      const before = yield* Stream.runCollect(store.audit)
      const error = yield* Effect.flip(sql.unsafe(text))
      expect(error.message).toContain("append-only")
      expect(yield* Stream.runCollect(store.audit)).toEqual(before)
      expect((yield* AuditLog.verify(store.audit)).seq).toBe(3)
    }).pipe(Effect.provide(both))
  )

  it.effect("shows what somebody changed who took the triggers away", () =>
    Effect.gen(function* () {
      yield* recorded(1_500)
      const [sql, store] = [yield* SqlClient.SqlClient, yield* ReceiptStore.ReceiptStore]
      for (const verb of ["update", "delete", "insert"]) yield* sql.unsafe(`DROP TRIGGER aria_audit_${verb}`)
      // What fails in the transaction is rolled back: each begins with the whole log.
      const found = (text: string) =>
        Effect.map(Effect.flip(sql.withTransaction(Effect.andThen(sql.unsafe(text), AuditLog.verify(store.audit)))), ({ message }) => message)
      expect(yield* found("UPDATE aria_audit SET line = replace(line, 'ada', 'bob') WHERE seq = 3")).toContain("at entry 3: its text does not give its hash")
      expect(yield* found("DELETE FROM aria_audit WHERE seq = 1100")).toContain("at entry 1100: the entry in its place calls itself 1101")
      expect(yield* found("UPDATE aria_audit SET seq = 9999 WHERE seq = 7")).toContain("at entry 7: the entry in its place calls itself 8")
      // The head knows how many there were.
      expect(yield* found("DELETE FROM aria_audit WHERE seq > 1400")).toContain("had 1500 entries and ends with entry 1400")
      expect(yield* found("DELETE FROM aria_audit")).toContain("had 1500 entries and ends with entry 0")
      expect((yield* AuditLog.verify(store.audit)).seq).toBe(1_500)
    }).pipe(Effect.provide(both))
  )

  it.effect("does not write in a transaction of somebody else, which could take the receipt back", () =>
    Effect.gen(function* () {
      const [sql, store] = [yield* SqlClient.SqlClient, yield* ReceiptStore.ReceiptStore]
      const within = <A, E>(self: Effect.Effect<A, E>) => Effect.flip(sql.withTransaction(self))
      for (const write of [Effect.asVoid(store.put(receipt, 0, event)), store.record(event), Effect.asVoid(store.renew("r", "o", 3))]) {
        expect(yield* within(write)).toMatchObject({ _tag: "ReceiptStoreError", message: expect.stringContaining("outside of sql.withTransaction") })
      }
      expect(yield* Stream.runCollect(store.audit)).toEqual([])
      expect(yield* store.put(receipt, 0, event)).toBe(true)
    }).pipe(Effect.provide(both))
  )

  it.effect("writes no receipt without its entry", () =>
    Effect.gen(function* () {
      const [sql, store] = [yield* SqlClient.SqlClient, yield* ReceiptStore.ReceiptStore]
      yield* sql`CREATE TRIGGER full BEFORE INSERT ON aria_audit BEGIN SELECT RAISE(ABORT, 'the disk is full'); END`
      const error = yield* Effect.flip(store.put(receipt, 0, event))
      expect(error).toMatchObject({ operation: "write", message: expect.stringContaining("the disk is full") })
      expect(yield* store.get("r")).toMatchObject({ _tag: "None" })
      expect(yield* sql`SELECT seq FROM aria_audit_head`).toEqual([{ seq: 0 }])
    }).pipe(Effect.provide(both))
  )

  it.effect("lists by an index, whatever it is asked for", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const statements: Array<string> = []
      const noted = new Proxy(sql, {
        apply: (target, self, args: ReadonlyArray<unknown>) => {
          const statement = Reflect.apply(target, self, args)
          if (Array.isArray(args[0]) && args[0].join("").includes("ORDER BY")) statements.push(statement.compile()[0])
          return statement
        },
        get: (target, name) => (name === "withoutTransforms" ? () => noted : Reflect.get(target, name))
      }) as SqlClient.SqlClient
      const layer = Layer.provide(SqlStore.layer, Layer.succeed(SqlClient.SqlClient)(noted))
      yield* Effect.gen(function* () {
        const [store, queue] = [yield* ReceiptStore.ReceiptStore, yield* QuestionQueue.QuestionQueue]
        for (const filter of [{}, { userId: "ada" }, { runId: "r" }]) {
          yield* queue.list(filter)
          yield* store.list(filter)
          yield* store.list({ ...filter, kind: "notes.create" })
          yield* store.list({ ...filter, states: ["unknown"] })
          yield* queue.list({ ...filter, states: ["open"] })
          yield* queue.list({ ...filter, name: "approval" })
        }
        yield* recorded(1)
        yield* Stream.runDrain(store.audit)
      }).pipe(Effect.provide(layer))
      expect(statements.length).toBeGreaterThanOrEqual(19)
      for (const text of new Set(statements)) {
        const plan = yield* sql.unsafe<{ readonly detail: string }>(`EXPLAIN QUERY PLAN ${text}`, Array.from(text.matchAll(/\?/g), () => 1))
        const details = plan.map(({ detail }) => detail).join("; ")
        expect(details, text).toMatch(/USING (COVERING )?INDEX|USING INTEGER PRIMARY KEY/)
        expect(details, text).not.toContain("TEMP B-TREE")
      }
    }).pipe(Effect.provide(sqlite))
  )

  it.effect("reads with a client that gives integers as bigints", () =>
    Effect.gen(function* () {
      const store = yield* ReceiptStore.ReceiptStore
      yield* store.put(receipt, 0, event)
      expect(yield* store.get("r")).toMatchObject({ value: receipt })
      expect((yield* AuditLog.verify(store.audit)).seq).toBe(1)
    }).pipe(Effect.provide(both), Effect.provideService(SqlClient.SafeIntegers, true))
  )
})

import { SqliteClient } from "@aria/sqlite"
import { describe, expect, it } from "@effect/vitest"
import * as Config from "effect/Config"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Reactivity from "effect/reactivity/Reactivity"
import * as Schema from "effect/Schema"
import { Model } from "effect/schema"
import * as Scope from "effect/Scope"
import { Migrator, SqlClient, SqlModel, SqlSchema } from "effect/sql"
import * as Stream from "effect/Stream"
import { readFileSync, statSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { folder, newFile } from "./files.ts"

const open = (options: SqliteClient.Options) => Effect.provide(SqliteClient.make(options), Reactivity.layer)

const memory = Effect.gen(function* () {
  const sql = yield* open({ filename: ":memory:" })
  yield* sql`CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT UNIQUE, data BLOB)`
  const add = (text: string) => sql`INSERT INTO notes ${sql.insert({ text })}`
  const texts = Effect.map(sql<{ text: string }>`SELECT text FROM notes ORDER BY id`, (rows) =>
    rows.map(({ text }) => text)
  )
  return { sql, add, texts }
})

describe("statements", () => {
  it.effect("create, read, update, delete", () =>
    Effect.gen(function* () {
      const { sql, texts } = yield* memory
      expect(yield* sql`INSERT INTO notes ${sql.insert([{ text: "a" }, { text: "b" }])} RETURNING id`).toEqual([
        { id: 1 },
        { id: 2 }
      ])
      expect(yield* sql`UPDATE notes SET ${sql.update({ text: "c" })} WHERE id = ${2}`.raw).toEqual({
        changes: 1,
        lastInsertRowid: 2
      })
      expect(yield* texts).toEqual(["a", "c"])
      expect(yield* sql`DELETE FROM notes WHERE ${sql.in("text", ["a", "x"])}`).toEqual([])
      expect(yield* sql`SELECT id, text FROM notes`.values).toEqual([[2, "c"]])
      expect(yield* sql`SELECT id, text FROM notes`.unprepared).toEqual([{ id: 2, text: "c" }])
    })
  )

  it.effect("values are never SQL", () =>
    Effect.gen(function* () {
      const { add, sql, texts } = yield* memory
      const hostile = ["'); DROP TABLE notes; --", 'x" OR "1"="1', "\0'", "日本 💥"]
      yield* Effect.forEach(hostile, add)
      expect(yield* texts).toEqual(hostile)
      expect(yield* sql`SELECT 1 FROM notes WHERE text = ${"' OR 1=1 --"}`).toEqual([])
      expect(yield* Effect.flip(sql`SELECT 1 FROM ${sql('notes"; DROP TABLE notes; --')}`)).toMatchObject({
        reason: { _tag: "SqlSyntaxError" }
      })
      expect(yield* texts).toHaveLength(4)
    })
  )

  it.effect("bytes, booleans, null and numbers come back", () =>
    Effect.gen(function* () {
      const { sql } = yield* memory
      const bytes = Uint8Array.from({ length: 256 }, (_, index) => index)
      yield* sql`INSERT INTO notes ${sql.insert({ text: null, data: bytes })}`
      const [row] = yield* sql<{ data: unknown }>`SELECT text, data FROM notes`
      expect(row).toEqual({ text: null, data: bytes })
      expect(row?.data).toBeInstanceOf(Uint8Array)
      expect(yield* sql`SELECT ${true} AS yes, ${false} AS no, ${1.5} AS x, ${null} AS none`).toEqual([
        { yes: 1, no: 0, x: 1.5, none: null }
      ])
    })
  )

  it.effect("large integers fail, or come as bigint where asked for", () =>
    Effect.gen(function* () {
      const { sql } = yield* memory
      const large = sql`SELECT ${9007199254740993n} AS n`
      expect((yield* Effect.flip(large)).message).toContain("Provide SqlClient.SafeIntegers")
      expect(yield* Effect.provideService(large, SqlClient.SafeIntegers, true)).toEqual([{ n: 9007199254740993n }])
      expect(yield* Effect.provideService(sql`SELECT 1 AS n`, SqlClient.SafeIntegers, true)).toEqual([{ n: 1n }])
      expect(yield* sql`SELECT 1 AS n`).toEqual([{ n: 1 }])
      expect((yield* Effect.flip(sql`SELECT ${2n ** 63n}`)).message).toContain("too large")
    })
  )

  it.effect.each<[string, unknown, string]>([
    ["undefined", undefined, "Parameter 1 is undefined: use null"],
    ["NaN", Number.NaN, "NaN, which SQLite would store as NULL"],
    ["a date", new Date(0), "use toISOString() or getTime()"],
    ["an object", { id: 1 }, "a value of type object"]
  ])("%s is refused, not stored as something else", ([, value, message]) =>
    Effect.gen(function* () {
      const { sql } = yield* memory
      const error = yield* Effect.flip(sql.unsafe("SELECT ? AS x", [value]))
      expect(error._tag).toBe("SqlError")
      expect(error.message).toContain(message)
    })
  )

  it.effect("a second statement is refused, not dropped", () =>
    Effect.gen(function* () {
      const { add, sql, texts } = yield* memory
      const error = yield* Effect.flip(sql`DELETE FROM notes; SELECT 1`)
      expect(error.message).toContain("One statement at a time: there is another one after the first, SELECT 1")
      yield* add("a")
      expect(
        yield* sql`SELECT 1 AS x; -- ; SELECT 2
        /* and 3; */ ;`
      ).toEqual([{ x: 1 }])
      expect(yield* texts).toEqual(["a"])
    })
  )

  it.effect("kept statements follow the schema, and are bounded", () =>
    Effect.gen(function* () {
      for (const statementCacheSize of [0, 2]) {
        const sql = yield* open({ filename: ":memory:", statementCacheSize })
        yield* sql`CREATE TABLE t (a)`
        yield* sql`INSERT INTO t VALUES (1)`
        const all = sql`SELECT * FROM t`
        expect(yield* all).toEqual([{ a: 1 }])
        yield* sql`ALTER TABLE t ADD COLUMN b DEFAULT 2`
        expect(yield* all).toEqual([{ a: 1, b: 2 }])
        for (let n = 0; n < 10; n++) expect(yield* sql.unsafe(`SELECT ${n} AS n`)).toEqual([{ n }])
        expect(yield* all).toEqual([{ a: 1, b: 2 }])
      }
    })
  )

  it.effect("streams rows, next to other statements of its transaction, and ends early", () =>
    Effect.gen(function* () {
      const { sql, texts } = yield* memory
      yield* sql`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
        INSERT INTO notes (id, text) SELECT i, 'n' || i FROM n`
      const ids = sql<{ id: number }>`SELECT id FROM notes ORDER BY id`
      expect(yield* Stream.runCount(ids.stream)).toBe(1000)
      expect(yield* Stream.runCollect(Stream.take(ids.stream, 2))).toEqual([{ id: 1 }, { id: 2 }])
      yield* ids.stream.pipe(
        Stream.runForEach(({ id }) =>
          Effect.andThen(ids, sql`UPDATE notes SET text = NULL WHERE id = ${id} AND id % 2 = 0`)
        ),
        sql.withTransaction
      )
      expect((yield* texts).filter((text) => text === null)).toHaveLength(500)
      expect(yield* Effect.flip(Stream.runDrain(sql`SELECT nothing`.stream))).toMatchObject({ _tag: "SqlError" })
    })
  )
})

describe("transactions", () => {
  it.effect("commit, and roll back on failure and defect", () =>
    Effect.gen(function* () {
      const { add, sql, texts } = yield* memory
      yield* sql.withTransaction(Effect.andThen(add("a"), add("b")))
      const failed = yield* Effect.exit(sql.withTransaction(Effect.andThen(add("c"), Effect.fail("no"))))
      expect(failed).toEqual(Exit.fail("no"))
      yield* Effect.exit(sql.withTransaction(Effect.andThen(add("d"), Effect.die("bug"))))
      expect(yield* texts).toEqual(["a", "b"])
    })
  )

  it.effect("nested ones are savepoints", () =>
    Effect.gen(function* () {
      const { add, sql, texts } = yield* memory
      const inner = (text: string) => Effect.exit(sql.withTransaction(Effect.andThen(add(text), Effect.fail("no"))))
      yield* sql.withTransaction(
        Effect.gen(function* () {
          yield* add("a")
          yield* inner("b")
          yield* sql.withTransaction(Effect.andThen(add("c"), inner("d")))
          yield* add("e")
        })
      )
      expect(yield* texts).toEqual(["a", "c", "e"])
      yield* Effect.exit(sql.withTransaction(Effect.andThen(sql.withTransaction(add("f")), Effect.fail("outer"))))
      expect(yield* texts).toEqual(["a", "c", "e"])
    })
  )

  it.effect("an interrupted one leaves nothing, and the connection is free", () =>
    Effect.gen(function* () {
      const { add, sql, texts } = yield* memory
      const inside = yield* Deferred.make<void>()
      const fiber = yield* Effect.forkChild(
        add("a").pipe(
          Effect.andThen(Deferred.succeed(inside, undefined)),
          Effect.andThen(Effect.never),
          sql.withTransaction
        )
      )
      yield* Deferred.await(inside)
      const waiting = yield* Effect.forkChild(add("never"))
      yield* Effect.yieldNow
      yield* Fiber.interrupt(waiting)
      yield* Fiber.interrupt(fiber)
      yield* sql.withTransaction(add("b"))
      expect(yield* texts).toEqual(["b"])
    })
  )

  it.effect("a commit that fails is rolled back", () =>
    Effect.gen(function* () {
      const { add, sql, texts } = yield* memory
      yield* sql`CREATE TABLE refs (note INTEGER REFERENCES notes(id) DEFERRABLE INITIALLY DEFERRED)`
      const error = yield* Effect.flip(sql.withTransaction(Effect.andThen(add("a"), sql`INSERT INTO refs VALUES (9)`)))
      expect(error.reason._tag).toBe("ConstraintError")
      yield* sql.withTransaction(add("b"))
      expect(yield* texts).toEqual(["b"])
    })
  )

  it.effect("many fibers lose no update", () =>
    Effect.gen(function* () {
      const { sql } = yield* memory
      yield* sql`CREATE TABLE counter AS SELECT 0 AS n`
      const increment = Effect.gen(function* () {
        const [row] = yield* sql<{ n: number }>`SELECT n FROM counter`
        yield* Effect.yieldNow
        yield* sql`UPDATE counter SET n = ${(row?.n ?? 0) + 1}`
      })
      const read = sql`SELECT n FROM counter`
      yield* Effect.forEach(Array.from({ length: 200 }), () => Effect.andThen(read, sql.withTransaction(increment)), {
        concurrency: "unbounded"
      })
      expect(yield* read).toEqual([{ n: 200 }])
    })
  )
})

describe("errors have a reason", () => {
  it.effect("constraints and syntax", () =>
    Effect.gen(function* () {
      const { add, sql } = yield* memory
      yield* add("a")
      const unique = yield* Effect.flip(add("a"))
      expect(unique.reason).toMatchObject({ _tag: "UniqueViolation", constraint: "notes.text", operation: "execute" })
      expect(unique.isRetryable).toBe(false)
      yield* sql`CREATE TABLE strict (a INTEGER NOT NULL) STRICT`
      expect((yield* Effect.flip(sql`INSERT INTO strict VALUES (NULL)`)).reason._tag).toBe("ConstraintError")
      for (const text of ["SELEC 1", "SELECT * FROM nowhere", "SELECT nothing FROM notes", "SELECT '"]) {
        const error = yield* Effect.flip(sql.unsafe(text))
        expect(error.reason._tag).toBe("SqlSyntaxError")
      }
      expect((yield* Effect.flip(sql``)).reason._tag).toBe("UnknownError")
    })
  )

  it.effect("a lock that stays, after busyTimeout, without blocking other fibers", () =>
    Effect.gen(function* () {
      const filename = yield* newFile
      const one = yield* open({ filename })
      const two = yield* open({ filename, busyTimeout: 60 })
      yield* one`CREATE TABLE t (a)`
      const held = yield* Deferred.make<void>()
      const release = yield* Deferred.make<void>()
      const holder = yield* one`INSERT INTO t VALUES (1)`.pipe(
        Effect.andThen(Deferred.succeed(held, undefined)),
        Effect.andThen(Deferred.await(release)),
        one.withTransaction,
        Effect.forkChild
      )
      yield* Deferred.await(held)
      let ticks = 0
      const timer = setInterval(() => ticks++, 5)
      const error = yield* Effect.flip(two`INSERT INTO t VALUES (2)`)
      clearInterval(timer)
      expect(error.reason._tag).toBe("LockTimeoutError")
      expect(error.isRetryable).toBe(true)
      expect(error.message).toContain("busyTimeout, 60 ms")
      expect(ticks).toBeGreaterThan(1)
      expect(yield* two`SELECT * FROM t`).toEqual([])
      expect((yield* Effect.flip(two.withTransaction(Effect.void))).reason._tag).toBe("LockTimeoutError")
      yield* Deferred.succeed(release, undefined)
      yield* Fiber.join(holder)
      yield* two`INSERT INTO t VALUES (2)`
      expect(yield* two`SELECT a FROM t`).toEqual([{ a: 1 }, { a: 2 }])
    })
  )

  it.effect("who waits for a lock gets it once it is free, or can be interrupted", () =>
    Effect.gen(function* () {
      const filename = yield* newFile
      const one = yield* open({ filename })
      const two = yield* open({ filename, busyTimeout: "1 minute" })
      yield* one`CREATE TABLE t (a)`
      const held = yield* Deferred.make<void>()
      const release = yield* Deferred.make<void>()
      const holder = yield* Deferred.succeed(held, undefined).pipe(
        Effect.andThen(Deferred.await(release)),
        one.withTransaction,
        Effect.forkChild
      )
      yield* Deferred.await(held)
      const waits = yield* Effect.forkChild(two.withTransaction(two`INSERT INTO t VALUES (1)`))
      yield* Effect.yieldNow
      yield* Fiber.interrupt(waits)
      const patient = yield* Effect.forkChild(two.withTransaction(two`INSERT INTO t VALUES (2)`))
      yield* Effect.yieldNow
      yield* Deferred.succeed(release, undefined)
      yield* Fiber.join(holder)
      yield* Fiber.join(patient)
      expect(yield* two`SELECT a FROM t`).toEqual([{ a: 2 }])
    })
  )

  it.effect("after the scope", () =>
    Effect.gen(function* () {
      const sql = yield* Effect.scoped(open({ filename: ":memory:" }))
      expect((yield* Effect.flip(sql`SELECT 1`)).reason._tag).toBe("ConnectionError")
    })
  )
})

describe("opening", () => {
  const refused = (options: SqliteClient.Options) => Effect.flip(Effect.scoped(open(options)))

  it.effect.each<[string, Partial<SqliteClient.Options>, string]>([
    ["no filename", { filename: " " }, 'SQLite option filename: received " ", allowed is the path of a file'],
    ["an address", { filename: "file:a.db?mode=ro" }, 'received "file:a.db?mode=ro"'],
    ["a NUL", { filename: "a\0b" }, "option filename"],
    ["busyTimeout NaN", { busyTimeout: Number.NaN }, "SQLite option busyTimeout: received NaN, allowed is a finite"],
    ["busyTimeout -1", { busyTimeout: -1 }, "received -1"],
    ["busyTimeout without end", { busyTimeout: "Infinity" }, "option busyTimeout"],
    ["readonly in memory", { readonly: true }, "option readonly: received true"],
    ["statementCacheSize 1.5", { statementCacheSize: 1.5 }, "received 1.5, allowed is a whole number from 0"],
    // @ts-expect-error not one of the two
    ["synchronous OFF", { synchronous: "OFF; DROP TABLE x" }, 'allowed is "NORMAL" or "FULL"']
  ])("%s is refused", ([, options, message]) =>
    Effect.gen(function* () {
      const error = yield* refused({ filename: ":memory:", ...options })
      expect(error._tag).toBe("InvalidSqliteOptionError")
      expect(error.message).toContain(message)
    })
  )

  it.effect("says why a file cannot be used", () =>
    Effect.gen(function* () {
      const path = yield* folder
      const text = join(path, "notes.txt")
      writeFileSync(text, "these are notes and no database. ".repeat(100))
      const good = join(path, "good.db")
      yield* Effect.scoped(Effect.flatMap(open({ filename: good }), (sql) => sql`CREATE TABLE t (a)`))
      const changed = (name: string, offset: number, values: ReadonlyArray<number>) => {
        const bytes = readFileSync(good)
        bytes.set(values, offset)
        writeFileSync(join(path, name), bytes)
        return join(path, name)
      }
      const cases: ReadonlyArray<readonly [SqliteClient.Options, string, string]> = [
        [{ filename: join(path, "no", "a.db") }, "directoryMissing", "which is not a folder: make it first"],
        [{ filename: join(text, "a.db") }, "directoryMissing", "which is not a folder"],
        [{ filename: path }, "notAFile", "is a folder"],
        [{ filename: join(path, "none.db"), readonly: true }, "fileMissing", "with readonly it is not made"],
        [{ filename: text }, "notADatabase", "is not an SQLite database"],
        [{ filename: text, readonly: true }, "notADatabase", "is not an SQLite database"],
        [{ filename: changed("read.db", 18, [3, 3]) }, "newerFormat", "use a newer Node"],
        [{ filename: changed("write.db", 18, [3]) }, "newerFormat", "use a newer Node"],
        [{ filename: changed("schema.db", 44, [0, 0, 0, 9]) }, "newerFormat", "use a newer Node"]
      ]
      for (const [options, reason, message] of cases) {
        const error = yield* refused(options)
        expect(error).toMatchObject({ _tag: "SqliteOpenError", reason, filename: options.filename })
        expect(error.message).toContain(JSON.stringify(options.filename))
        expect(error.message).toContain(message)
      }
      expect(readFileSync(text, "utf8")).toBe("these are notes and no database. ".repeat(100))
    })
  )

  it.effect("a file that another connection keeps for itself", () =>
    Effect.gen(function* () {
      const filename = yield* newFile
      const one = yield* open({ filename })
      yield* one`PRAGMA locking_mode = EXCLUSIVE`
      yield* one`CREATE TABLE t (a)`
      expect(yield* refused({ filename, busyTimeout: 20 })).toMatchObject({ reason: "locked" })
    })
  )

  it.effect("files have a write-ahead log and the wanted pragmas", () =>
    Effect.gen(function* () {
      const filename = yield* newFile
      for (const [synchronous, level] of [
        ["NORMAL", 1],
        ["FULL", 2]
      ] as const) {
        const sql = yield* open({ filename, synchronous })
        expect(yield* sql`PRAGMA journal_mode`).toEqual([{ journal_mode: "wal" }])
        expect(yield* sql`PRAGMA synchronous`).toEqual([{ synchronous: level }])
        expect(yield* sql`PRAGMA foreign_keys`).toEqual([{ foreign_keys: 1 }])
      }
    })
  )

  it.effect("what was written is there after closing, and the log is gone", () =>
    Effect.gen(function* () {
      const filename = yield* newFile
      const use = <A, E>(f: (sql: SqlClient.SqlClient) => Effect.Effect<A, E>) =>
        Effect.scoped(Effect.flatMap(open({ filename }), f))
      yield* use((sql) => sql`CREATE TABLE t (a)`)
      yield* use((sql) => sql.withTransaction(sql`INSERT INTO t VALUES (1)`))
      expect(yield* use((sql) => sql`SELECT a FROM t`)).toEqual([{ a: 1 }])
      expect(statSync(`${filename}-wal`, { throwIfNoEntry: false })).toBeUndefined()
      const reader = yield* open({ filename, readonly: true })
      expect(yield* reader.withTransaction(reader`SELECT a FROM t`)).toEqual([{ a: 1 }])
      expect((yield* Effect.flip(reader`INSERT INTO t VALUES (2)`)).message).toContain("readonly")
    })
  )

  it.effect("closing rolls back what is open", () =>
    Effect.gen(function* () {
      const filename = yield* newFile
      const scope = yield* Scope.make()
      const one = yield* Scope.provide(open({ filename }), scope)
      yield* one`CREATE TABLE t (a)`
      yield* one`BEGIN`
      yield* one`INSERT INTO t VALUES (1)`
      yield* Scope.close(scope, Exit.void)
      const two = yield* open({ filename })
      expect(yield* two`SELECT * FROM t`).toEqual([])
    })
  )

  it.effect("options may come from configuration", () =>
    Effect.gen(function* () {
      const filename = join(dirname(yield* newFile), "configured.db")
      const Database = SqliteClient.layerConfig({
        filename: Config.String("DATABASE_FILE"),
        busyTimeout: Config.Duration("BUSY").pipe(Config.withDefault("1 second"))
      })
      const version = Effect.flatMap(SqlClient.SqlClient, (sql) => sql<{ name: string }>`SELECT 'here' AS name`)
      const run = (env: Record<string, string>) =>
        version.pipe(Effect.provide(Layer.provide(Database, ConfigProvider.layer(ConfigProvider.fromUnknown(env)))))
      expect(yield* run({ DATABASE_FILE: filename })).toEqual([{ name: "here" }])
      expect(statSync(filename).isFile()).toBe(true)
      expect((yield* Effect.flip(run({})))._tag).toBe("ConfigError")
    })
  )
})

describe("with effect's own modules", () => {
  class Note extends Model.Class<Note>("Note")({
    id: Model.Field({ select: Schema.Int, update: Schema.Int, json: Schema.Int }),
    text: Schema.String,
    done: Model.BooleanSqlite
  }) {}

  const migrations = {
    "1_notes": Effect.flatMap(
      SqlClient.SqlClient,
      (sql) => sql`CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL)`
    ),
    "2_done": Effect.flatMap(
      SqlClient.SqlClient,
      (sql) => sql`ALTER TABLE notes ADD COLUMN done INTEGER NOT NULL DEFAULT 0`
    )
  }
  const migrate = (wanted: Record<string, Effect.Effect<unknown, unknown, SqlClient.SqlClient>>) =>
    Migrator.make({})({
      loader: Migrator.fromRecord(
        Object.fromEntries(Object.entries(wanted).map(([name, migration]) => [name, Effect.asVoid(migration)]))
      )
    })

  it.effect("migrations run once, and a failed one leaves nothing", () =>
    Effect.gen(function* () {
      const filename = yield* newFile
      const run = <A, E>(effect: Effect.Effect<A, E, SqlClient.SqlClient>) =>
        Effect.provide(effect, SqliteClient.layer({ filename }))
      expect(yield* run(migrate({ "1_notes": migrations["1_notes"] }))).toEqual([[1, "notes"]])
      const broken = { ...migrations, "3_broken": Effect.fail("no") }
      expect(yield* Effect.flip(run(migrate(broken)))).toMatchObject({ _tag: "MigrationError", kind: "Failed" })
      expect(yield* run(migrate(migrations))).toEqual([[2, "done"]])
      expect(yield* run(migrate(migrations))).toEqual([])
    })
  )

  it.effect("models and schemas", () =>
    Effect.gen(function* () {
      yield* migrate(migrations)
      const sql = yield* SqlClient.SqlClient
      const notes = yield* SqlModel.makeRepository(Note, { tableName: "notes", spanPrefix: "notes", idColumn: "id" })
      const made = yield* notes.insert(Note.insert.make({ text: "a", done: false }))
      expect({ ...made }).toEqual({ id: 1, text: "a", done: false })
      yield* notes.update(Note.update.make({ id: 1, text: "b", done: true }))
      expect({ ...(yield* notes.findById(1)) }).toEqual({ id: 1, text: "b", done: true })
      const find = SqlSchema.findAll({
        Request: Schema.String,
        Result: Note,
        execute: (text) => sql`SELECT * FROM notes WHERE text = ${text}`
      })
      expect((yield* find("b")).map(({ done }) => done)).toEqual([true])
      yield* notes.delete(1)
      expect(yield* find("b")).toEqual([])
    }).pipe(Effect.provide(SqliteClient.layer({ filename: ":memory:" })))
  )
})

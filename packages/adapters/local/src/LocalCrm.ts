/**
 * A `Crm` in a SQLite database.
 *
 * @since 0.1.0
 */
import { Crm, CrmError, CrmQuery, CrmRecord } from "@aria/connectors"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { SqlClient } from "effect/sql/SqlClient"
import { behindAll, orderOf, whereOf } from "./internal/crmConditions.ts"
import { columnsOf, type Row, recordOf } from "./internal/crmRows.ts"
import { migrations, tables } from "./internal/crmTables.ts"
import { unavailable } from "./internal/crmUnavailable.ts"
import { prepare } from "./internal/store.ts"
import type { LocalStoreError } from "./LocalStore.ts"
import { randomUUID } from "node:crypto"

const operations = (sql: SqlClient): Crm.Backend => {
  const tableOf = (type: CrmRecord.Type) => sql(tables[type])

  const rowOf = (type: CrmRecord.Type, id: string) =>
    Effect.map(sql<Row>`SELECT * FROM ${tableOf(type)} WHERE id = ${id}`, ([row]) => row)

  /** The record, if it is there and has this version. */
  const current = Effect.fnUntraced(function* (type: CrmRecord.Type, request: { readonly id: string; readonly version: string }) {
    const { id, version } = request
    const row = yield* rowOf(type, id)
    if (row === undefined) return yield* new CrmError.RecordNotFoundError({ type, id })
    const record = recordOf(type, row)
    if (record.version === version) return record
    return yield* new CrmError.StaleRecordError({ type, id, received: version, current: record.version })
  })

  /** Whether what a record refers to is there. */
  const checkReferences = (type: CrmRecord.Type, record: Readonly<Record<string, unknown>>) =>
    Effect.forEach(
      CrmRecord.references(type, record),
      Effect.fnUntraced(function* ({ field, id, type: of }) {
        const rows = yield* sql`SELECT 1 FROM ${tableOf(of)} WHERE id = ${id}`
        if (rows.length === 0) return yield* new CrmError.RecordReferenceError({ type, field, to: { type: of, id } })
      }),
      { discard: true }
    )

  /** One of the records that refer to this one. */
  const referrer = Effect.fnUntraced(function* (type: CrmRecord.Type, id: string) {
    const candidates: ReadonlyArray<CrmRecord.Type> = type === "account" ? ["contact", "opportunity"] : []
    for (const from of candidates) {
      const [row] = yield* sql<{ readonly id: string }>`SELECT id FROM ${tableOf(from)} WHERE accountId = ${id} LIMIT 1`
      if (row !== undefined) return { type: from, id: row.id }
    }
    const [note] = yield* sql<{ readonly id: string }>`
      SELECT id FROM ${tableOf("note")} WHERE aboutId = ${id} AND aboutType = ${type} LIMIT 1`
    return note === undefined ? undefined : { type: "note" as const, id: note.id }
  })

  const nextVersion = Effect.map(
    sql<{ readonly last: number }>`UPDATE aria_crm_writes SET last = last + 1 RETURNING last`,
    ([row]) => row?.last ?? 0
  )

  const written = (type: CrmRecord.Type, rows: ReadonlyArray<Row>) =>
    rows[0] === undefined ? Effect.die(new Error(`The ${type} that was written is not there`)) : Effect.succeed(recordOf(type, rows[0]))

  const find = Effect.fnUntraced(function* (query: CrmQuery.Checked) {
    const after = yield* Effect.fromResult(CrmQuery.keysAfter(query))
    const where = whereOf(sql, query.type, query.where)
    const behind = after === undefined ? where : sql.and([where, behindAll(sql, query, after)])
    const rows = yield* sql<Row>`
      SELECT * FROM ${tableOf(query.type)} WHERE ${behind} ORDER BY ${orderOf(sql, query)} LIMIT ${query.limit + 1}`
    return CrmQuery.pageOf(query, rows.map((row) => recordOf(query.type, row)))
  })

  const get = Effect.fnUntraced(function* (type: CrmRecord.Type, id: string) {
    const row = yield* rowOf(type, id)
    return row === undefined ? yield* new CrmError.RecordNotFoundError({ type, id }) : recordOf(type, row)
  })

  const create = Effect.fnUntraced(function* (
    type: CrmRecord.Type,
    id: string,
    fields: Readonly<Record<string, string | number | null>>
  ) {
    if ((yield* rowOf(type, id)) !== undefined) return yield* new CrmError.RecordExistsError({ type, id })
    yield* checkReferences(type, fields)
    const now = yield* DateTime.now
    const columns = columnsOf(type, { ...fields, id, createdAt: now, updatedAt: now })
    const version = yield* nextVersion
    const rows = yield* sql<Row>`INSERT INTO ${tableOf(type)} ${sql.insert({ ...columns, version }).returning("*")}`
    return yield* written(type, rows)
  })

  const update = Effect.fnUntraced(function* (
    type: CrmRecord.Type,
    { change, ...request }: Parameters<Crm.Backend["update"]>[1]
  ) {
    const found = yield* current(type, request)
    yield* checkReferences(type, { ...found, ...change })
    const columns = columnsOf(type, { ...change, updatedAt: yield* DateTime.now })
    const version = yield* nextVersion
    const rows = yield* sql<Row>`
      UPDATE ${tableOf(type)} SET ${sql.update({ ...columns, version })} WHERE id = ${request.id} RETURNING *`
    return yield* written(type, rows)
  })

  const remove = Effect.fnUntraced(function* (
    type: CrmRecord.Type,
    request: { readonly id: string; readonly version: string }
  ) {
    yield* current(type, request)
    const by = yield* referrer(type, request.id)
    if (by !== undefined) return yield* new CrmError.RecordInUseError({ type, id: request.id, by })
    yield* sql`DELETE FROM ${tableOf(type)} WHERE id = ${request.id}`
  })

  const { reading, writing } = unavailable(sql)
  return {
    find: (query) => reading("find", find(query)),
    get: (type, id) => reading("get", get(type, id)),
    create: (type, id, fields) =>
      writing(
        "create",
        Effect.suspend(() => create(type, id ?? randomUUID(), fields))
      ),
    update: (type, request) => writing("update", update(type, request)),
    remove: (type, request) => writing("remove", remove(type, request))
  }
}

/**
 * The service itself, where a layer is not wanted. Its tables are made where they are missing.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make: Effect.Effect<Crm.Service, LocalStoreError, SqlClient> = Effect.map(
  prepare("aria_crm_migrations", migrations),
  (sql) => Crm.make(operations(sql))
)

/**
 * A CRM in the database of a `SqlClient` for SQLite, in tables of its own whose names begin with `aria_crm_`. Several processes may
 * share a file. A write is one transaction; inside `sql.withTransaction` it is a part of that one.
 *
 * **Example**
 *
 * ```ts
 * import { LocalCrm } from "@aria/adapter-local"
 * import { SqliteClient } from "@aria/sqlite"
 * import * as Layer from "effect/Layer"
 *
 * const CrmLive = LocalCrm.layer.pipe(Layer.provide(SqliteClient.layer({ filename: "aria.db" })))
 * ```
 *
 * Errors: `LocalStoreError` where the client is not for SQLite or the tables cannot be made.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer: Layer.Layer<Crm.Crm, LocalStoreError, SqlClient> = Layer.effect(Crm.Crm)(make)

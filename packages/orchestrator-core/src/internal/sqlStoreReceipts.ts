import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { SafeIntegers, type SqlClient } from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import type { Fragment } from "effect/sql/Statement"
import * as Stream from "effect/Stream"
import * as AuditLog from "../AuditLog.ts"
import { Receipt } from "../Receipt.ts"
import { type ReceiptStore, ReceiptStoreError } from "../ReceiptStore.ts"
import { inTransaction, reasonOf } from "../SqlFailure.ts"
import type { Dialect } from "../SqlTables.ts"

interface Row {
  readonly body: string
  readonly lease: number
}

/** Nulls where the row is missing. */
interface HeadRow {
  readonly seq: unknown
  readonly hash: string | null
}

type Operation = ReceiptStoreError["operation"]

const rowsAtOnce = 1_000

const codec = Schema.fromJsonString(Receipt)
const decode = Schema.decodeUnknownEffect(codec)
const encode = Schema.encodeEffect(codec)

const failed = (operation: Operation, what: string) => (cause: { readonly message: string }) =>
  new ReceiptStoreError({ operation, message: `${what}: ${reasonOf(cause)}` })

/** A lease is renewed in its column; the body has the one of the intent. */
const receiptOf = ({ body, lease }: Row): Effect.Effect<Receipt, Schema.SchemaError> =>
  Effect.map(decode(body), (receipt) => ({ ...receipt, leaseUntil: Number(lease) }))

/** Receipts and the audit log in two tables, and the head of the log in a row that every write has to have. */
export const makeReceipts = (sql: SqlClient, dialect: Dialect): ReceiptStore["Service"] => {
  const plain = Effect.provideService(SafeIntegers, false)

  /**
   * What is written in the transaction of a caller could be taken back by it, and then an action would be done that no
   * receipt knows of.
   */
  const committed = <A, E, R>(operation: Operation, self: Effect.Effect<A, E, R>): Effect.Effect<A, E | ReceiptStoreError, R> =>
    Effect.flatMap(Effect.serviceOption(sql.transactionService), (open): Effect.Effect<A, E | ReceiptStoreError, R> =>
      Option.isNone(open)
        ? self
        : Effect.fail(
            new ReceiptStoreError({
              operation,
              message: "Receipts must be committed before an action is done, and this is inside a transaction of the same client: perform it outside of sql.withTransaction"
            })
          )
    )

  /** SQLite's transaction has the lock already; elsewhere this row is what writers wait for. */
  const headRow =
    dialect === "pg"
      ? sql<HeadRow>`SELECT seq, hash FROM aria_audit_head WHERE id = 1 FOR UPDATE`
      : sql<HeadRow>`SELECT seq, hash FROM aria_audit_head WHERE id = 1`

  /** Puts an entry behind the head, which moves with it: see the trigger. */
  const append = (event: AuditLog.Event, known?: HeadRow): Effect.Effect<void, SqlError | ReceiptStoreError> =>
    Effect.gen(function* () {
      const row = known ?? (yield* headRow)[0]
      if (row === undefined || row.hash === null) {
        return yield* new ReceiptStoreError({ operation: "write", message: "The head of the audit log is missing: nothing was written" })
      }
      const now = yield* Clock.currentTimeMillis
      const { head, sealed } = AuditLog.seal({ seq: Number(row.seq), hash: row.hash }, now, event)
      yield* sql`INSERT INTO aria_audit (seq, line, hash) VALUES (${head.seq}, ${sealed.line}, ${sealed.hash})`
    })

  /** What a change gives back: in SQLite the head as well, which is one statement less. */
  const changed = dialect === "pg" ? sql`id` : sql`(SELECT seq FROM aria_audit_head WHERE id = 1) AS seq, (SELECT hash FROM aria_audit_head WHERE id = 1) AS hash`
  const headOf = (row: HeadRow | undefined): HeadRow | undefined => (dialect === "pg" ? undefined : row)

  /** Puts it where the expected version is and gives the log's head, if it is known; nothing where another version is. */
  const replace = (receipt: Receipt, expected: number) =>
    Effect.gen(function* () {
      const { id, intendedAt, kind, leaseUntil, owner, runId, state, userId, version } = receipt
      const run = runId ?? null
      const body = yield* encode(receipt)
      if (expected === 0) {
        const inserted = yield* sql<HeadRow>`
          INSERT INTO aria_receipts (id, version, state, kind, user_id, run_id, intended, owner, lease, body)
          VALUES (${id}, ${version}, ${state}, ${kind}, ${userId}, ${run}, ${intendedAt}, ${owner}, ${leaseUntil}, ${body})
          ON CONFLICT (id) DO NOTHING RETURNING ${changed}`
        return inserted.length > 0 ? { head: headOf(inserted[0]) } : undefined
      }
      // How a call ended changes one index of five, where the statement names no column of the others.
      const ended = yield* sql<HeadRow>`
        UPDATE aria_receipts SET version = ${version}, state = ${state}, owner = ${owner}, lease = ${leaseUntil}, body = ${body}
        WHERE id = ${id} AND version = ${expected} AND kind = ${kind} AND user_id = ${userId} AND run_id IS NOT DISTINCT FROM ${run}
          AND intended = ${intendedAt} RETURNING ${changed}`
      if (ended.length > 0) return { head: headOf(ended[0]) }
      const rewritten = yield* sql<HeadRow>`
        UPDATE aria_receipts
        SET version = ${version}, state = ${state}, kind = ${kind}, user_id = ${userId}, run_id = ${run}, intended = ${intendedAt},
          owner = ${owner}, lease = ${leaseUntil}, body = ${body}
        WHERE id = ${id} AND version = ${expected} RETURNING ${changed}`
      return rewritten.length > 0 ? { head: headOf(rewritten[0]) } : undefined
    })

  const get: ReceiptStore["Service"]["get"] = Effect.fn("SqlStore.get")(
    function* (id) {
      const [row] = yield* sql<Row>`SELECT body, lease FROM aria_receipts WHERE id = ${id}`
      return row === undefined ? Option.none() : Option.some(yield* receiptOf(row))
    },
    plain,
    (self, id) => Effect.mapError(self, failed("read", `Receipt ${id} could not be read`))
  )

  const put: ReceiptStore["Service"]["put"] = Effect.fn("SqlStore.put")(
    (receipt, expected, event) =>
      inTransaction(sql)(
        Effect.flatMap(replace(receipt, expected), (won) => (won === undefined ? Effect.succeed(false) : Effect.as(append(event, won.head), true)))
      ),
    plain,
    (self, { id }) => committed("write", Effect.mapError(self, failed("write", `Receipt ${id} could not be written`)))
  )

  const renew: ReceiptStore["Service"]["renew"] = Effect.fn("SqlStore.renew")(
    (id, owner, leaseUntil) =>
      Effect.map(
        sql`UPDATE aria_receipts SET lease = ${leaseUntil} WHERE id = ${id} AND owner = ${owner} AND state = 'calling' RETURNING id`,
        (renewed) => renewed.length > 0
      ),
    plain,
    (self, id) => committed("renew", Effect.mapError(self, failed("renew", `The lease of receipt ${id} could not be renewed`)))
  )

  const record: ReceiptStore["Service"]["record"] = Effect.fn("SqlStore.record")(
    (event) => inTransaction(sql)(append(event)),
    plain,
    (self) => committed("record", Effect.mapError(self, failed("record", "The audit log could not be written")))
  )

  const list: ReceiptStore["Service"]["list"] = Effect.fn("SqlStore.list")(
    function* ({ kind, limit, runId, states, userId }) {
      if (states?.length === 0) return []
      const conditions: ReadonlyArray<Fragment> = [
        ...(states === undefined ? [] : [sql.in("state", states)]),
        ...(kind === undefined ? [] : [sql`kind = ${kind}`]),
        ...(userId === undefined ? [] : [sql`user_id = ${userId}`]),
        ...(runId === undefined ? [] : [sql`run_id = ${runId}`])
      ]
      const where = conditions.length === 0 ? sql`` : sql`WHERE ${sql.and(conditions)}`
      const rows = yield* sql<Row>`SELECT body, lease FROM aria_receipts ${where} ORDER BY intended, id LIMIT ${limit ?? 1_000}`
      return yield* Effect.forEach(rows, receiptOf)
    },
    plain,
    (self) => Effect.mapError(self, failed("list", "The receipts could not be listed"))
  )

  /** As far as the log went when it was asked for. Its last entry is in the head, so that an end that was cut off shows. */
  const audit: ReceiptStore["Service"]["audit"] = Stream.unwrap(
    Effect.map(sql<{ readonly seq: unknown }>`SELECT seq FROM aria_audit_head WHERE id = 1`, ([row]) => {
      const last = Number(row?.seq ?? 0)
      return Stream.paginate(0, (after: number) =>
        Effect.gen(function* () {
          const rows = yield* sql<AuditLog.Sealed & { readonly seq: unknown }>`
            SELECT seq, line, hash FROM aria_audit WHERE seq > ${after} AND seq <= ${last} ORDER BY seq LIMIT ${rowsAtOnce}`
          const reached = Number(rows.at(-1)?.seq ?? after)
          if (rows.length < rowsAtOnce && reached < last) {
            return yield* new ReceiptStoreError({
              operation: "audit",
              message: `The audit log had ${last} entries and ends with entry ${reached}: its end was removed`
            })
          }
          const sealed = rows.map(({ hash, line }): AuditLog.Sealed => ({ line, hash }))
          return [sealed, reached >= last ? Option.none<number>() : Option.some(reached)] as const
        }).pipe(plain)
      )
    })
  ).pipe(
    Stream.mapError((error) => (error._tag === "SqlError" ? failed("audit", "The audit log could not be read")(error) : error))
  )

  return { get, put, renew, record, list, audit }
}

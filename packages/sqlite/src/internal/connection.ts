/** effect's `Connection` over one open database. */
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { SafeIntegers } from "effect/sql/SqlClient"
import type { Connection } from "effect/sql/SqlConnection"
import type { SqlError } from "effect/sql/SqlError"
import * as Stream from "effect/Stream"
import type { DatabaseSync, StatementSync } from "node:sqlite"
import { whenFree } from "./busy.ts"
import { toSqlError } from "./failures.ts"
import { bindAll } from "./parameters.ts"
import type { Settings } from "./settings.ts"
import { makeCache, prepare } from "./statements.ts"

type Mode = "rows" | "values" | "raw"
/** As `Connection` has them: what a row holds is the caller's to say. */
// oxlint-disable-next-line no-explicit-any
type Rows = ReadonlyArray<any>
type Transform = (<A extends object>(rows: ReadonlyArray<A>) => ReadonlyArray<A>) | undefined

const rowsAtOnce = 128

export const makeConnection = (db: DatabaseSync, settings: Settings): Connection => {
  const { busyTimeout } = settings
  const cached = makeCache(db, settings.statementCacheSize)
  const fresh = (sql: string) => prepare(db, sql)

  const patience = (sql: string, operation: string) => ({
    busyTimeout,
    interruptible: /^\s*begin\b/i.test(sql),
    onError: (cause: unknown) => toSqlError(cause, operation, busyTimeout)
  })

  const set = (statement: StatementSync, mode: Mode, bigints: boolean): StatementSync => {
    statement.setReadBigInts(bigints)
    statement.setReturnArrays(mode === "values")
    return statement
  }

  const run = (
    sql: string,
    parameters: ReadonlyArray<unknown>,
    mode: Mode,
    statementOf: (sql: string) => StatementSync
  ): Effect.Effect<unknown, SqlError> =>
    Effect.withFiber((fiber) => {
      const bigints = Context.get(fiber.context, SafeIntegers)
      return whenFree(
        () => {
          const statement = set(statementOf(sql), mode, bigints)
          const bound = bindAll(parameters)
          if (statement.columns().length > 0) return statement.all(...bound)
          const changes = statement.run(...bound)
          return mode === "raw" ? changes : []
        },
        patience(sql, "execute")
      )
    })

  const rows = (
    sql: string,
    parameters: ReadonlyArray<unknown>,
    transform: Transform,
    statementOf: (sql: string) => StatementSync
  ): Effect.Effect<Rows, SqlError> => {
    const found = run(sql, parameters, "rows", statementOf) as Effect.Effect<Rows, SqlError>
    return transform === undefined ? found : Effect.map(found, transform)
  }

  const values = (sql: string, parameters: ReadonlyArray<unknown>, statementOf: (sql: string) => StatementSync) =>
    run(sql, parameters, "values", statementOf) as Effect.Effect<ReadonlyArray<ReadonlyArray<unknown>>, SqlError>

  /** A statement of its own: the kept one may run again while this one is read. */
  const iterate = (sql: string, parameters: ReadonlyArray<unknown>) =>
    Effect.flatMap(SafeIntegers, (bigints) =>
      Effect.acquireRelease(
        Effect.try({
          try: () => set(fresh(sql), "rows", bigints).iterate(...bindAll(parameters)),
          catch: (cause) => toSqlError(cause, "stream", busyTimeout)
        }),
        (iterator) => Effect.sync(() => (db.isOpen ? iterator.return?.() : undefined))
      )
    )

  const stream = (sql: string, parameters: ReadonlyArray<unknown>, transform: Transform) =>
    Stream.fromPull(
      Effect.map(iterate(sql, parameters), (iterator) => {
        let ended = false
        const next = whenFree(
          () => {
            const rows: Array<Record<string, unknown>> = []
            while (!ended && rows.length < rowsAtOnce) {
              const row = iterator.next()
              if (row.done === true) ended = true
              else rows.push(row.value)
            }
            return rows
          },
          patience(sql, "stream")
        )
        return Effect.flatMap(next, (rows) => {
          const [first, ...others] = transform === undefined ? rows : transform(rows)
          return first === undefined ? Cause.done() : Effect.succeed([first, ...others] as const)
        })
      })
    )

  return {
    execute: (sql, parameters, transform) => rows(sql, parameters, transform, cached),
    executeUnprepared: (sql, parameters, transform) => rows(sql, parameters, transform, fresh),
    executeRaw: (sql, parameters) => run(sql, parameters, "raw", cached),
    executeValues: (sql, parameters) => values(sql, parameters, cached),
    executeValuesUnprepared: (sql, parameters) => values(sql, parameters, fresh),
    executeStream: (sql, parameters, transform) => Stream.scoped(stream(sql, parameters, transform))
  }
}

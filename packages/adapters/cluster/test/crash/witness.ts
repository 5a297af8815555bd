/** What the database itself writes down of every change, in the transaction that makes it: no moment is missed between two looks. */
import * as Effect from "effect/Effect"
import { SqlClient } from "effect/sql/SqlClient"
import type { Kind } from "./stores.ts"

export interface UnitSeen {
  readonly what: "insert" | "update" | "delete"
  readonly run_id: string
  readonly key: string
  readonly value: string
  readonly fence: number
  readonly at: number
}

export interface AccountSeen {
  readonly id: string
  readonly used_tokens: number
  readonly held_tokens: number
}

export interface RunSeen {
  readonly id: string
  readonly status: string
  readonly owner: string | null
  readonly fence: number
  readonly result: string | null
}

export interface SpendSeen {
  readonly what: "insert" | "update" | "delete"
  readonly state: string
  readonly accounts: string
  readonly input_tokens: number
  readonly output_tokens: number
}

interface Watched {
  readonly table: string
  readonly columns: ReadonlyArray<readonly [name: string, type: "text" | "number"]>
}

const watched: ReadonlyArray<Watched> = [
  { table: "units", columns: [["run_id", "text"], ["key", "text"], ["value", "text"], ["fence", "number"]] },
  { table: "accounts", columns: [["id", "text"], ["used_tokens", "number"], ["held_tokens", "number"]] },
  { table: "spends", columns: [["state", "text"], ["accounts", "text"], ["input_tokens", "number"], ["output_tokens", "number"]] },
  { table: "runs", columns: [["id", "text"], ["status", "text"], ["owner", "text"], ["fence", "number"], ["result", "text"]] }
]

const statements = (kind: Kind, { columns, table }: Watched): ReadonlyArray<string> => {
  const names = columns.map(([name]) => name).join(", ")
  const given = (row: "NEW" | "OLD") => columns.map(([name]) => `${row}.${name}`).join(", ")
  const types = columns.map(([name, type]) => `${name} ${type === "text" ? "TEXT" : "DOUBLE PRECISION"}`).join(", ")
  if (kind === "sqlite") {
    const trigger = (what: "insert" | "update" | "delete") =>
      `CREATE TRIGGER seen_${table}_${what} AFTER ${what.toUpperCase()} ON aria_${table} BEGIN
        INSERT INTO seen_${table} (what, at, ${names}) VALUES ('${what}', unixepoch('subsec') * 1000.0, ${given(what === "delete" ? "OLD" : "NEW")}); END`
    return [`CREATE TABLE seen_${table} (place INTEGER PRIMARY KEY, what TEXT, at DOUBLE PRECISION, ${types})`, trigger("insert"), trigger("update"), trigger("delete")]
  }
  const insert = (what: string, row: "NEW" | "OLD") =>
    `INSERT INTO seen_${table} (what, at, ${names}) VALUES (${what}, EXTRACT(EPOCH FROM clock_timestamp()) * 1000, ${given(row)});`
  return [
    `CREATE TABLE seen_${table} (place BIGSERIAL PRIMARY KEY, what TEXT, at DOUBLE PRECISION, ${types})`,
    `CREATE FUNCTION seen_${table}() RETURNS TRIGGER LANGUAGE plpgsql AS $$ BEGIN
      IF TG_OP = 'DELETE' THEN ${insert("'delete'", "OLD")} ELSE ${insert("LOWER(TG_OP)", "NEW")} END IF;
      RETURN NULL; END $$`,
    `CREATE TRIGGER seen_${table} AFTER INSERT OR UPDATE OR DELETE ON aria_${table} FOR EACH ROW EXECUTE FUNCTION seen_${table}()`
  ]
}

/** Once the tables are there, and before anything is in them. */
export const install = (kind: Kind): Effect.Effect<void, never, SqlClient> =>
  Effect.orDie(
    Effect.flatMap(SqlClient, (sql) =>
      Effect.forEach(watched.flatMap((one) => statements(kind, one)), (statement) => sql.unsafe(statement), { discard: true })
    )
  )

/** In the order in which it happened: for one row, that is. */
export const seen = Effect.orDie(
  Effect.gen(function* () {
    const sql = yield* SqlClient
    return {
      units: yield* sql<UnitSeen>`SELECT * FROM seen_units ORDER BY place`,
      accounts: yield* sql<AccountSeen>`SELECT * FROM seen_accounts ORDER BY place`,
      spends: yield* sql<SpendSeen>`SELECT * FROM seen_spends ORDER BY place`,
      runs: yield* sql<RunSeen>`SELECT * FROM seen_runs ORDER BY place`
    }
  })
)

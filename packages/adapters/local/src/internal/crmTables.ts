/** The tables of the CRM, as they were made: what is here is never changed, only added to. */
import type { CrmRecord } from "@aria/connectors"
import * as Effect from "effect/Effect"
import * as SqlClient from "effect/sql/SqlClient"

export const tables: { readonly [T in CrmRecord.Type]: string } = {
  lead: "aria_crm_lead",
  contact: "aria_crm_contact",
  account: "aria_crm_account",
  opportunity: "aria_crm_opportunity",
  note: "aria_crm_note"
}

/** SQLite knows upper and lower case of ASCII only: `contains` looks into a folded copy of each text. */
export const folded = (field: string): string => `${field}Folded`

const base = `
  id TEXT PRIMARY KEY NOT NULL, idFolded TEXT NOT NULL, version INTEGER NOT NULL,
  createdAt INTEGER NOT NULL, updatedAt INTEGER NOT NULL`
const required = (name: string) => `${name} TEXT NOT NULL, ${name}Folded TEXT NOT NULL`
const optional = (name: string) => `${name} TEXT, ${name}Folded TEXT`
const account = `${optional("accountId")}, FOREIGN KEY (accountId) REFERENCES aria_crm_account (id)`

const first: ReadonlyArray<string> = [
  // Every write takes the next number as its version: a record that is removed and made anew has none of its old ones.
  `CREATE TABLE aria_crm_writes (id INTEGER PRIMARY KEY CHECK (id = 1), last INTEGER NOT NULL) STRICT`,
  `INSERT INTO aria_crm_writes (id, last) VALUES (1, 0)`,
  `CREATE TABLE aria_crm_lead (${base}, ${required("name")}, ${required("status")}, ${optional("company")}, ${optional("email")},
    ${optional("phone")}, value REAL, ${optional("currency")}, ${optional("source")}) STRICT`,
  `CREATE TABLE aria_crm_account (${base}, ${required("name")}, ${optional("industry")}, ${optional("website")}, employees REAL,
    revenue REAL, ${optional("currency")}) STRICT`,
  `CREATE TABLE aria_crm_contact (${base}, ${required("name")}, ${optional("email")}, ${optional("phone")}, ${optional("title")},
    ${optional("company")}, ${account}) STRICT`,
  `CREATE TABLE aria_crm_opportunity (${base}, ${required("name")}, ${required("stage")}, amount REAL, ${optional("currency")},
    closeDate TEXT, probability REAL, ${account}) STRICT`,
  `CREATE TABLE aria_crm_note (${base}, ${required("text")}, aboutType TEXT NOT NULL, ${required("aboutId")}) STRICT`,
  `CREATE INDEX aria_crm_contact_account ON aria_crm_contact (accountId)`,
  `CREATE INDEX aria_crm_opportunity_account ON aria_crm_opportunity (accountId)`,
  `CREATE INDEX aria_crm_note_about ON aria_crm_note (aboutId, aboutType)`
]

export const migrations = {
  "1_crm": Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    yield* Effect.forEach(first, (statement) => sql.unsafe(statement), { discard: true })
  })
}

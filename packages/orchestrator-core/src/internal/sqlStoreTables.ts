/** The tables of `SqlStore`, as they were made: what is here is never changed, only added to. */
import type { Dialect, Tables } from "../SqlTables.ts"

/** Times are milliseconds in double precision: exact, and plain numbers in the clients of both databases. */
const first = (dialect: Dialect): ReadonlyArray<string> => {
  const whole = dialect === "pg" ? "BIGINT" : "INTEGER"
  return [
    `CREATE TABLE aria_receipts (
      id TEXT PRIMARY KEY NOT NULL, version ${whole} NOT NULL, state TEXT NOT NULL, kind TEXT NOT NULL, user_id TEXT NOT NULL,
      run_id TEXT, intended DOUBLE PRECISION NOT NULL, owner TEXT NOT NULL, lease DOUBLE PRECISION NOT NULL, body TEXT NOT NULL)`,
    // One for each thing to filter by, in the order in which receipts are listed.
    `CREATE INDEX aria_receipts_all ON aria_receipts (intended, id)`,
    `CREATE INDEX aria_receipts_state ON aria_receipts (state, intended, id)`,
    `CREATE INDEX aria_receipts_kind ON aria_receipts (kind, intended, id)`,
    `CREATE INDEX aria_receipts_user ON aria_receipts (user_id, intended, id)`,
    `CREATE INDEX aria_receipts_run ON aria_receipts (run_id, intended, id)`,
    `CREATE TABLE aria_audit (seq ${whole} PRIMARY KEY NOT NULL, line TEXT NOT NULL, hash TEXT NOT NULL)`,
    `CREATE TABLE aria_audit_head (id ${whole} PRIMARY KEY NOT NULL CHECK (id = 1), seq ${whole} NOT NULL, hash TEXT NOT NULL)`,
    `INSERT INTO aria_audit_head (id, seq, hash) VALUES (1, 0, '${"0".repeat(64)}')`,
    `CREATE TABLE aria_questions (
      id TEXT PRIMARY KEY NOT NULL, state TEXT NOT NULL, name TEXT NOT NULL, user_id TEXT NOT NULL, run_id TEXT,
      asked DOUBLE PRECISION NOT NULL, expires DOUBLE PRECISION, question TEXT NOT NULL, answer TEXT, problem TEXT)`,
    `CREATE INDEX aria_questions_all ON aria_questions (asked, id)`,
    `CREATE INDEX aria_questions_state ON aria_questions (state, asked, id)`,
    `CREATE INDEX aria_questions_name ON aria_questions (name, asked, id)`,
    `CREATE INDEX aria_questions_user ON aria_questions (user_id, asked, id)`,
    `CREATE INDEX aria_questions_run ON aria_questions (run_id, asked, id)`,
    ...appendOnly[dialect]
  ]
}

const refusal = "the audit log is append-only"

/** The head goes with every entry: that is no statement of the client's. */
const move = "UPDATE aria_audit_head SET seq = NEW.seq, hash = NEW.hash WHERE id = 1"

const appendOnly: Record<Dialect, ReadonlyArray<string>> = {
  sqlite: [
    ...["UPDATE", "DELETE"].map(
      (verb) => `CREATE TRIGGER aria_audit_${verb.toLowerCase()} BEFORE ${verb} ON aria_audit BEGIN SELECT RAISE(ABORT, '${refusal}'); END`
    ),
    // What REPLACE overwrites is deleted without the trigger for it.
    `CREATE TRIGGER aria_audit_insert BEFORE INSERT ON aria_audit WHEN EXISTS (SELECT 1 FROM aria_audit WHERE seq = NEW.seq)
      BEGIN SELECT RAISE(ABORT, '${refusal}'); END`,
    `CREATE TRIGGER aria_audit_move AFTER INSERT ON aria_audit BEGIN ${move}; END`
  ],
  pg: [
    `CREATE FUNCTION aria_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '${refusal}'; END $$`,
    `CREATE TRIGGER aria_audit_change BEFORE UPDATE OR DELETE ON aria_audit FOR EACH ROW EXECUTE FUNCTION aria_audit_refuse()`,
    `CREATE FUNCTION aria_audit_move() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${move}; RETURN NULL; END $$`,
    `CREATE TRIGGER aria_audit_move AFTER INSERT ON aria_audit FOR EACH ROW EXECUTE FUNCTION aria_audit_move()`,
    `CREATE TRIGGER aria_audit_truncate BEFORE TRUNCATE ON aria_audit FOR EACH STATEMENT EXECUTE FUNCTION aria_audit_refuse()`
  ]
}

export const tables: Tables = { formats: "aria_store_formats", migrations: [first] }

/** The tables of runs, as they were made: what is here is never changed, only added to. */
import type { Tables } from "@aria/orchestrator-core/SqlTables"

/** Times are milliseconds by the clock of the database; double precision is exact for them and for counts. */
const first = (): ReadonlyArray<string> => [
  `CREATE TABLE aria_runs (
    id TEXT PRIMARY KEY NOT NULL, plan TEXT NOT NULL, plan_version TEXT NOT NULL, shape TEXT NOT NULL,
    input TEXT NOT NULL, input_hash TEXT NOT NULL, user_id TEXT NOT NULL, priority DOUBLE PRECISION NOT NULL, options TEXT NOT NULL,
    origin TEXT NOT NULL, forked_from TEXT, status TEXT NOT NULL, reason TEXT,
    owner TEXT, fence DOUBLE PRECISION NOT NULL, deaths DOUBLE PRECISION NOT NULL, units_seen DOUBLE PRECISION NOT NULL,
    cancel DOUBLE PRECISION NOT NULL, created DOUBLE PRECISION NOT NULL, begun DOUBLE PRECISION, ended DOUBLE PRECISION, result TEXT)`,
  // What a worker looks for, whose runs died with it, and how lists are ordered.
  `CREATE INDEX aria_runs_open ON aria_runs (status, priority DESC, created) WHERE ended IS NULL`,
  `CREATE INDEX aria_runs_owner ON aria_runs (owner) WHERE owner IS NOT NULL`,
  `CREATE INDEX aria_runs_all ON aria_runs (created, id)`,
  // What is to be removed, and what somebody has to look at.
  `CREATE INDEX aria_runs_ended ON aria_runs (ended) WHERE ended IS NOT NULL`,
  `CREATE INDEX aria_runs_stuck ON aria_runs (status) WHERE status IN ('needsDecision', 'deadLetter')`,
  `CREATE TABLE aria_units (
    run_id TEXT NOT NULL, key TEXT NOT NULL, kind TEXT NOT NULL, hash TEXT, value TEXT NOT NULL, fence DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (run_id, key))`,
  // A row has the events that were written together: their first number, how many, and what a later life has to know of them.
  `CREATE TABLE aria_events (
    run_id TEXT NOT NULL, seq DOUBLE PRECISION NOT NULL, count DOUBLE PRECISION NOT NULL, events TEXT NOT NULL, marks TEXT,
    PRIMARY KEY (run_id, seq))`,
  `CREATE TABLE aria_spends (
    id TEXT PRIMARY KEY NOT NULL, run_id TEXT NOT NULL, key TEXT NOT NULL, state TEXT NOT NULL, accounts TEXT NOT NULL,
    input_tokens DOUBLE PRECISION NOT NULL, output_tokens DOUBLE PRECISION NOT NULL, cached_tokens DOUBLE PRECISION NOT NULL,
    reasoning_tokens DOUBLE PRECISION NOT NULL, calls DOUBLE PRECISION NOT NULL, micro_usd DOUBLE PRECISION NOT NULL)`,
  `CREATE INDEX aria_spends_run ON aria_spends (run_id)`,
  `CREATE TABLE aria_accounts (
    id TEXT PRIMARY KEY NOT NULL,
    used_tokens DOUBLE PRECISION NOT NULL, used_calls DOUBLE PRECISION NOT NULL, used_micro_usd DOUBLE PRECISION NOT NULL,
    held_tokens DOUBLE PRECISION NOT NULL, held_calls DOUBLE PRECISION NOT NULL, held_micro_usd DOUBLE PRECISION NOT NULL)`,
  `CREATE TABLE aria_workers (
    id TEXT PRIMARY KEY NOT NULL, lease DOUBLE PRECISION NOT NULL, started DOUBLE PRECISION NOT NULL, state TEXT NOT NULL, name TEXT NOT NULL,
    host TEXT, pid DOUBLE PRECISION NOT NULL)`
]

/** Lists of one user, and of the forks of a run; which plans a worker knows. */
const second = (): ReadonlyArray<string> => [
  `ALTER TABLE aria_workers ADD COLUMN plans TEXT NOT NULL DEFAULT '[]'`,
  `CREATE INDEX aria_runs_user ON aria_runs (user_id, created, id)`,
  `CREATE INDEX aria_runs_forks ON aria_runs (forked_from, created, id) WHERE forked_from IS NOT NULL`
]

/** Which runs share a region's limit: its account goes with the last of them. */
const third = (): ReadonlyArray<string> => [
  `CREATE TABLE aria_regions (account_id TEXT NOT NULL, run_id TEXT NOT NULL, PRIMARY KEY (account_id, run_id))`,
  `CREATE INDEX aria_regions_run ON aria_regions (run_id)`
]

export const tables: Tables = { formats: "aria_cluster_formats", migrations: [first, second, third] }

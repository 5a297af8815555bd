import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { handOver, idle, resume, takeOver } from "../internal/durableScenes.ts"
import type { Kept, Store } from "../internal/durableStore.ts"
import { type Postgres, startPostgres } from "../internal/postgres.ts"
import { interleaved, ratio, type Rounds } from "../interleaved.ts"
import { atLeast, atMost, information, type Line } from "../Line.ts"
import { median } from "../median.ts"
import { figures } from "../probe.ts"

const kilobytes = (value: number): string => `${(value / 1_024).toFixed(1)} KiB`
const rate = (value: number): string => `${value.toFixed(0)} runs/s`
const whole = (value: number): string => `${value.toFixed(0)} ms`
const seconds = (value: number): string => `${(value / 1_000).toFixed(2)} s`

type Figures = Readonly<Record<string, number>>
const all = (measured: ReadonlyArray<Figures>, figure: string): ReadonlyArray<number> => measured.map((one) => one[figure] ?? Number.NaN)

/** A store that the benchmark meets anew each time, and how it is called. */
interface Place<S extends Store = Kept> {
  readonly name: string
  readonly open: () => Promise<S>
}

const crowds = [
  ["one", "one at a time", 85],
  ["twenty", "20 at once", 281],
  ["hundred", "100 at once", 426]
] as const

const runs = async (memory: Place<Store>, places: ReadonlyArray<Place>): Promise<ReadonlyArray<Line>> => {
  // In memory it takes so little that more of it is measured.
  const cost = (place: Place<Store>) => async () =>
    figures("durable.ts", { store: await place.open(), runs: [150, 500, 1_000].map((times) => times * (place === memory ? 10 : 1)) })
  const measured = await interleaved<string, Figures>(Object.fromEntries([memory, ...places].map((place) => [place.name, cost(place)])))
  const of = ({ name }: Place<Store>, figure: string) => all(measured[name] ?? [], figure)

  const lines: Array<Line> = crowds.map(([figure, crowd]) => information(`durable: runs of three steps in memory, ${crowd}`, rate(median(of(memory, figure)))))
  for (const place of places) {
    for (const [figure, crowd, restate] of crowds) {
      const rates = of(place, figure)
      const name = `durable: the same, ${place.name}, ${crowd}`
      const slower = `in memory ${ratio(of(memory, figure), rates).toFixed(1)}x`
      // What Restate 1.7 with its own server reached on another machine.
      lines.push(place.name === "SQLite" ? atLeast(name, median(rates), restate, rate, slower) : information(name, `${rate(median(rates))} (${slower})`))
    }
  }
  for (const [figure, name] of [["chain", "1,000 one after the other"], ["fan", "1,000 at 20"]] as const) {
    const under = of(memory, figure)
    const shown = places.map((place) => `${place.name} ${median(of(place, figure)).toFixed(0)} us (${ratio(of(place, figure), under).toFixed(1)}x)`)
    lines.push(information(`durable: a task of a run, ${name}`, `in memory ${median(under).toFixed(0)} us, ${shown.join(", ")}`))
  }
  for (const [figure, name] of [["reserved", "a reservation in each step"], ["shared", "and a limit that all runs of a user share"]] as const) {
    const shown = [memory, ...places].map((place) => `${place.name} ${rate(median(of(place, figure)))} (${ratio(of(place, figure), of(place, "twenty")).toFixed(2)}x)`)
    lines.push(information(`durable: runs of three, ${name}, 20 at once`, shown.join(", ")))
  }
  for (const place of places) {
    const log = median(of(place, "log"))
    lines.push(information(`durable: on disk, a run of three steps, ${place.name}`, `${kilobytes(median(of(place, "files")))}${log > 0 ? `, and ${kilobytes(log)} of log on the way` : ""}`))
  }
  return lines
}

/** What a crash costs. Its bounds are for the worst of five. */
const crashes = async (places: ReadonlyArray<Place>): Promise<ReadonlyArray<Line>> => {
  const lines: Array<Line> = []
  const inTurn = <Value>(scene: (store: Kept) => Promise<Value>) =>
    interleaved<string, Value>(Object.fromEntries(places.map((place) => [place.name, async () => scene(await place.open())])))
  /** For what is waiting more than work. */
  const sideBySide = async <Value>(scene: (store: Kept) => Promise<Value>): Promise<Rounds<string, Value>> => {
    const { all } = await interleaved({ all: () => Promise.all(places.map(async (place) => scene(await place.open()))) })
    return Object.fromEntries(places.map(({ name }, index) => [name, all.flatMap((round) => round.slice(index, index + 1))]))
  }
  const worst = (name: string, values: ReadonlyArray<number>, bound: number, show: (value: number) => string) =>
    atMost(name, Math.max(...values), bound, show, `median ${show(median(values))}`)

  const resumed = await inTurn((store) => resume(store, 1_000))
  const here = await inTurn((store) => takeOver(store, "here"))
  const elsewhere = await sideBySide((store) => takeOver(store, "elsewhere"))
  const handed = await inTurn(handOver)
  const idling = await sideBySide(idle)
  for (const { name } of places) {
    const of = <Value>(rounds: Readonly<Record<string, ReadonlyArray<Value>>>): ReadonlyArray<Value> => rounds[name] ?? []
    const fromProcess = median(of(resumed).map(({ process }) => process))
    lines.push(
      atMost(`durable: a run with 1,000 finished tasks ends, ${name}`, median(of(resumed).map(({ claimed }) => claimed)), 1_000, whole, `${whole(fromProcess)} from the start of the process`),
      worst(`durable: taken over after SIGKILL, seen to be gone, ${name}`, of(here), 5_000, seconds),
      worst(`durable: taken over after SIGKILL, as on another machine, ${name}`, of(elsewhere), 5_000, seconds),
      worst(`durable: handed over after SIGTERM, tasks of 0.2 s, ${name}`, of(handed), 2_000, seconds),
      information(
        `durable: a worker without work, ${name}`,
        `${(median(of(idling).map(({ cpu }) => cpu)) * 100).toFixed(2)} % of a core, ${median(of(idling).map(({ statements }) => statements)).toFixed(1)} statements/s`
      )
    )
  }
  return lines
}

/** The durable engine beside the one in memory. */
export const durable = async (): Promise<ReadonlyArray<Line>> => {
  const folder = mkdtempSync(join(tmpdir(), "aria-durable-"))
  let files = 0
  const memory: Place<Store> = { name: "in memory", open: async () => ({ kind: "memory" }) }
  const sqlite = (name: string, synchronous: "NORMAL" | "FULL"): Place => ({
    name,
    open: async () => ({ kind: "sqlite", filename: join(folder, `${++files}.db`), synchronous })
  })
  const inSqlite = sqlite("SQLite", "NORMAL")
  const synced = sqlite("SQLite, synchronous FULL", "FULL")
  let server: Postgres | undefined
  const lines: Array<Line> = []
  try {
    server = await startPostgres()
  } catch (error) {
    lines.push(information("durable: Postgres", `not measured, because none could be started: ${String(error).split("\n")[0]}`))
  }
  try {
    const postgres = server
    const shared: ReadonlyArray<Place> = postgres === undefined ? [] : [{ name: "Postgres", open: async () => ({ kind: "postgres", url: await postgres.database() }) }]
    lines.push(...(await runs(memory, [inSqlite, synced, ...shared])))
    lines.push(...(await crashes([inSqlite, ...shared])))
    return lines
  } finally {
    await server?.[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true, force: true })
  }
}

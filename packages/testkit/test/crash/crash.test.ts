import { AuditLog, ReceiptStore, SideEffect } from "@aria/orchestrator-core"
import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { type ChildProcess, spawn } from "node:child_process"
import { dirname, join } from "node:path"
import { inFile, newFile } from "../stores.ts"
import { leaseMillis, linesOf, makeWrite, stillMillis } from "./notes.ts"

/** `ARIA_CRASH_KILLS=500` kills more processes. */
const kills = Number(process.env["ARIA_CRASH_KILLS"] ?? 100)

const start = (folder: string, from: number, to: number) =>
  Effect.acquireRelease(
    Effect.sync(() =>
      spawn(process.execPath, [join(import.meta.dirname, "worker.ts"), folder, String(from), String(to)], {
        stdio: ["ignore", "pipe", "pipe"],
        // Who is not the first one to start is there sooner.
        env: { ...process.env, NODE_COMPILE_CACHE: join(folder, "compiled") }
      })
    ),
    (child) => Effect.sync(() => child.kill("SIGKILL"))
  )

interface End {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly errors: string
}

const ended = (child: ChildProcess): Promise<End> =>
  new Promise((resolve) => {
    let errors = ""
    child.stderr?.on("data", (data) => (errors += String(data)))
    child.once("close", (code, signal) => resolve({ code, signal, errors }))
  })

const ready = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    child.stdout?.once("data", () => resolve())
    child.once("close", () => resolve())
  })

/** Looks at what is left when nobody does anything any more. */
const look = (filename: string, noted: ReadonlyArray<AuditLog.Head>) =>
  Effect.gen(function* () {
    const folder = dirname(filename)
    const store = yield* ReceiptStore.ReceiptStore
    const Write = makeWrite(join(folder, "world"))
    // Until the last lease is over; then until nothing can arrive any more.
    yield* Effect.sleep(leaseMillis)
    yield* SideEffect.doubtful()
    yield* Effect.sleep(stillMillis)
    const settled = yield* SideEffect.settle(Write)
    expect(settled.filter(({ state }) => state === "unknown")).toEqual([])
    const receipts = yield* store.list({ limit: 100_000 })
    const world = linesOf(join(folder, "world"))
    const arrived = new Set(world.map(({ id }) => id))
    // Nothing twice, nothing without a receipt, no receipt of what was not.
    expect(world.length - arrived.size).toBe(0)
    expect(receipts.filter(({ state }) => state !== "done" && state !== "notDone")).toEqual([])
    expect(receipts.filter(({ id, state }) => (state === "done") !== arrived.has(id))).toEqual([])
    expect(world.filter(({ id }) => !receipts.some((receipt) => receipt.id === id))).toEqual([])
    // Whoever was told that it was done was told the truth.
    const done = new Set(receipts.filter(({ state }) => state === "done").map(({ key }) => key))
    expect(linesOf(join(folder, "told")).filter(({ key }) => !done.has(key))).toEqual([])
    for (const expected of noted) yield* AuditLog.verify(store.audit, { expected })
    return { receipts, world, settled }
  }).pipe(Effect.provide(inFile(filename)))

it.live(
  "two processes that want the same actions do each of them once",
  () =>
    Effect.gen(function* () {
      const filename = yield* newFile
      const children = [yield* start(dirname(filename), 0, 60), yield* start(dirname(filename), 20, 80)]
      const ends = yield* Effect.promise(() => Promise.all(children.map(ended)))
      expect(ends).toEqual([{ code: 0, signal: null, errors: "" }, { code: 0, signal: null, errors: "" }])
      const { receipts, world } = yield* look(filename, [])
      expect([world.length, receipts.filter(({ state }) => state === "done").length]).toEqual([80, 80])
      expect(linesOf(join(dirname(filename), "told"))).toHaveLength(120)
    }),
  60_000
)

it.live(
  `${kills} processes are killed at any moment: nothing is done twice, and nothing that was done is forgotten`,
  () =>
    Effect.gen(function* () {
      const filename = yield* newFile
      const folder = dirname(filename)
      const noted: Array<AuditLog.Head> = []
      const moments: Array<number> = []
      const count = { left: kills }
      let started = 0
      // The first one ends by itself, and leaves what makes others start faster.
      const warm = yield* Effect.flatMap(start(folder, 0, 5), (child) => Effect.promise(() => ended(child)))
      expect(warm).toEqual({ code: 0, signal: null, errors: "" })
      // Two at a time on one file; each begins where others were killed, and goes on to new actions.
      const line = Effect.gen(function* () {
        while (count.left > 0) {
          const first = started++ * 15
          yield* Effect.scoped(
            Effect.gen(function* () {
              const child = yield* start(folder, Math.max(0, first - 30), first + 60)
              const end = ended(child)
              yield* Effect.promise(() => ready(child))
              const moment = Math.random() ** 2 * 200
              yield* Effect.sleep(moment)
              child.kill("SIGKILL")
              const { code, errors, signal } = yield* Effect.promise(() => end)
              if (signal === "SIGKILL") count.left--
              else expect({ code, errors }).toEqual({ code: 0, errors: "" })
              moments.push(moment)
            })
          )
          if (started % 20 === 0) noted.push(yield* Effect.provide(Effect.flatMap(ReceiptStore.ReceiptStore, ({ audit }) => AuditLog.verify(audit)), inFile(filename), { local: true }))
        }
      })
      yield* Effect.all([line, line], { concurrency: 2 })
      const { receipts, settled, world } = yield* look(filename, noted)
      const doubts = receipts.filter(({ settledBy }) => settledBy !== undefined)
      console.log(
        `${started} processes, ${kills} killed: ${world.length} actions done, ${doubts.length + settled.length} were in doubt and looked up, ${noted.at(-1)?.seq} entries in the log`
      )
      expect(world.length).toBeGreaterThan(kills)
      expect(doubts.length).toBeGreaterThan(0)
    }),
  60_000 + kills * 3_000
)

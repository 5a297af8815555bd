import { AuditLog, ReceiptStore, SideEffect, SqlStore } from "@aria/orchestrator-core"
import { SqliteClient } from "@aria/sqlite"
import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { type ChildProcess, spawn } from "node:child_process"
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type Account, layerOf, newCalendar, radicale } from "../servers.ts"
import { leaseMillis, made, Make, stillMillis, titleOf } from "./events.ts"

/** `ARIA_CRASH_KILLS=500` kills more processes. */
const kills = Number(process.env["ARIA_CRASH_KILLS"] ?? 60)

const start = (account: Account, url: string, folder: string, from: number, to: number) =>
  Effect.acquireRelease(
    Effect.sync(() =>
      spawn(process.execPath, [join(import.meta.dirname, "worker.ts"), folder, String(from), String(to)], {
        stdio: ["ignore", "pipe", "pipe"],
        env: {
          ...process.env,
          CRASH_URL: url,
          CRASH_USER: account.username,
          CRASH_PASSWORD: account.password,
          // Who is not the first one to start is there sooner.
          NODE_COMPILE_CACHE: join(folder, "compiled")
        }
      })
    ),
    (child) => Effect.sync(() => child.kill("SIGKILL"))
  )

const ended = (
  child: ChildProcess
): Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null; readonly errors: string }> =>
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

const newFolder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "aria-caldav-crash-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

if (radicale === undefined)
  console.log("side effects on Radicale: no server was met, so no process is killed (node scripts/services.ts install)")

it.live.skipIf(radicale === undefined)(
  `CalDav on Radicale: ${kills} processes that make events are killed at any moment, and each event is made once`,
  () =>
    Effect.gen(function* () {
      const account = radicale!
      const folder = yield* newFolder
      const url = yield* Effect.promise(() => newCalendar(account, "Crashes"))
      const stores = Layer.provide(SqlStore.layer, SqliteClient.layer({ filename: join(folder, "aria.db") }))
      const warm = yield* Effect.flatMap(start(account, url, folder, 0, 3), (child) =>
        Effect.promise(() => ended(child))
      )
      expect(warm).toEqual({ code: 0, signal: null, errors: "" })
      const count = { left: kills, started: 0, last: 0 }
      // Two at a time on one file and one calendar; each begins where others were killed, and goes on to new events.
      const line = Effect.gen(function* () {
        while (count.left > 0) {
          const first = count.started++ * 4
          count.last = first + 20
          yield* Effect.scoped(
            Effect.gen(function* () {
              const child = yield* start(account, url, folder, Math.max(0, first - 12), count.last)
              const end = ended(child)
              yield* Effect.promise(() => ready(child))
              yield* Effect.sleep(Math.random() * 800)
              child.kill("SIGKILL")
              const { code, errors, signal } = yield* Effect.promise(() => end)
              if (signal === "SIGKILL") count.left--
              else expect({ code, errors }).toEqual({ code: 0, errors: "" })
            })
          )
        }
      })
      yield* Effect.all([line, line], { concurrency: 2 })

      yield* Effect.gen(function* () {
        const store = yield* ReceiptStore.ReceiptStore
        yield* Effect.sleep(leaseMillis)
        const doubtful = yield* SideEffect.doubtful()
        yield* Effect.sleep(stillMillis)
        const settled = yield* SideEffect.settle(Make)
        expect(settled.filter(({ state }) => state === "unknown")).toEqual([])
        const titles = yield* made(count.last)
        const once = new Set(titles)
        expect(titles.length - once.size).toBe(0)
        const receipts = yield* store.list({ limit: 100_000 })
        expect(receipts.filter(({ key, state }) => state !== (once.has(titleOf(key)) ? "done" : "notDone"))).toEqual([])
        const known = new Set(receipts.map(({ key }) => titleOf(key)))
        expect(titles.filter((title) => !known.has(title))).toEqual([])
        const told = existsSync(join(folder, "told"))
          ? readFileSync(join(folder, "told"), "utf8")
              .split("\n")
              .filter((title) => title !== "")
          : []
        expect(told.filter((title) => !once.has(title))).toEqual([])
        const head = yield* AuditLog.verify(store.audit)
        const doubts = receipts.filter(({ settledBy }) => settledBy !== undefined)
        console.log(
          `${count.started} processes, ${kills} killed: ${titles.length} events made, ${doubts.length} were in doubt and looked up (${doubtful.length} of them at the end), ${head.seq} entries in the log`
        )
        expect(doubts.length).toBeGreaterThan(0)
        expect(doubts.filter(({ state }) => state === "done").length).toBeGreaterThan(0)
      }).pipe(Effect.provide(Layer.merge(stores, layerOf(account, { url }))))
    }),
  120_000 + kills * 3_000
)

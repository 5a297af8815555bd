import { Crm } from "@aria/connectors"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { type ChildProcess, spawn } from "node:child_process"
import { join } from "node:path"
import { inFile, newFile } from "./crmFiles.ts"

/** A process of its own; killed with the scope. */
const start = (...args: ReadonlyArray<string>) =>
  Effect.acquireRelease(
    Effect.sync(() => spawn(process.execPath, [join(import.meta.dirname, "crmRace.ts"), ...args])),
    (child) => Effect.sync(() => child.kill("SIGKILL"))
  )

const ended = (child: ChildProcess): Effect.Effect<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> =>
  Effect.callback((resume) => {
    let stdout = ""
    let stderr = ""
    child.stdout?.on("data", (data) => (stdout += String(data)))
    child.stderr?.on("data", (data) => (stderr += String(data)))
    child.once("close", (code) => resume(Effect.succeed({ code, stdout, stderr })))
  })

describe("LocalCrm in several processes", () => {
  it.live(
    "three that make the tables, update one account and create the same contacts lose nothing and create nothing twice",
    () =>
      Effect.gen(function* () {
        const filename = yield* newFile
        const times = 60
        const children = yield* Effect.forEach([1, 2, 3], () => start(filename, String(times)))
        const ends = yield* Effect.forEach(children, ended, { concurrency: "unbounded" })
        expect(ends.map(({ code, stderr }) => ({ code, stderr: /rror/.test(stderr) ? stderr : "" }))).toEqual([1, 2, 3].map(() => ({ code: 0, stderr: "" })))
        expect(ends.map(({ stdout }) => Number(stdout)).reduce((sum, won) => sum + won, 0)).toBe(times)
        yield* Effect.gen(function* () {
          const crm = yield* Crm.Crm
          const shared = yield* crm.get("account", "shared")
          expect(shared.employees).toBe(3 * times)
          const contacts = yield* Stream.runCollect(Crm.stream("contact", { limit: 7 }))
          expect(contacts).toHaveLength(times)
          expect(new Set(contacts.map(({ version }) => version)).size).toBe(times)
        }).pipe(Effect.provide(inFile({ filename })))
      }),
    120_000
  )
})

import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { type ChildProcess, spawn } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { ProgramOptions } from "./workerProgram.ts"

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly errors: string
}

export interface WorkerProcess {
  readonly child: ChildProcess
  readonly pid: number
  readonly ended: Effect.Effect<Ended>
  /** Where its health is, once it says so. */
  readonly url: Effect.Effect<string>
}

export const folder: Effect.Effect<string, never, Scope.Scope> = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "aria-worker-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

/** Starts a worker of its own; it is killed after the scope, if it is there still. */
export const worker = (options: ProgramOptions): Effect.Effect<WorkerProcess, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync((): WorkerProcess => {
      const child = spawn(process.execPath, [join(import.meta.dirname, "workerProgram.ts"), JSON.stringify(options)], {
        stdio: ["ignore", "pipe", "pipe"]
      })
      let errors = ""
      let output = ""
      child.stderr.on("data", (data) => (errors += String(data)))
      const ended = new Promise<Ended>((resolve) => {
        child.once("close", (code, signal) => resolve({ code, signal, errors }))
      })
      const url = new Promise<string>((resolve, reject) => {
        child.stdout.on("data", (data) => {
          output += String(data)
          const found = /metrics at (\S+)/.exec(output)
          if (found?.[1] !== undefined) resolve(found[1])
        })
        child.once("close", () => reject(new Error(`The worker ended before it said where it is: ${output}${errors}`)))
      })
      url.catch(() => {})
      return { child, pid: child.pid ?? 0, ended: Effect.promise(() => ended), url: Effect.promise(() => url) }
    }),
    ({ child }) => Effect.sync(() => child.kill("SIGKILL"))
  )

/** Looks until it is so. */
export const until = <A, E, R>(look: Effect.Effect<A, E, R>, isSo: (value: A) => boolean): Effect.Effect<A, E, R> =>
  Effect.flatMap(look, (value) =>
    isSo(value) ? Effect.succeed(value) : Effect.andThen(Effect.sleep(20), until(look, isSo))
  )

export interface Asked {
  readonly status: number
  readonly text: string
  readonly type: string | null
}

export const ask = (url: string, path: string, method = "GET"): Effect.Effect<Asked> =>
  Effect.promise(async () => {
    const response = await fetch(`${url}${path}`, { method })
    return { status: response.status, text: await response.text(), type: response.headers.get("content-type") }
  })

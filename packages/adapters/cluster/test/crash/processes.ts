/** Workers as processes of their own. */
import { afterAll } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { type ChildProcess, spawn } from "node:child_process"
import { DatabaseSync } from "node:sqlite"
import { bundle, removeBundle } from "./bundle.ts"
import type { Address } from "./stores.ts"
import type { Name } from "./workerPlans.ts"

export interface WorkerOptions {
  readonly store: Address
  /** What it registers. */
  readonly plans: Name
  readonly diary: string
  readonly world: string
  readonly leaseMillis: number
  readonly maxDeaths?: number | undefined
  readonly maxRuns?: number | undefined
  readonly limits?: { readonly tokens: number } | undefined
  readonly userLimits?: { readonly tokens: number } | undefined
  readonly drainMillis?: number | undefined
}

export interface End {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

export interface Worker {
  readonly child: ChildProcess
  /** Whether it ever looked for work. */
  readonly wasReady: () => boolean
  /** Its id in the store, once it looks for work; nothing where it ended before. */
  readonly ready: Promise<string | undefined>
  readonly ended: Promise<End>
  /** What it has said. */
  readonly said: () => string
}

afterAll(removeBundle)

export const startWorker = (options: WorkerOptions): Effect.Effect<Worker, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.map(Effect.promise(bundle), ({ cache, file }): Worker => {
      const child = spawn(process.execPath, [file, JSON.stringify(options)], {
        stdio: ["ignore", "pipe", "pipe"],
        // Who is not the first one to start is there sooner.
        env: { ...process.env, NODE_COMPILE_CACHE: cache }
      })
      let said = ""
      let isReady = false
      child.stderr.on("data", (data) => (said += String(data)))
      const ready = new Promise<string | undefined>((resolve) => {
        child.stdout.on("data", (data) => {
          const text = String(data)
          said += text
          const id = /^ready (\S+)$/m.exec(text)?.[1]
          if (id === undefined) return
          isReady = true
          resolve(id)
        })
        child.once("close", () => resolve(undefined))
      })
      const ended = new Promise<End>((resolve) => void child.once("close", (code, signal) => resolve({ code, signal })))
      return { child, ready, ended, said: () => said, wasReady: () => isReady }
    }),
    ({ child, ended }) =>
      Effect.promise(() => {
        // One that was stopped does not hear anything else.
        child.kill("SIGKILL")
        return ended
      })
  )

export const isAlive = ({ child }: Worker): boolean => child.exitCode === null && child.signalCode === null

/** Whether somebody is in the middle of writing. */
const isLocked = (filename: string): boolean => {
  const database = new DatabaseSync(filename, { timeout: 0 })
  try {
    database.exec("BEGIN IMMEDIATE; ROLLBACK")
    return false
  } catch {
    return true
  } finally {
    database.close()
  }
}

/**
 * It stands still until it is woken. A file of SQLite is locked for all for as long as who stands still in the middle of a commit: such a
 * moment is left alone.
 */
export const freeze = ({ child }: Worker, store: Address): Effect.Effect<void> =>
  Effect.gen(function* () {
    while (true) {
      child.kill("SIGSTOP")
      yield* Effect.sleep(20)
      if (store._tag === "postgres" || !isLocked(store.filename)) return
      child.kill("SIGCONT")
      yield* Effect.sleep(7)
    }
  })

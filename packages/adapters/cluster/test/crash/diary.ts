/** What handlers write down when they begin: a line of a file, which outlives the process that is killed. */
import * as Effect from "effect/Effect"
import { appendFileSync, existsSync, readFileSync } from "node:fs"

export interface Entry {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly pid: number
  readonly run: string
  /** The key of the task in the store. */
  readonly task: string
  readonly attempt: number
  readonly what: "task" | "step" | "call"
  /** Of the step or call. */
  readonly name: string
  /** Of an iteration, from 1. */
  readonly round: number
}

/** The key of a task is made of the ids down to it. */
export const keyOf = (path: ReadonlyArray<string>): string => path.map((id) => id.replaceAll("%", "%25").replaceAll("/", "%2F").replaceAll("#", "%23")).join("/")

/** A write survives the end of its process as soon as the system has it. */
export const note = (file: string, entry: Omit<Entry, "at" | "pid">): Effect.Effect<void> =>
  Effect.sync(() => appendFileSync(file, `${JSON.stringify({ at: Date.now(), pid: process.pid, ...entry })}\n`))

export const entriesOf = (file: string): ReadonlyArray<Entry> =>
  existsSync(file)
    ? readFileSync(file, "utf8")
        .split("\n")
        .filter((line) => line !== "")
        .map((line): Entry => JSON.parse(line))
    : []

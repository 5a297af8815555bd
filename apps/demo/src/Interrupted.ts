/** Whether what is to be started was started before, and its process died: then there is something to go on with. */
import { Runs, type StoredRun } from "@aria/adapter-cluster"
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as Schema from "effect/Schema"
import { hostname } from "node:os"
import { DurableWatch, Input } from "./DurableWatch.ts"

const codec = Schema.toCodecJson(Input)
const encode = Schema.encodeEffect(codec)
export const decodeInput = Schema.decodeUnknownEffect(codec)

/** Started a minute later, it is the same but for the day that meetings are planned from. */
const sameButTime = (a: Input, b: Input): Effect.Effect<boolean, Schema.SchemaError> => {
  const timeless = (input: Input) => encode({ ...input, followUps: { ...input.followUps, from: a.followUps.from } })
  return Effect.zipWith(timeless(a), timeless(b), (x, y) => Equal.equals(x, y))
}

const isProcess = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return !(error instanceof Error && "code" in error && error.code === "ESRCH")
  }
}

/** A worker of this machine is gone with its process, others when their lease has ended. */
const isGone = (worker: Runs.WorkerInfo | undefined): boolean => {
  if (worker === undefined || worker.state === "dead") return true
  const pid = worker.name.startsWith(`${hostname()} `) ? Number(worker.name.slice(hostname().length + 1)) : Number.NaN
  return Number.isSafeInteger(pid) && !isProcess(pid)
}

/** The newest such run, with how many of its tasks are done. */
export const find = Effect.fn("Interrupted.find")(function* (input: Input) {
  const runs = yield* Runs.Runs
  const running: ReadonlyArray<StoredRun.StoredRun> = yield* runs.list({ plan: DurableWatch.name, status: ["running"], limit: 50 })
  const workers = running.length === 0 ? [] : yield* runs.workers
  for (const { id, version, worker } of running) {
    if (version !== DurableWatch.version || !isGone(workers.find((one) => one.id === worker))) continue
    const details = yield* runs.inspect(id)
    const stored = yield* Effect.orDie(decodeInput(details.input))
    if (yield* Effect.orDie(sameButTime(input, stored))) return { id, input: stored, stored: details.units.filter(({ kind }) => kind === "task").length }
  }
  return undefined
})

/** Whether what is to be started was started before, and its process died: then there is something to go on with. */
import { Runs, type StoredRun } from "@aria/adapter-cluster"
import type { Plan } from "@aria/orchestrator-core"
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

/** A run that can be gone on with. */
export interface Left {
  readonly id: string
  /** How many of its tasks are stored. */
  readonly stored: number
}

/** Runs of a plan whose workers are gone, the newest first. */
const leftOf = Effect.fn("Interrupted.leftOf")(function* (plan: Pick<Plan.Any, "name" | "version">, status: ReadonlyArray<StoredRun.Status>) {
  const runs = yield* Runs.Runs
  const running = yield* runs.list({ plan: plan.name, status, limit: 50 })
  const workers = running.length === 0 ? [] : yield* runs.workers
  const left = running.filter(({ version, worker }) => version === plan.version && isGone(workers.find(({ id }) => id === worker)))
  return yield* Effect.forEach(left, ({ id }) =>
    Effect.map(runs.inspect(id), ({ input, units }) => ({ id, input, stored: units.filter(({ kind }) => kind === "task").length }))
  )
})

/** That of the demo's plan with the same input. */
export const find = Effect.fn("Interrupted.find")(function* (input: Input) {
  for (const left of yield* leftOf(DurableWatch, ["running"])) {
    const stored = yield* Effect.orDie(decodeInput(left.input))
    if (yield* Effect.orDie(sameButTime(input, stored))) return { ...left, input: stored }
  }
  return undefined
})

/** That of a plan which takes no input; no worker knows it, so that one in the queue waits for this process. */
export const findPlan = (plan: Pick<Plan.Any, "name" | "version">) => Effect.map(leftOf(plan, ["running", "queued"]), ([left]): Left | undefined => left)

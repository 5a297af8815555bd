import { InvalidPlanError } from "@aria/orchestrator-core/Plan"
import type * as Plan from "@aria/orchestrator-core/Plan"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Schema from "effect/Schema"
import { createHash } from "node:crypto"
import { RunConflictError } from "../ClusterError.ts"
import type { StartRecord } from "./records.ts"
import { inputCodec } from "./registry.ts"
import type { RunOptions } from "./runOptions.ts"

/** A run that is to be stored. */
export interface NewRun {
  readonly id: string
  readonly plan: Plan.Any
  /** As JSON. */
  readonly input: string
  readonly shape: ReadonlyArray<string>
  readonly userId: string
  readonly priority: number
  readonly options: Omit<RunOptions, "token">
  readonly origin?: string | undefined
  readonly forkedFrom?: string | undefined
}

/** `owner` is the worker that begins with it at once; nobody where it is left to whoever is free. */
export const recordOf = ({ forkedFrom, id, input, options, origin, plan, priority, shape, userId }: NewRun, owner: string | null): StartRecord => ({
  id,
  plan: plan.name,
  plan_version: plan.version,
  shape: JSON.stringify(shape),
  input,
  input_hash: createHash("sha256").update(input).digest("hex"),
  user_id: userId,
  priority,
  options: JSON.stringify({ ...options, token: crypto.randomUUID() } satisfies RunOptions),
  origin: origin ?? id,
  forked_from: forkedFrom ?? null,
  status: owner === null ? "queued" : "running",
  owner
})

type Identity = Pick<StartRecord, "plan" | "plan_version" | "input" | "input_hash">

const short = (text: string): string => (text.length <= 200 ? text : `${text.slice(0, 200)}…`)

/** What makes the run that is there another one than that which was handed in. */
export const conflictOf = (runId: string, there: Identity, received: Identity): RunConflictError | undefined => {
  const differs = (what: RunConflictError["differs"], one: string, other: string) => new RunConflictError({ runId, differs: what, stored: short(one), received: short(other) })
  if (there.plan !== received.plan) return differs("plan", there.plan, received.plan)
  if (there.plan_version !== received.plan_version) return differs("version", there.plan_version, received.plan_version)
  return there.input_hash === received.input_hash ? undefined : differs("input", there.input, received.input)
}

/** An input that has no JSON is refused before anything starts. */
export const encodeInput = (plan: Plan.Any, input: unknown): Effect.Effect<string, InvalidPlanError> =>
  Effect.gen(function* () {
    const { inputSchema } = plan
    if (inputSchema === undefined) return "null"
    const exit = yield* Effect.exit(Effect.flatMap(inputSchema.makeEffect(input) as Effect.Effect<unknown, unknown>, (value) => Schema.encodeEffect(inputCodec(plan))(value)))
    if (Exit.isSuccess(exit)) return exit.value
    const message = `it cannot be stored as JSON: ${String(Cause.squash(exit.cause))}`
    return yield* new InvalidPlanError({ plan: plan.name, issues: [{ path: ["input"], message }] })
  })

/** What differs between two shapes of a plan, as sentences. */
export const differences = (stored: ReadonlyArray<string>, now: ReadonlyArray<string>): ReadonlyArray<string> => {
  const gone = stored.filter((line) => !now.includes(line)).map((line) => `it had the task "${line}"`)
  const come = now.filter((line) => !stored.includes(line)).map((line) => `it has the task "${line}" now`)
  return gone.length + come.length > 0 || stored.join("\n") === now.join("\n") ? [...gone, ...come] : ["its tasks are in another order"]
}

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
  owner,
  regions: options.accounts.map(({ id }) => id)
})

type Identity = Pick<StartRecord, "plan" | "plan_version" | "input" | "input_hash" | "user_id">

const short = (text: string): string => (text.length <= 200 ? text : `${text.slice(0, 200)}…`)

/** What makes the run that is there another one than that which was handed in. */
export const conflictOf = (runId: string, there: Identity, received: Identity): RunConflictError | undefined => {
  const differs = (what: RunConflictError["differs"], one: string, other: string) => new RunConflictError({ runId, differs: what, stored: short(one), received: short(other) })
  if (there.plan !== received.plan) return differs("plan", there.plan, received.plan)
  if (there.plan_version !== received.plan_version) return differs("version", there.plan_version, received.plan_version)
  // Who knows an id does not get at what another user's run came to.
  if (there.user_id !== received.user_id) return differs("user", there.user_id, received.user_id)
  return there.input_hash === received.input_hash ? undefined : differs("input", there.input, received.input)
}

/** An input that has no JSON is refused before anything starts. */
export const encodeInput = (plan: Plan.Any, input: unknown): Effect.Effect<string, InvalidPlanError> =>
  Effect.gen(function* () {
    const { inputSchema } = plan
    if (inputSchema === undefined) return "null"
    const codec = inputCodec(plan)
    const encoded = Effect.flatMap(inputSchema.makeEffect(input) as Effect.Effect<unknown, unknown>, (value) => Schema.encodeEffect(codec)(value))
    // A schema of anything lets pass what JSON leaves out: the next worker could not read it.
    const exit = yield* Effect.exit(Effect.tap(encoded, (text) => Schema.decodeEffect(codec)(text)))
    if (Exit.isSuccess(exit)) return exit.value
    const message = `it cannot be stored as JSON: ${String(Cause.squash(exit.cause))}`
    return yield* new InvalidPlanError({ plan: plan.name, issues: [{ path: ["input"], message }] })
  })

/** What a database cannot keep as text, or nobody could tell apart. */
const flawOf = (text: unknown): string | undefined =>
  typeof text !== "string"
    ? "a text"
    : text.trim() === "" ? "a text that is not blank" : text.includes("\0") || !text.isWellFormed() ? "a text without NUL characters and halves of surrogate pairs" : undefined

/** Ids and numbers that no run can be stored with are refused before anything starts. */
export const checkNames = (plan: Plan.Any, names: { readonly id: string; readonly userId: string; readonly priority: number }): Effect.Effect<void, InvalidPlanError> => {
  const issues: Array<{ readonly path: ReadonlyArray<string>; readonly message: string }> = (["id", "userId"] as const).flatMap((name) => {
    const allowed = flawOf(names[name])
    return allowed === undefined ? [] : [{ path: [name], message: `received ${JSON.stringify(names[name])}, allowed is ${allowed}` }]
  })
  if (!Number.isFinite(names.priority)) issues.push({ path: ["priority"], message: `received ${names.priority}, allowed is a finite number` })
  return issues.length === 0 ? Effect.void : Effect.fail(new InvalidPlanError({ plan: plan.name, issues }))
}

/** What differs between two shapes of a plan, as sentences. */
export const differences = (stored: ReadonlyArray<string>, now: ReadonlyArray<string>): ReadonlyArray<string> => {
  const gone = stored.filter((line) => !now.includes(line)).map((line) => `it had the task "${line}"`)
  const come = now.filter((line) => !stored.includes(line)).map((line) => `it has the task "${line}" now`)
  return gone.length + come.length > 0 || stored.join("\n") === now.join("\n") ? [...gone, ...come] : ["its tasks are in another order"]
}

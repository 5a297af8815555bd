/**
 * A run as the store knows it.
 *
 * @since 0.1.0
 */
import { Usage } from "@aria/orchestrator-core/Usage"
import * as Schema from "effect/Schema"

/**
 * Where a run stands.
 *
 * - `queued`: nobody carries it out yet
 * - `running`: a worker does, or did until it died
 * - `succeeded`, `failed`, `cancelled`: it has ended; `failed` where a task failed or timed out
 * - `needsDecision`: it has ended, and nobody can tell whether one of its side effects was done; settle it, then resume the run
 * - `planChanged`: it stands still, because the plan is not what it was started with
 * - `deadLetter`: its workers died again and again; it is not tried any more
 *
 * @category models
 * @since 0.1.0
 */
export const Status = Schema.Literals(["queued", "running", "succeeded", "failed", "cancelled", "needsDecision", "planChanged", "deadLetter"])
/**
 * @category models
 * @since 0.1.0
 */
export type Status = typeof Status.Type

/**
 * A run in a list. Times are milliseconds since 1970 by the clock of the database.
 *
 * @category models
 * @since 0.1.0
 */
export const StoredRun = Schema.Struct({
  id: Schema.String,
  plan: Schema.String,
  version: Schema.String,
  status: Status,
  /** Why it stands still, where it does; asked for alone, a queued one that no worker can take has one as well. */
  reason: Schema.optionalKey(Schema.String),
  userId: Schema.String,
  tags: Schema.Record(Schema.String, Schema.String),
  /** Runs of a higher number are taken first. */
  priority: Schema.Finite,
  createdAt: Schema.Finite,
  /** When its first worker took it; since it was resumed, where it was. */
  begunAt: Schema.optionalKey(Schema.Finite),
  endedAt: Schema.optionalKey(Schema.Finite),
  /** The run that it is a fork of. */
  forkedFrom: Schema.optionalKey(Schema.String),
  /** The worker that carries it out. */
  worker: Schema.optionalKey(Schema.String),
  /** How many workers carried it out, this one included. */
  lives: Schema.Natural,
  /** Whether it is to be stopped. */
  isCancelling: Schema.Boolean
})
/**
 * @category models
 * @since 0.1.0
 */
export type StoredRun = typeof StoredRun.Type

/**
 * What a task of a stored run came to so far.
 *
 * @category models
 * @since 0.1.0
 */
export const StoredUnit = Schema.Struct({
  /** Where it is: the ids of the tasks down to it, and the name of a step, call or decision after `#`. */
  key: Schema.String,
  kind: Schema.Literals(["task", "decision", "step", "call"]),
  /** A `TaskOutcome` of a task, the result of a step or call, what was decided; as JSON. */
  value: Schema.Json
})
/**
 * @category models
 * @since 0.1.0
 */
export type StoredUnit = typeof StoredUnit.Type

/**
 * All that is stored of a run, but its events.
 *
 * @category models
 * @since 0.1.0
 */
export const Details = Schema.Struct({
  run: StoredRun,
  /** The input as JSON; `null` where the plan takes none. */
  input: Schema.Json,
  units: Schema.Array(StoredUnit),
  /** What was spent so far; what is reserved for calls under way counts in full. */
  usage: Usage,
  /** A `RunResult` as JSON, once it has ended. */
  result: Schema.optionalKey(Schema.Json)
})
/**
 * @category models
 * @since 0.1.0
 */
export type Details = typeof Details.Type

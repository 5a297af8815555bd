/**
 * What can go wrong around stored runs. What goes wrong inside one is in its outcomes.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * A database that no runs can be kept in, or that cannot be reached.
 *
 * - `dialect`: it is neither SQLite nor Postgres
 * - `newerFormat`: its tables were made by a newer version of this package
 * - `failed`: a statement failed; the message has what the database said
 * - `invalid`: what was asked for makes no sense; the message has what was received and what is allowed
 *
 * @category errors
 * @since 0.1.0
 */
export class ClusterStoreError extends Schema.TaggedError<ClusterStoreError>()("ClusterStoreError", {
  reason: Schema.Literals(["dialect", "newerFormat", "failed", "invalid"]),
  /** A sentence: what was found and what to do. */
  message: Schema.String
}) {}

/**
 * A plan that no worker here knows, so that nobody could go on with its runs.
 *
 * @category errors
 * @since 0.1.0
 */
export class PlanNotRegisteredError extends Schema.TaggedError<PlanNotRegisteredError>()("PlanNotRegisteredError", {
  plan: Schema.String,
  /** Empty where none was named. */
  version: Schema.String,
  /** Name and version of those that are. */
  registered: Schema.Array(Schema.String)
}) {
  override get message(): string {
    const known = this.registered.length === 0 ? "no plan is" : this.registered.join(", ")
    const versions = this.registered.filter((one) => one.startsWith(`${this.plan} `))
    if (this.version === "" && versions.length > 1) return `The plan "${this.plan}" is registered in several versions (${versions.join(", ")}): name one of them`
    const which = this.version === "" ? "" : ` in version ${this.version}`
    return `The plan "${this.plan}"${which} is not registered (${known}): add it to the plans of Cluster.layer, or call Cluster.register`
  }
}

/**
 * An id that another run has: one with another plan or another input.
 *
 * @category errors
 * @since 0.1.0
 */
export class RunConflictError extends Schema.TaggedError<RunConflictError>()("RunConflictError", {
  runId: Schema.String,
  /** What differs: `plan`, `version`, `user` or `input`. */
  differs: Schema.Literals(["plan", "version", "user", "input"]),
  stored: Schema.String,
  received: Schema.String
}) {
  override get message(): string {
    return `The run "${this.runId}" exists with the ${this.differs} ${this.stored}, received ${this.received}: give this one another id, or fork the one that exists`
  }
}

/**
 * There is no run with this id.
 *
 * @category errors
 * @since 0.1.0
 */
export class UnknownRunError extends Schema.TaggedError<UnknownRunError>()("UnknownRunError", { runId: Schema.String }) {
  override get message(): string {
    return `There is no run "${this.runId}" in this store: Runs.list shows those that there are; ended ones are gone after their retention`
  }
}

/**
 * The plan is not any more what the run was started with: what is stored does not fit it. The run stands still.
 *
 * @category errors
 * @since 0.1.0
 */
export class PlanChangedError extends Schema.TaggedError<PlanChangedError>()("PlanChangedError", {
  runId: Schema.String,
  plan: Schema.String,
  version: Schema.String,
  /** What differs, as sentences. */
  differences: Schema.Array(Schema.String)
}) {
  override get message(): string {
    return (
      `The plan "${this.plan}" in version ${this.version} is not what the run "${this.runId}" was started with: ${this.differences.join("; ")}. ` +
      "Deploy the plan that it was started with and resume it, or fork it; give a changed plan a new version"
    )
  }
}

/**
 * A run that killed its workers again and again, and is not tried any more.
 *
 * @category errors
 * @since 0.1.0
 */
export class DeadRunError extends Schema.TaggedError<DeadRunError>()("DeadRunError", {
  runId: Schema.String,
  /** A sentence: how often, and what was running. */
  reason: Schema.String
}) {
  override get message(): string {
    return `The run "${this.runId}" was given up: ${this.reason}. Runs.resume tries it again`
  }
}

/**
 * What was asked for cannot be done with a run in this state.
 *
 * @category errors
 * @since 0.1.0
 */
export class RunStateError extends Schema.TaggedError<RunStateError>()("RunStateError", {
  runId: Schema.String,
  operation: Schema.String,
  status: Schema.String,
  /** The states in which it can be done. */
  allowed: Schema.Array(Schema.String)
}) {
  override get message(): string {
    return `The run "${this.runId}" is ${this.status}; ${this.operation} is for runs that are ${this.allowed.join(" or ")}`
  }
}

/**
 * The runs of a store: hand in, list, follow, stop, go on, fork, remove.
 *
 * @since 0.1.0
 */
import type * as Plan from "@aria/orchestrator-core/Plan"
import type * as Progress from "@aria/orchestrator-core/Progress"
import type { RunResult } from "@aria/orchestrator-core/RunResult"
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import type * as Stream from "effect/Stream"
import type { ClusterStoreError, DeadRunError, PlanChangedError, PlanNotRegisteredError, RunConflictError, RunStateError, UnknownRunError } from "./ClusterError.ts"
import type { Details, Status, StoredRun } from "./StoredRun.ts"

/**
 * A run to be carried out by whoever is free.
 *
 * @category models
 * @since 0.1.0
 */
export interface Submission {
  /** The name of a registered plan. */
  readonly plan: string
  /** Default: that of the only one of this name that is registered here. */
  readonly version?: string | undefined
  /** As JSON. Left out where the plan takes none. */
  readonly input?: Schema.Json | undefined
  /** Default: a new one. An existing one with an equal input is the same run. */
  readonly id?: string | undefined
  /** Default `"anonymous"`. */
  readonly userId?: string | undefined
  readonly tags?: Readonly<Record<string, string>> | undefined
  /** Runs of a higher number are taken first. Default 0. */
  readonly priority?: number | undefined
}

/**
 * Which runs are listed; what is left out does not matter.
 *
 * @category models
 * @since 0.1.0
 */
export interface Filter {
  readonly status?: ReadonlyArray<Status> | undefined
  readonly plan?: string | undefined
  readonly userId?: string | undefined
  readonly forkedFrom?: string | undefined
  /** Milliseconds since 1970, that time included. */
  readonly createdFrom?: number | undefined
  /** Milliseconds since 1970, that time excluded. */
  readonly createdBefore?: number | undefined
  /** Default 100. */
  readonly limit?: number | undefined
}

/**
 * A worker, as the store knows it.
 *
 * @category models
 * @since 0.1.0
 */
export interface WorkerInfo {
  readonly id: string
  readonly name: string
  readonly state: "active" | "draining" | "dead"
  readonly startedAt: number
  readonly runs: number
  /** Name and version of the plans that it knows. */
  readonly plans: ReadonlyArray<string>
}

/**
 * How many runs there are of those that somebody has to carry out or look at.
 *
 * @category models
 * @since 0.1.0
 */
export interface Counts {
  readonly queued: number
  readonly running: number
  readonly needsDecision: number
  readonly planChanged: number
  readonly deadLetter: number
  /** How long the oldest of those that are queued has been there, in milliseconds; 0 where none is. */
  readonly oldestQueuedMillis: number
}

/**
 * What was used of a limit that several runs share, and is held for calls under way.
 *
 * @category models
 * @since 0.1.0
 */
export interface AccountState {
  /** `"orchestrator"`, `"user:ada"`, `"region:"` and an id. */
  readonly id: string
  readonly used: { readonly tokens: number; readonly calls: number; readonly usd: number }
  readonly held: { readonly tokens: number; readonly calls: number; readonly usd: number }
}

/**
 * The runs of a store, those of other workers too.
 *
 * @category services
 * @since 0.1.0
 */
export class Runs extends Context.Service<
  Runs,
  {
    /** Hands in a run; gives its id. It is stored before this returns. */
    readonly submit: (
      submission: Submission
    ) => Effect.Effect<string, PlanNotRegisteredError | Plan.InvalidPlanError | RunConflictError | ClusterStoreError>
    readonly get: (id: string) => Effect.Effect<StoredRun, UnknownRunError | ClusterStoreError>
    /** Newest first. */
    readonly list: (filter?: Filter) => Effect.Effect<ReadonlyArray<StoredRun>, ClusterStoreError>
    readonly inspect: (id: string) => Effect.Effect<Details, UnknownRunError | ClusterStoreError>
    /** Its events from a number on, as they come, to the last one; whoever was cut off asks for the number after the last that it saw. */
    readonly tail: (id: string, options?: { readonly from?: number | undefined }) => Stream.Stream<Progress.Event, UnknownRunError | ClusterStoreError>
    /** Waits for the result. Where the plan is not registered here, outputs and errors are JSON. */
    readonly wait: (id: string) => Effect.Effect<RunResult<unknown, unknown>, UnknownRunError | PlanChangedError | DeadRunError | ClusterStoreError>
    /** Asks for a run to be stopped, and returns at once; one that has ended stays as it is. */
    readonly cancel: (id: string) => Effect.Effect<void, UnknownRunError | ClusterStoreError>
    /**
     * Goes on with a run that failed, was cancelled or stands still: tasks that succeeded are kept, all others are done again, in the
     * limits of the run.
     */
    readonly resume: (id: string) => Effect.Effect<void, UnknownRunError | RunStateError | ClusterStoreError>
    /**
     * A new run of the same plan, with another input where one is given. Tasks of the other run that succeeded are taken over where agent,
     * version, policy version and payload are the same; receipts of side effects are shared. It has the user, the tags and the priority of
     * the other run where none are given, and its limits and rights. Gives its id.
     */
    readonly fork: (
      id: string,
      options?: Omit<Submission, "plan" | "version">
    ) => Effect.Effect<string, UnknownRunError | PlanNotRegisteredError | Plan.InvalidPlanError | RunConflictError | ClusterStoreError>
    /** Removes all that is stored of a run that has ended. Its receipts and questions stay. */
    readonly remove: (id: string) => Effect.Effect<void, UnknownRunError | RunStateError | ClusterStoreError>
    /** Removes runs that ended before a time, in milliseconds since 1970; gives how many. Those that need a decision stay. */
    readonly prune: (options: { readonly endedBefore: number }) => Effect.Effect<number, ClusterStoreError>
    /** All that is stored of a run as JSON values, one for each line of a file: the run, its units, its spending, its events. */
    readonly export: (id: string) => Stream.Stream<Schema.Json, UnknownRunError | ClusterStoreError>
    readonly counts: Effect.Effect<Counts, ClusterStoreError>
    readonly workers: Effect.Effect<ReadonlyArray<WorkerInfo>, ClusterStoreError>
    readonly accounts: Effect.Effect<ReadonlyArray<AccountState>, ClusterStoreError>
    /** Begins an account anew, such as that of a user at the first of a month; what is held for calls under way stays. */
    readonly resetAccount: (id: string) => Effect.Effect<void, ClusterStoreError>
  }
>()("@aria/adapter-cluster/Runs") {}

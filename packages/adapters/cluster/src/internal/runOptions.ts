import type { Account } from "@aria/orchestrator-core/Journal"

/** What a run was started with beyond its plan and input, so that another worker starts it with the same. */
export interface RunOptions {
  /** Made anew for each start: a row with another one is another run. */
  readonly token: string
  readonly tags: Readonly<Record<string, string>>
  readonly concurrency?: number | undefined
  /** How long it may take, in milliseconds. */
  readonly timeout?: number | undefined
  /** Until when that is, in milliseconds since 1970. */
  readonly deadline?: number | undefined
  /** The limits around it that other runs share. */
  readonly accounts: ReadonlyArray<Account>
  /** What it was given to do to the outside world. Left out where it was handed in: then it has what the worker has. */
  readonly given?: ReadonlyArray<ReadonlyArray<string>> | undefined
}

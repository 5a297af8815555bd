/** A library that runs workflows on Postgres, as `contestants/*.ts` export it by the name `contestant`. Each has a process of its own. */
export interface Contestant {
  readonly name: string
  readonly version: string
  /** Connects to a database, makes its tables where they are missing, and takes up the runs that were left there. */
  readonly start: (url: string) => Promise<void>
  /**
   * Runs a workflow of three trivial steps `times` times, `atOnce` of them at a time, and waits until the outcome of each is stored.
   * Gives the number of steps that have run.
   */
  readonly run: (times: number, atOnce: number) => Promise<number>
  /** Starts one run, `id`, of so many trivial steps and one that never ends; returns when it has come to that one. */
  readonly begin: (id: string, steps: number) => Promise<void>
  /**
   * In a process after the one that began it, where that last step ends at once: waits until the outcome of the run is stored. Gives
   * the number of steps that have run here.
   */
  readonly ended: (id: string) => Promise<number>
  readonly stop: () => Promise<void>
}

/** Calls a function so many times, some of them at once. */
export const repeat = async (
  times: number,
  atOnce: number,
  call: (index: number) => Promise<unknown>
): Promise<void> => {
  let next = 0
  const worker = async () => {
    while (next < times) await call(next++)
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}

/** Asks again every 10 ms: often enough to measure seconds, and too seldom to be in the way. */
export const until = async (holds: () => Promise<boolean> | boolean): Promise<void> => {
  while (!(await holds())) await new Promise((done) => setTimeout(done, 10))
}

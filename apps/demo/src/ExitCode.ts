/** What the program ends with; scripts rely on it. */
import type { RunResult } from "@aria/orchestrator-core"
import * as Declined from "./Declined.ts"

export const done = 0
export const failed = 1
export const usage = 2
export const timedOut = 124
export const interrupted = 130

/** As `--help` lists them. */
export const table = [
  [done, "all tasks done, but for what nobody approved; sources that were down beside others are warnings"],
  [failed, "finished, but something failed: sources, model or store are down, a limit was met, a log is broken"],
  [usage, "bad usage: an unknown or wrong flag, or an input file that cannot be used; nothing was started"],
  [timedOut, "stopped by --timeout; what was done until then is printed"],
  [interrupted, "stopped by Ctrl-C or SIGTERM; what was done until then is printed"]
] as const

/** The code of a run that ended; `timeout` is that of the run, in milliseconds, `troubled` whether others had to do a model's work. */
export const of = (
  result: RunResult.RunResult<unknown, unknown>,
  how: { readonly interrupted: boolean; readonly timeout: number | undefined; readonly troubled?: boolean }
): number => {
  const well = how.troubled === true ? failed : done
  if (result.allSucceeded) return well
  if (!how.interrupted && Declined.onlyDeclined(result)) return well
  if (how.interrupted) return interrupted
  // a task's own timeout is a failure of that task
  const stopped = result.results.some((outcome) => outcome._tag === "timedOut" && outcome.timeoutMillis === how.timeout)
  return stopped ? timedOut : failed
}

/** The table of a finished run: a line for each task, and what went wrong. Pure. */
import { type RunResult, TaskOutcome, type Usage } from "@aria/orchestrator-core"
import * as Cells from "./Cells.ts"
import * as Declined from "./Declined.ts"

type Outcome = RunResult.RunResult<unknown, unknown>["results"][number]

const words: Readonly<Record<Outcome["_tag"], string>> = {
  succeeded: "done",
  failed: "failed",
  skipped: "skipped",
  cancelled: "cancelled",
  timedOut: "timed out"
}

const word = (outcome: Outcome): string => (Declined.isDeclined(outcome) ? "declined" : words[outcome._tag])

/** The most lines of tasks; of more, those that went well are only counted. */
const most = 40

const elapsed = ({ endedAt, startedAt }: Outcome): string => (startedAt === undefined ? "" : Cells.duration(endedAt - startedAt))

/** Outcomes without those of fan-outs, whose items stand for them. */
export const tasks = (result: RunResult.RunResult<unknown, unknown>): ReadonlyArray<Outcome> => {
  const parents = new Set(result.results.map(({ parent }) => parent))
  return result.results.filter(({ taskId }) => !parents.has(taskId))
}

const tally = (outcomes: ReadonlyArray<Outcome>): string =>
  ["done", "declined", "failed", "timed out", "cancelled", "skipped"]
    .map((name) => [outcomes.filter((outcome) => word(outcome) === name).length, name] as const)
    .filter(([amount]) => amount > 0)
    .map(([amount, word]) => `${amount.toLocaleString("en-US")} ${word}`)
    .join(", ")

/** What went wrong or was declined, said once however many tasks it happened to; what only follows from it is left to the table. */
const troubles = (outcomes: ReadonlyArray<Outcome>): ReadonlyArray<string> => {
  const byText = new Map<string, Array<string>>()
  for (const outcome of outcomes) {
    if (outcome._tag !== "failed") continue
    const text = Cells.clean(TaskOutcome.describeError(outcome.error))
    byText.set(text, [...(byText.get(text) ?? []), Cells.clean(outcome.taskId)])
  }
  return Array.from(byText, ([text, [first, ...others]]) =>
    others.length === 0 ? `${first}: ${text}` : `${first} and ${others.length} more: ${text}`
  )
}

/** Lines of at most `columns` cells. */
export const render = (
  result: RunResult.RunResult<unknown, unknown>,
  { colors, columns }: { readonly columns: number; readonly colors: boolean }
): ReadonlyArray<string> => {
  const paint = Cells.paint(colors)
  const all = tasks(result)
  const listed = all.length <= most ? all : all.filter(({ _tag }) => _tag !== "succeeded").slice(0, most)
  const shown = new Set(listed)
  const left = all.filter((outcome) => !shown.has(outcome))
  const total = `${Cells.count(all.length, "task")}: ${tally(all)}`
  const longest = Math.max(Cells.width(total) - 11, ...listed.map(({ taskId }) => Cells.width(Cells.clean(taskId))))
  const name = Math.max(4, Math.min(longest, columns - 42))
  const painted = (outcome: Outcome, text: string) =>
    outcome._tag === "succeeded"
      ? paint.green(text)
      : (outcome._tag === "failed" && !Declined.isDeclined(outcome)) || outcome._tag === "timedOut"
        ? paint.red(text)
        : paint.yellow(text)
  const numbers = (time: string, { calls, tokens }: Usage.Usage) =>
    Cells.right(time, 12) + Cells.right(calls.toLocaleString("en-US"), 8) + Cells.right(tokens.toLocaleString("en-US"), 10)
  return [
    paint.bold(`${Cells.left("task", name)}  ${Cells.left("outcome", 9)}${Cells.right("time", 12)}${Cells.right("calls", 8)}${Cells.right("tokens", 10)}`),
    ...listed.map(
      (outcome) =>
        `${Cells.left(Cells.clean(outcome.taskId), name)}  ${painted(outcome, Cells.left(word(outcome), 9))}${numbers(elapsed(outcome), outcome.usage)}`
    ),
    ...(left.length > 0 ? [paint.dim(`… ${Cells.count(left.length, "task")} not listed: ${tally(left)}`)] : []),
    paint.bold(`${Cells.left(total, name + 11)}${numbers(Cells.duration(result.executionTimeMs), result.usage)}`),
    ...troubles(all.filter(Declined.isDeclined)).flatMap((text) => ["", ...Cells.wrap(text, columns).map(paint.yellow)]),
    ...troubles(all.filter((outcome) => !Declined.isDeclined(outcome))).flatMap((text) => ["", ...Cells.wrap(text, columns).map(paint.red)])
  ]
}

/** The table of a finished run: a line for each task, and what went wrong. Pure. */
import { Budget, type RunResult, TaskOutcome, Usage } from "@aria/orchestrator-core"
import * as Schema from "effect/Schema"
import * as Cells from "./Cells.ts"
import * as Declined from "./Declined.ts"
import * as Money from "./Money.ts"
import * as Spending from "./Spending.ts"

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

const isRefused = Schema.is(Budget.BudgetExceededError)

/** What to do about a limit of the command line. */
const remedies = {
  tokens: "Raise --max-tokens, or lower --max-output-tokens: each call of a model reserves so much, and gives back what it does not use.",
  usd: "Raise --max-usd, or lower --max-output-tokens: each call of a model reserves what it costs at most, and gives back the rest.",
  calls: "Raise --max-calls."
} as const

/** What went wrong or was declined, said once however many tasks it happened to; what only follows from it is left to the table. */
const troubles = (outcomes: ReadonlyArray<Outcome>): ReadonlyArray<string> => {
  const byKey = new Map<string, { readonly text: string; readonly ids: Array<string> }>()
  for (const outcome of outcomes) {
    if (outcome._tag !== "failed") continue
    const { error } = outcome
    const text = Cells.clean(TaskOutcome.describeError(error))
    // one limit is one trouble, however its amounts were when each was refused
    const isLimit = isRefused(error) && (error.owner === "orchestrator" || error.owner === "region")
    const known = byKey.get(isLimit ? error.dimension : text)
    if (known === undefined) {
      const told = isLimit ? `${text}. ${remedies[error.dimension]}` : text
      byKey.set(isLimit ? error.dimension : text, { text: told, ids: [Cells.clean(outcome.taskId)] })
    } else known.ids.push(Cells.clean(outcome.taskId))
  }
  return Array.from(byKey.values(), ({ ids: [first, ...others], text }) =>
    others.length === 0 ? `${first}: ${text}` : `${first} and ${others.length} more: ${text}`
  )
}

/** What the model used, of what it might have; and what went wrong with it. */
const modelLines = (spending: Spending.Spending, columns: number, paint: Cells.Paint): ReadonlyArray<string> => {
  const standings = spending.tasks()
  const used = Usage.sum(Array.from(standings.values(), ({ usage }) => usage))
  const held = Spending.held(new Map(Array.from(standings, ([id, standing]) => [id, standing.held])))
  const { cachedInputTokens, inputTokens, outputTokens, reasoningTokens } = used
  const part = (amount: number, what: string) => (amount === 0 ? "" : ` (${amount.toLocaleString("en-US")} ${what})`)
  const told = `Model ${Cells.clean(spending.model)}: ${Money.standing(spending, used, held)}`
  const parts = `${inputTokens.toLocaleString("en-US")} in${part(cachedInputTokens, "from the cache")}, ${outputTokens.toLocaleString("en-US")} out${part(reasoningTokens, "of them reasoning")}`
  const troubles = spending.troubles()
  const failed = troubles.flatMap(({ calls, message }) =>
    Cells.wrap(`The model failed, in ${Cells.count(calls, "call")}: ${Cells.clean(message)}`, columns).map(paint.red)
  )
  const instead = "Rules and template did the work of those calls; what the others gave was kept."
  return [
    "",
    ...Cells.wrap(`${told}; ${parts}`, columns),
    ...(troubles.length === 0 ? [] : ["", ...failed, ...Cells.wrap(instead, columns).map(paint.red)])
  ]
}

/** Lines of at most `columns` cells. */
export const render = (
  result: RunResult.RunResult<unknown, unknown>,
  { colors, columns, spending }: { readonly columns: number; readonly colors: boolean; readonly spending?: Spending.Spending | undefined }
): ReadonlyArray<string> => {
  const paint = Cells.paint(colors)
  const all = tasks(result)
  const listed = all.length <= most ? all : all.filter(({ _tag }) => _tag !== "succeeded").slice(0, most)
  const shown = new Set(listed)
  const left = all.filter((outcome) => !shown.has(outcome))
  const total = `${Cells.count(all.length, "task")}: ${tally(all)}`
  const longest = Math.max(Cells.width(total) - 11, ...listed.map(({ taskId }) => Cells.width(Cells.clean(taskId))))
  const name = Math.max(4, Math.min(longest, columns - 42 - (spending === undefined ? 0 : 10)))
  const painted = (outcome: Outcome, text: string) =>
    outcome._tag === "succeeded"
      ? paint.green(text)
      : (outcome._tag === "failed" && !Declined.isDeclined(outcome)) || outcome._tag === "timedOut"
        ? paint.red(text)
        : paint.yellow(text)
  const money = (text: string) => (spending === undefined ? "" : Cells.right(text, 10))
  const dollars = ({ tokens, usd }: Usage.Usage) => (spending?.price !== undefined ? Money.usd(usd) : tokens > 0 ? "unknown" : "")
  const numbers = (time: string, usage: Usage.Usage) =>
    Cells.right(time, 12) + Cells.right(usage.calls.toLocaleString("en-US"), 8) + Cells.right(usage.tokens.toLocaleString("en-US"), 10) + money(dollars(usage))
  return [
    paint.bold(`${Cells.left("task", name)}  ${Cells.left("outcome", 9)}${Cells.right("time", 12)}${Cells.right("calls", 8)}${Cells.right("tokens", 10)}${money("usd")}`),
    ...listed.map(
      (outcome) =>
        `${Cells.left(Cells.clean(outcome.taskId), name)}  ${painted(outcome, Cells.left(word(outcome), 9))}${numbers(elapsed(outcome), outcome.usage)}`
    ),
    ...(left.length > 0 ? [paint.dim(`… ${Cells.count(left.length, "task")} not listed: ${tally(left)}`)] : []),
    paint.bold(`${Cells.left(total, name + 11)}${numbers(Cells.duration(result.executionTimeMs), result.usage)}`),
    ...(spending === undefined ? [] : modelLines(spending, columns, paint)),
    ...troubles(all.filter(Declined.isDeclined)).flatMap((text) => ["", ...Cells.wrap(text, columns).map(paint.yellow)]),
    ...troubles(all.filter((outcome) => !Declined.isDeclined(outcome))).flatMap((text) => ["", ...Cells.wrap(text, columns).map(paint.red)])
  ]
}

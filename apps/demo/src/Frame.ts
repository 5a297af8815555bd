/** One frame of the live display: a board and a size in, lines out. Pure; no line is wider and no frame higher than asked. */
import type { Usage } from "@aria/orchestrator-core"
import * as Board from "./Board.ts"
import * as Cells from "./Cells.ts"
import * as Money from "./Money.ts"
import * as Spending from "./Spending.ts"

export interface Options {
  readonly columns: number
  readonly rows: number
  /** In milliseconds since 1970: what elapsed times are counted to, and what turns the spinner. */
  readonly now: number
  readonly colors: boolean
  /** Where a model is used: what it costs is shown as well. */
  readonly spending?: Pick<Spending.Spending, "limits" | "model" | "price"> | undefined
}

const spinner = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"]

const spin = (now: number): string => spinner[Math.floor(now / 100) % spinner.length] ?? "⠿"

const marks: Readonly<Record<Exclude<Board.Phase, "running">, string>> = {
  waiting: "◌",
  complete: "✓",
  declined: "–",
  failed: "✗",
  skipped: "○",
  cancelled: "■",
  timedOut: "✗"
}

const mark = (phase: Board.Phase, now: number, paint: Cells.Paint): string => {
  if (phase === "running") return paint.cyan(spin(now))
  if (phase === "complete") return paint.green(marks[phase])
  return phase === "failed" || phase === "timedOut" ? paint.red(marks[phase]) : paint.yellow(marks[phase])
}

/** What each column takes; the narrower the terminal, the fewer columns. */
const columnsOf = (columns: number, longestName: number, money: boolean) => {
  const time = columns >= 30 ? (money ? 9 : 11) : 0
  const calls = columns >= (money ? 88 : 52) ? (money ? 6 : 7) : 0
  const tokens = columns >= (money ? 40 : 64) ? (money ? 9 : 8) : 0
  const held = money && columns >= 64 ? 9 : 0
  const usd = money && columns >= 52 ? 9 : 0
  const heldUsd = money && columns >= 100 ? 10 : 0
  const rest = columns - 4 - tokens - calls - time - held - usd - heldUsd
  const name = Math.min(longestName, rest >= 44 ? Math.floor(rest * 0.6) : rest)
  const message = rest - name - 2
  // what both take together is always the rest, so that totals stand under their columns
  return message >= 12
    ? { time, calls, tokens, held, usd, heldUsd, name, message, rest }
    : { time, calls, tokens, held, usd, heldUsd, name: rest, message: 0, rest }
}

const nothing: Spending.Standing["held"] = { tokens: 0, usd: 0 }

const isActive = ({ phase }: Board.Row): boolean => phase === "running" || phase === "waiting"
const isTrouble = ({ phase }: Board.Row): boolean => phase === "failed" || phase === "timedOut"

/** The rows worth a line where there is no room for all: what runs, what went wrong, then what ended last. */
const choose = (rows: ReadonlyArray<Board.Row>, room: number): ReadonlyArray<Board.Row> => {
  if (rows.length <= room) return rows
  const urgency = (row: Board.Row) => (row.phase === "running" ? 0 : isTrouble(row) ? 1 : isActive(row) ? 2 : 3)
  return rows
    .toSorted((a, b) => urgency(a) - urgency(b) || (b.endedAt ?? 0) - (a.endedAt ?? 0) || a.index - b.index)
    .slice(0, room)
    .sort((a, b) => a.index - b.index)
}

/** "3 running, 9 done, 2 to come". */
export const tally = (rows: ReadonlyArray<Board.Row>, total: number): string => {
  const number = (...phases: ReadonlyArray<Board.Phase>) => rows.filter(({ phase }) => phases.includes(phase)).length
  return [
    [number("running"), "running"] as const,
    [number("waiting"), "waiting"] as const,
    [number("complete"), "done"] as const,
    [number("failed", "timedOut"), "failed"] as const,
    [number("declined"), "declined"] as const,
    [number("skipped"), "skipped"] as const,
    [number("cancelled"), "cancelled"] as const,
    [total - rows.length, "to come"] as const
  ]
    .filter(([amount]) => amount > 0)
    .map(([amount, what]) => `${amount.toLocaleString("en-US")} ${what}`)
    .join(", ")
}

/** The frame. */
export const render = (board: Board.Board, { colors, columns, now, rows: height, spending }: Options): ReadonlyArray<string> => {
  const paint = Cells.paint(colors)
  const all = Board.tasks(board)
  // one line for titles, one for totals, one for what is hidden, one that stays free; and one for limits where a model is used
  const room = height - (spending === undefined ? 3 : 4)
  const shown = choose(all, all.length <= room ? all.length : Math.max(0, room - 1))
  const hidden = all.length - shown.length
  const size = columnsOf(columns, Math.max(4, ...shown.map(({ id }) => Cells.width(Cells.clean(id)))), spending !== undefined)
  const numbers = (texts: { readonly [Column in "time" | "calls" | "tokens" | "held" | "usd" | "heldUsd"]: string }) =>
    (["time", "calls", "tokens", "held", "usd", "heldUsd"] as const)
      .map((column) => (size[column] > 0 ? Cells.right(texts[column], size[column]) : ""))
      .join("")
  const dollars = (amount: number, tokens: number) =>
    spending !== undefined && spending.price === undefined ? (tokens > 0 ? "unknown" : "") : Money.usd(amount)
  const amounts = (since: number, until: number, usage: Pick<Usage.Usage, "calls" | "tokens" | "usd">, held: Spending.Standing["held"]) =>
    numbers({
      time: Cells.duration(until - since),
      calls: usage.calls.toLocaleString("en-US"),
      tokens: usage.tokens.toLocaleString("en-US"),
      held: held.tokens === 0 ? "" : held.tokens.toLocaleString("en-US"),
      usd: dollars(usage.usd, usage.tokens),
      heldUsd: held.tokens === 0 ? "" : dollars(held.usd, held.tokens)
    })
  const line = (sign: string, name: string, message: string, rest: string) => {
    const text = size.message > 0 ? `  ${paint.dim(Cells.left(message, size.message))}` : ""
    return `${sign} ${Cells.left(name, size.name)}${text}${paint.dim(rest)}`
  }
  const spent = Board.usage(board)
  const held = Spending.held(board.held)
  const limits = (model: NonNullable<Options["spending"]>) => {
    const standing = Money.standing(model, spent, held)
    const named = `${Cells.clean(model.model)}: ${standing}`
    return `  ${Cells.cut(Cells.width(named) <= columns - 3 ? named : standing, columns - 3)}`
  }
  const state = board.stopping ? "stopping; Ctrl-C again quits at once" : tally(all, Board.totalTasks(board))
  return [
    line(" ", "task", "", numbers({ time: "time", calls: "calls", tokens: "tokens", held: "held", usd: "usd", heldUsd: "held usd" })),
    ...shown.map((row) =>
      line(
        mark(row.phase, now, paint),
        Cells.clean(row.id),
        Cells.clean(row.message),
        amounts(row.startedAt, row.endedAt ?? now, row.usage, board.held.get(row.id) ?? nothing)
      )
    ),
    ...(hidden > 0 && room > 0 ? [`  ${Cells.cut(`… and ${Cells.count(hidden, "more task")}`, columns - 4)}`] : []),
    `${board.stopping ? paint.yellow("■") : paint.cyan(spin(now))} ${paint.bold(Cells.left(state, size.rest))}${amounts(board.startedAt, now, spent, held)}`,
    ...(spending === undefined ? [] : [limits(spending)])
  ].slice(0, Math.max(1, height - 1))
}

/** One frame of the live display: a board and a size in, lines out. Pure; no line is wider and no frame higher than asked. */
import * as Board from "./Board.ts"
import * as Cells from "./Cells.ts"

export interface Options {
  readonly columns: number
  readonly rows: number
  /** In milliseconds since 1970: what elapsed times are counted to, and what turns the spinner. */
  readonly now: number
  readonly colors: boolean
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
const columnsOf = (columns: number, longestName: number) => {
  const tokens = columns >= 64 ? 8 : 0
  const calls = columns >= 52 ? 7 : 0
  const time = columns >= 30 ? 11 : 0
  const rest = columns - 4 - tokens - calls - time
  const name = Math.min(longestName, rest >= 44 ? Math.floor(rest * 0.6) : rest)
  const message = rest - name - 2
  // what both take together is always the rest, so that totals stand under their columns
  return message >= 12 ? { time, calls, tokens, name, message, rest } : { time, calls, tokens, name: rest, message: 0, rest }
}

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
export const render = (board: Board.Board, { colors, columns, now, rows: height }: Options): ReadonlyArray<string> => {
  const paint = Cells.paint(colors)
  const all = Board.tasks(board)
  // one line for titles, one for totals, one for what is hidden, one that stays free
  const shown = choose(all, all.length <= height - 3 ? all.length : Math.max(0, height - 4))
  const hidden = all.length - shown.length
  const size = columnsOf(columns, Math.max(4, ...shown.map(({ id }) => Cells.width(Cells.clean(id)))))
  const numbers = (time: string, calls: string, tokens: string) =>
    [
      size.time > 0 ? Cells.right(time, size.time) : "",
      size.calls > 0 ? Cells.right(calls, size.calls) : "",
      size.tokens > 0 ? Cells.right(tokens, size.tokens) : ""
    ].join("")
  const amounts = (since: number, until: number, { calls, tokens }: { readonly calls: number; readonly tokens: number }) =>
    numbers(Cells.duration(until - since), calls.toLocaleString("en-US"), tokens.toLocaleString("en-US"))
  const line = (sign: string, name: string, message: string, rest: string) => {
    const text = size.message > 0 ? `  ${paint.dim(Cells.left(message, size.message))}` : ""
    return `${sign} ${Cells.left(name, size.name)}${text}${paint.dim(rest)}`
  }
  const spent = Board.usage(board)
  const state = board.stopping ? "stopping; Ctrl-C again quits at once" : tally(all, Board.totalTasks(board))
  return [
    line(" ", "task", "", numbers("time", "calls", "tokens")),
    ...shown.map((row) =>
      line(
        mark(row.phase, now, paint),
        Cells.clean(row.id),
        Cells.clean(row.message),
        amounts(row.startedAt, row.endedAt ?? now, row.usage)
      )
    ),
    ...(hidden > 0 && height > 3 ? [`  ${Cells.cut(`… and ${Cells.count(hidden, "more task")}`, columns - 4)}`] : []),
    `${board.stopping ? paint.yellow("■") : paint.cyan(spin(now))} ${paint.bold(Cells.left(state, size.rest))}${amounts(board.startedAt, now, spent)}`
  ].slice(0, Math.max(1, height - 1))
}

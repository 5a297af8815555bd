/** Progress as a person sees it, on stderr: drawn over and over in a terminal, plain lines elsewhere. */
import type { Progress } from "@aria/orchestrator-core"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type { WriteStream } from "node:tty"
import * as Board from "./Board.ts"
import * as Cells from "./Cells.ts"
import * as Frame from "./Frame.ts"
import * as Money from "./Money.ts"
import * as Spending from "./Spending.ts"
import * as Stage from "./Stage.ts"

export interface Screen {
  readonly hear: (event: Progress.Event) => void
  /** Says that the run was asked to stop. */
  readonly stopping: Effect.Effect<void>
}

/** Nobody looks. */
export const silent: Screen = { hear: () => {}, stopping: Effect.void }

const hideCursor = "\u001b[?25l"
const showCursor = "\u001b[?25h"
/** Terminals that know this show the whole frame at once; others ignore it. */
const beginFrame = "\u001b[?2026h"
const endFrame = "\u001b[?2026l"
const eraseLine = "\u001b[K"
const up = (rows: number): string => (rows === 0 ? "\r" : `\r\u001b[${rows}A`)

/** How many rows the terminal shows these lines on now: a narrower one has broken them. */
const rowsOf = (lines: ReadonlyArray<string>, { columns, rows }: WriteStream): number =>
  Math.min(
    Math.max(0, rows - 1),
    lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(Cells.width(line) / Math.max(1, columns))), 0)
  )

/** Puts lines where others were. Line by line: some terminals keep what is erased all at once in their history. */
const replace = (before: number, lines: ReadonlyArray<string>): string => {
  const surplus = Math.max(0, before - lines.length)
  const drawn = lines.map((line) => `${line}${eraseLine}\n`).join("")
  return `${up(before)}${drawn}${`${eraseLine}\n`.repeat(surplus)}${surplus > 0 ? up(surplus) : ""}`
}

/** Draws until the scope closes, and then leaves nothing behind. */
export const live = Effect.fn("Screen.live")(function* (stream: WriteStream, colors: boolean, spending?: Spending.Spending) {
  let board = Board.empty
  let drawn: ReadonlyArray<string> = []
  let hidden = false
  const clock = yield* Clock.Clock
  const draw = () => {
    if (hidden) return
    const { columns, rows } = stream
    const now = clock.currentTimeMillisUnsafe()
    if (spending !== undefined) board = Board.measure(board, spending.tasks())
    const lines = board.startedAt === 0 ? [] : Frame.render(board, { columns: Math.max(1, columns), rows, now, colors, spending })
    stream.write(`${beginFrame}${replace(rowsOf(drawn, stream), lines)}${endFrame}`)
    drawn = lines
  }
  const restore = () => {
    stream.write(`${replace(rowsOf(drawn, stream), [])}${showCursor}`)
    drawn = []
  }
  yield* Effect.acquireRelease(
    Effect.sync(() => {
      stream.write(hideCursor)
      stream.on("resize", draw)
      // whatever ends the process, its terminal gets the cursor back
      process.once("exit", restore)
    }),
    () =>
      Effect.sync(() => {
        stream.off("resize", draw)
        process.off("exit", restore)
        restore()
      })
  )
  yield* Stage.set({
    hide: () => {
      restore()
      hidden = true
    },
    show: () => {
      hidden = false
      stream.write(hideCursor)
      draw()
    }
  })
  yield* Effect.forkScoped(Effect.repeat(Effect.sync(draw), Schedule.spaced("100 millis")))
  return {
    hear: (event) => {
      board = Board.add(board, event)
    },
    stopping: Effect.sync(() => {
      board = Board.stop(board)
      draw()
    })
  } satisfies Screen
})

const outcomes: Readonly<Record<Board.Phase, string>> = {
  declined: "declined",
  running: "running",
  waiting: "waiting",
  complete: "done",
  failed: "FAILED",
  skipped: "skipped",
  cancelled: "cancelled",
  timedOut: "TIMED OUT"
}

/** A line for each task that ends, and a sign of life every ten seconds; of a model, its price first and then what it has cost. */
export const plain = Effect.fn("Screen.plain")(function* (write: (line: string) => void, spending?: Spending.Spending) {
  let board = Board.empty
  let said = ""
  const clock = yield* Clock.Clock
  const elapsed = () => Cells.duration(clock.currentTimeMillisUnsafe() - board.startedAt)
  const standing = () => {
    if (spending === undefined) return ""
    board = Board.measure(board, spending.tasks())
    return `; ${Money.standing(spending, Board.usage(board), Spending.held(board.held))}`
  }
  if (spending !== undefined) write(`Model ${Cells.clean(spending.model)}, ${Money.price(spending)}.`)
  yield* Effect.sync(() => {
    if (board.startedAt > 0 && !board.ended) write(`[${elapsed()}] ${Frame.tally(Board.tasks(board), Board.totalTasks(board))}${standing()}`)
  }).pipe(Effect.delay("10 seconds"), Effect.forever, Effect.forkScoped)
  return {
    hear: (event) => {
      board = Board.add(board, event)
      const row = Board.find(board, event)
      if (row?.endedAt === undefined || row.group) return
      const took = Cells.duration(row.endedAt - row.startedAt)
      const { calls, tokens } = row.usage
      const money = spending === undefined || tokens === 0 ? "" : `, ${Money.cost(spending, row.usage)}`
      const spent = `${Cells.count(calls, "call")}, ${Cells.count(tokens, "token")}${money}`
      const message = Cells.clean(row.message)
      const again = (row.phase === "failed" || row.phase === "declined") && message === said
      said = message
      write(`${outcomes[row.phase]} ${Cells.clean(row.id)} (${took}, ${spent})${message === "" ? "" : again ? ": the same" : `: ${message}`}${tokens === 0 ? "" : standing()}`)
    },
    stopping: Effect.sync(() => write("Stopping; Ctrl-C again quits at once."))
  } satisfies Screen
})

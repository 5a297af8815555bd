import { type Progress, Usage } from "@aria/orchestrator-core"
import { expect, it } from "vitest"
import * as Board from "@aria/demo/Board"
import * as Cells from "@aria/demo/Cells"
import * as Frame from "@aria/demo/Frame"
import * as event from "./events.ts"

const board = (...events: ReadonlyArray<Progress.Event>): Board.Board => events.reduce(Board.add, Board.empty)

const frame = (board: Board.Board, columns: number, rows = 24, at = 2000) =>
  Frame.render(board, { columns, rows, now: event.startedAt + at, colors: false }).map((line) => line.trimEnd())

const five = board(
  event.runStarted(2),
  event.running("signals", 0, 5, 0, 0),
  event.running("signals/Apple Inc.", 1, 5, 10),
  event.update("signals/Apple Inc.", 1, 5, 500, "Looking through 64 items", 3),
  event.running("signals/Estée Lauder", 2, 5, 20),
  event.complete("signals/Estée Lauder", 2, 5, 1200, { calls: 1, inputTokens: 1200, outputTokens: 34 }),
  event.running("signals/任天堂", 3, 5, 20),
  event.waiting("signals/任天堂", 3, 5, 30, "sources")
)

it("shows a line for each task, titles above and totals below", () => {
  expect(frame(five, 80)).toEqual([
    "  task                                                     time  calls  tokens",
    "⠋ signals/Apple Inc.    Looking through 64 items          2.0 s      3       0",
    "✓ signals/Estée Lauder                                    1.2 s      1   1,234",
    "◌ signals/任天堂        waiting: sources                  2.0 s      0       0",
    "⠋ 1 running, 1 waiting, 1 done, 1 to come                 2.0 s      4   1,234"
  ])
})

it("leaves out columns where there is no room for them", () => {
  expect(frame(five, 60)).toEqual([
    "  task                                         time  calls",
    "⠋ signals/Apple Inc.    Looking through…      2.0 s      3",
    "✓ signals/Estée Lauder                        1.2 s      1",
    "◌ signals/任天堂        waiting: sources      2.0 s      0",
    "⠋ 1 running, 1 waiting, 1 done, 1 to co…      2.0 s      4"
  ])
  expect(frame(five, 40)).toEqual([
    "  task                            time",
    "⠋ signals/Apple Inc.             2.0 s",
    "✓ signals/Estée Lauder           1.2 s",
    "◌ signals/任天堂                 2.0 s",
    "⠋ 1 running, 1 waiting, 1…       2.0 s"
  ])
  expect(frame(five, 20)[1]).toBe("⠋ signals/Apple I…")
})

it("turns the spinner with time", () => {
  expect(new Set([0, 100, 200, 300].map((at) => frame(five, 80, 24, at)[1]?.[0])).size).toBe(4)
})

it("is never wider nor higher than the terminal", () => {
  const many = Array.from({ length: 500 }, (_, index) => event.running(`signals/Company ${index} ${"名".repeat(index % 40)}`, index, 500, index))
  const all = board(event.runStarted(500), ...many)
  for (const columns of [1, 2, 5, 12, 20, 29, 30, 51, 52, 63, 64, 80, 200]) {
    for (const rows of [1, 2, 3, 4, 5, 10, 24, 60, 600]) {
      const lines = Frame.render(all, { columns, rows, now: event.startedAt + 3_600_000, colors: true })
      expect(lines.length, `${columns}x${rows}`).toBeLessThanOrEqual(Math.max(1, rows - 1))
      if (columns >= 12) for (const line of lines) expect(Cells.width(line), `${columns}x${rows}: ${line}`).toBeLessThan(columns)
    }
  }
})

it("shows what runs and what failed before what is done, and counts the rest", () => {
  const done = Array.from({ length: 30 }, (_, index) => event.complete(`t${index}`, index, 33, index))
  const lines = frame(
    board(event.runStarted(33), ...done, event.failed("bad", 30, 33, 40, "All sources are down"), event.running("slow", 31, 33, 50)),
    80,
    8
  )
  expect(lines).toHaveLength(7)
  expect(lines.join("\n")).toContain("✗ bad")
  expect(lines.join("\n")).toContain("slow")
  expect(lines.at(-2)).toBe("  … and 28 more tasks")
  expect(lines.at(-1)).toContain("1 running, 30 done, 1 failed, 1 to come")
})

it("obeys nothing that stands in names and messages", () => {
  const lines = frame(board(event.runStarted(1), event.update("a\u001b[2J\r\nb", 0, 1, 5, "\u001b]0;title\u0007x\u202ey")), 80)
  expect(lines[1]).toMatch(/^⠋ a \[2J b {2}\]0;title x y/)
})

it("counts no task twice: a fan-out is its items", () => {
  expect(Board.totalTasks(five)).toBe(4)
  expect(Board.tasks(five).map(({ id }) => id)).not.toContain("signals")
  expect(Board.usage(five).calls).toBe(4)
})

it("says that it is stopping", () => {
  expect(frame(Board.stop(five), 80).at(-1)).toContain("stopping; Ctrl-C again quits at once")
})

const spending = { model: "openai/gpt-5-mini", price: { input: 1, output: 4 }, limits: { tokens: 100_000, usd: 0.5 } }
const standings = new Map([
  ["signals/Apple Inc.", { usage: Usage.make({ calls: 1, inputTokens: 1000, usd: 0.0021 }), held: { tokens: 12_345, usd: 0.05 } }],
  // it has ended: its last event said what it used
  ["signals/Estée Lauder", { usage: Usage.make({ calls: 9 }), held: { tokens: 0, usd: 0 } }],
  ["nobody's", { usage: Usage.make({ calls: 9 }), held: { tokens: 9, usd: 9 } }]
])
const money = (columns: number, over: Partial<typeof spending> | { readonly price: undefined } = {}) =>
  Frame.render(Board.measure(five, standings), { columns, rows: 24, now: event.startedAt + 2000, colors: false, spending: { ...spending, ...over } }).map((line) => line.trimEnd())

it("with a model, shows what each task and all of them used and hold, and the limits", () => {
  expect(money(120)).toEqual([
    "  task                                                                 time calls   tokens     held      usd  held usd",
    "⠋ signals/Apple Inc.    Looking through 64 items                      2.0 s     1    1,000   12,345  $0.0021   $0.0500",
    "✓ signals/Estée Lauder                                                1.2 s     1    1,234                $0",
    "◌ signals/任天堂        waiting: sources                              2.0 s     0        0                $0",
    "⠋ 1 running, 1 waiting, 1 done, 1 to come                             2.0 s     2    2,234   12,345  $0.0021   $0.0500",
    "  openai/gpt-5-mini: tokens 2,234 + 12,345 held of 100,000; $0.0021 + $0.0500 held of $0.50"
  ])
  expect(money(80)).toEqual([
    "  task                                         time   tokens     held      usd",
    "⠋ signals/Apple Inc.    Looking through 6…    2.0 s    1,000   12,345  $0.0021",
    "✓ signals/Estée Lauder                        1.2 s    1,234                $0",
    "◌ signals/任天堂        waiting: sources      2.0 s        0                $0",
    "⠋ 1 running, 1 waiting, 1 done, 1 to come     2.0 s    2,234   12,345  $0.0021",
    "  tokens 2,234 + 12,345 held of 100,000; $0.0021 + $0.0500 held of $0.50"
  ])
})

it("of an unknown price it shows no amount", () => {
  const lines = money(120, { price: undefined })
  expect(lines.join("\n")).not.toContain("$")
  expect(lines[1]).toContain("unknown")
  expect(lines.at(-1)).toContain("price unknown")
})

it("with a model it is never wider nor higher than the terminal either", () => {
  const many = Array.from({ length: 60 }, (_, index) => event.running(`signals/Company ${index} ${"名".repeat(index % 40)}`, index, 60, index))
  const all = board(event.runStarted(60), ...many)
  for (const columns of [1, 12, 20, 30, 39, 40, 51, 52, 63, 64, 80, 87, 88, 99, 100, 120]) {
    for (const rows of [1, 2, 3, 4, 5, 6, 10, 24, 200]) {
      const lines = Frame.render(all, { columns, rows, now: event.startedAt + 3_600_000, colors: true, spending })
      expect(lines.length, `${columns}x${rows}`).toBeLessThanOrEqual(Math.max(1, rows - 1))
      if (columns >= 12) for (const line of lines) expect(Cells.width(line), `${columns}x${rows}: ${line}`).toBeLessThan(columns)
    }
  }
})

/** What is known about a run while it goes on: events in, one row for each task. Pure. */
import { type Progress, Usage } from "@aria/orchestrator-core"
import * as HashMap from "effect/HashMap"
import * as Option from "effect/Option"
import type * as Spending from "./Spending.ts"

export type Phase = "running" | "waiting" | "complete" | "declined" | "failed" | "skipped" | "cancelled" | "timedOut"

export interface Row {
  readonly id: string
  readonly index: number
  readonly phase: Phase
  readonly message: string
  readonly startedAt: number
  /** Where it has ended. */
  readonly endedAt?: number | undefined
  readonly usage: Usage.Usage
  /** A fan-out: it has no work of its own, its items are rows. */
  readonly group: boolean
}

export interface Board {
  readonly plan: string
  readonly startedAt: number
  /** Tasks known so far. */
  readonly total: number
  readonly rows: HashMap.HashMap<string, Row>
  /** Whether somebody asked it to stop. */
  readonly stopping: boolean
  readonly ended: boolean
  /** What tasks hold in reserve, by id. */
  readonly held: ReadonlyMap<string, Spending.Standing["held"]>
}

export const empty: Board = { plan: "", startedAt: 0, total: 0, rows: HashMap.empty(), stopping: false, ended: false, held: new Map() }

const phaseOf = (event: Progress.Event): Phase | undefined => {
  switch (event._tag) {
    case "starting":
    case "running":
    case "update":
    case "retrying":
      return "running"
    case "failed":
      // nobody allowed it: an answer, and no failure
      return event.errorType === "SideEffectNotPerformedError" ? "declined" : "failed"
    case "waiting":
    case "complete":
    case "skipped":
    case "cancelled":
    case "timedOut":
      return event._tag
    default:
      return undefined
  }
}

const isUpdate = (tag: string): boolean => tag === "update" || tag === "failed" || tag === "retrying"

const message = (event: Progress.Event, before: Row | undefined): string => {
  if (event._tag === "waiting") return `waiting: ${event.reason}`
  // of what a handler said last, "complete" would say less
  return "message" in event && (isUpdate(event._tag) || event._tag === "skipped") ? event.message : (before?.message ?? "")
}

/** The board after one more event. Runs inside tasks are left out: their tasks stand for them. */
export const add = (board: Board, event: Progress.Event): Board => {
  if (event.path.length > 0) return board
  if (event._tag === "RunStarted") return { ...board, plan: event.plan, startedAt: event.timestamp, total: event.total }
  if (event._tag === "RunEnded") return { ...board, ended: true }
  const phase = phaseOf(event)
  if (phase === undefined || !("taskId" in event)) return board
  const before = Option.getOrUndefined(HashMap.get(board.rows, event.taskId))
  const row: Row = {
    id: event.taskId,
    index: event.index,
    phase,
    message: message(event, before),
    startedAt: before?.startedAt ?? event.timestamp,
    usage: "usage" in event ? event.usage : (before?.usage ?? Usage.zero),
    group: before?.group === true || (event._tag === "running" && event.attempt === 0),
    ...("elapsedMillis" in event && { endedAt: event.timestamp })
  }
  return { ...board, total: Math.max(board.total, event.total), rows: HashMap.set(board.rows, row.id, row) }
}

export const stop = (board: Board): Board => ({ ...board, stopping: true })

/** The board with what its tasks have used and hold now: events only tell it when something else happens. */
export const measure = (board: Board, standings: ReadonlyMap<string, Spending.Standing>): Board => {
  let { rows } = board
  const held = new Map<string, Spending.Standing["held"]>()
  for (const [id, standing] of standings) {
    const row = Option.getOrUndefined(HashMap.get(rows, id))
    if (row === undefined) continue
    held.set(id, standing.held)
    // what has ended was told with its end
    if (row.endedAt === undefined) rows = HashMap.set(rows, id, { ...row, usage: standing.usage })
  }
  return { ...board, rows, held }
}

/** The rows that do work, in plan order. */
export const tasks = (board: Board): ReadonlyArray<Row> =>
  Array.from(HashMap.values(board.rows)).filter(({ group }) => !group).sort((a, b) => a.index - b.index)

/** How many tasks do work, known and not yet started ones together. */
export const totalTasks = (board: Board): number =>
  board.total - Array.from(HashMap.values(board.rows)).filter(({ group }) => group).length

export const usage = (board: Board): Usage.Usage => Usage.sum(tasks(board).map((row) => row.usage))

/** The row of an event's task, where it has one. */
export const find = (board: Board, event: Progress.Event): Row | undefined =>
  event.path.length > 0 || !("taskId" in event) ? undefined : Option.getOrUndefined(HashMap.get(board.rows, event.taskId))

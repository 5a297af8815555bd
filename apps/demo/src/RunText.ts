/** Runs of a store as people read them. Pure. */
import type { StoredRun } from "@aria/adapter-cluster"
import { Progress } from "@aria/orchestrator-core"
import * as Cells from "./Cells.ts"
import * as ShortId from "./ShortId.ts"

const words: Readonly<Record<StoredRun.Status, string>> = {
  queued: "queued",
  running: "running",
  succeeded: "succeeded",
  failed: "failed",
  cancelled: "cancelled",
  needsDecision: "in doubt",
  planChanged: "changed",
  deadLetter: "given up"
}

/** "2026-11-23 15:04:05", UTC. */
export const time = (millis: number): string => new Date(millis).toISOString().slice(0, 19).replace("T", " ")

/** Ids of runs where nothing went wrong but what nobody approved: to the store they have failed. */
type Declined = ReadonlySet<string>

const status = ({ id, isCancelling, status }: StoredRun.StoredRun, declined: Declined): string =>
  declined.has(id) ? "declined" : isCancelling && (status === "running" || status === "queued") ? "stopping" : words[status]

const notes = ({ forkedFrom, lives, reason, status }: StoredRun.StoredRun): ReadonlyArray<string> => [
  ...(forkedFrom === undefined ? [] : [`fork of ${ShortId.short(forkedFrom)}`]),
  ...(lives > 1 ? [`begun ${lives} times`] : []),
  ...(reason === undefined ? [] : [reason]),
  ...(status === "needsDecision" ? ['nobody can tell whether something was done: "receipts list --doubtful", then "runs resume"'] : [])
]

const took = ({ createdAt, endedAt }: StoredRun.StoredRun, now: number): string => Cells.duration(Math.max(0, (endedAt ?? now) - createdAt))

/** A line for each run, the newest first. */
export const list = (runs: ReadonlyArray<StoredRun.StoredRun>, declined: Declined, now: number, columns: number): ReadonlyArray<string> => [
  `${Cells.left("run", ShortId.length)}  ${Cells.left("status", 9)}  ${Cells.left("handed in (UTC)", 19)}${Cells.right("time", 12)}  plan`,
  ...runs.flatMap((run) => {
    const more = Cells.clean(notes(run).join("; "))
    return [
      `${Cells.left(ShortId.short(run.id), ShortId.length)}  ${Cells.left(status(run, declined), 9)}  ${time(run.createdAt)}${Cells.right(took(run, now), 12)}  ${Cells.clean(`${run.plan} ${run.version}`)}`,
      ...(more === "" ? [] : Cells.wrap(more, Math.max(20, columns - 12)).map((line) => `            ${line}`))
    ]
  })
]

const amount = (value: number): string => value.toLocaleString("en-US")

/** Of one run, what is known besides its result. */
export const details = ({ run, units, usage }: StoredRun.Details, declined: Declined, now: number, columns: number): ReadonlyArray<string> => {
  const { endedAt, id, plan, version } = run
  const tasks = units.filter(({ kind }) => kind === "task")
  const what = [
    `Run ${id}: ${status(run, declined)}, plan ${plan} ${version}`,
    `Handed in ${time(run.createdAt)} UTC, ${endedAt === undefined ? `${took(run, now)} ago` : `ended ${time(endedAt)} UTC after ${took(run, now)}`}`,
    `${Cells.count(tasks.length, "task")} stored; ${Cells.count(usage.calls, "call")}, ${Cells.count(usage.tokens, "token")}, $${amount(usage.usd)}`,
    ...notes(run)
  ]
  return what.flatMap((line) => Cells.wrap(Cells.clean(line), columns))
}

const outcomeOf = (value: unknown): string =>
  typeof value === "object" && value !== null && "_tag" in value && typeof value._tag === "string" ? (value._tag === "succeeded" ? "done" : value._tag) : "stored"

/** The ids of the tasks down to one, as a key has them. */
const pathOf = (key: string): string => {
  try {
    return key.split("/").map(decodeURIComponent).join("/")
  } catch {
    return key
  }
}

/** The tasks of a run that has not ended, as far as they are stored. */
export const stored = ({ units }: StoredRun.Details): ReadonlyArray<string> =>
  units.flatMap(({ key, kind, value }) => (kind === "task" ? [`${Cells.left(outcomeOf(value), 9)}  ${Cells.clean(pathOf(key))}`] : []))

const said = (event: Progress.Event): string => {
  if (event._tag === "RunStarted") return `${event.plan}, ${Cells.count(event.total, "task")}`
  if (event._tag === "RunEnded") return `${event.result.successCount} of ${event.result.results.length} tasks done`
  const task = "taskId" in event ? event.taskId : ""
  const message = event._tag === "waiting" ? event.reason : "message" in event ? event.message : ""
  return [...event.path, task].filter((part) => part !== "").join("/") + (message === "" ? "" : `: ${message}`)
}

/** An event, with the number to go on from after it. */
export const event = (event: Progress.Event): string =>
  `${String(event.seq).padStart(6)}  ${time(event.timestamp).slice(11)}  ${Cells.left(event._tag, 10)}  ${Cells.clean(said(event))}`

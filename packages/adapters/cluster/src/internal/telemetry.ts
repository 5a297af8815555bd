import type * as Context from "effect/Context"
import * as Metric from "effect/Metric"
import type { Batch, Written } from "./records.ts"

/** Names follow OpenTelemetry's advice: dots between parts, the unit in the description, no unit in the name. */
const rows = Metric.counter("aria.cluster.rows", {
  description: "Rows that this worker wrote, by kind",
  incremental: true
})
const ended = Metric.counter("aria.cluster.runs.ended", {
  description: "Runs that this worker ended or gave back, by status",
  incremental: true
})
const claimed = Metric.counter("aria.cluster.runs.claimed", {
  description: "Runs that this worker took, by whether they were new or begun elsewhere",
  incremental: true
})
const lost = Metric.counter("aria.cluster.runs.lost", {
  description: "Runs that this worker left to others because its lease had run out",
  incremental: true
})
const failures = Metric.counter("aria.cluster.failures", {
  description: "Batches and lease renewals that the database did not take, by what was tried",
  incremental: true
})
const batchRows = Metric.histogram("aria.cluster.batch.rows", {
  description: "Rows that were written together",
  boundaries: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 5_000]
})
const batchDuration = Metric.histogram("aria.cluster.batch.duration", {
  description: "Milliseconds until a batch was committed",
  boundaries: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 5_000, 30_000]
})

type Services = Context.Context<never>

/** Looking a metric up by its attributes costs, so each is made once; there are few values of each. */
const by = (metric: Metric.Metric<number, unknown>, name: string) => {
  const made = new Map<string, Metric.Metric<number, unknown>>()
  return (value: string, services: Services, count = 1): void => {
    let one = made.get(value)
    if (one === undefined) made.set(value, (one = Metric.withAttributes(metric, { [name]: value })))
    one.updateUnsafe(count, services)
  }
}
const rowsOf = by(rows, "kind")
const endedAs = by(ended, "status")
const claimedAs = by(claimed, "run")
const failedAt = by(failures, "what")

const kinds = ["starts", "units", "events", "spends", "settles", "ends"] as const

export const batchWritten = (services: Services, batch: Batch, written: Written, millis: number): void => {
  let count = 0
  for (const kind of kinds) {
    const { length } = batch[kind]
    count += length
    if (length > 0) rowsOf(kind, services, length)
  }
  for (const { run, status } of batch.ends) {
    if (!written.lost.has(run)) endedAs(status, services)
  }
  batchRows.updateUnsafe(count, services)
  batchDuration.updateUnsafe(millis, services)
}

export const runClaimed = (services: Services, wasBegun: boolean): void =>
  claimedAs(wasBegun ? "begun" : "new", services)

export const runsLost = (services: Services, count: number): void => {
  if (count > 0) lost.updateUnsafe(count, services)
}

export const failed = (services: Services, what: "batch" | "lease"): void => failedAt(what, services)

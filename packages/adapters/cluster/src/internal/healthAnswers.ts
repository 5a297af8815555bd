import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import * as PrometheusMetrics from "effect/observability/PrometheusMetrics"
import { Cluster, type Standing } from "../Cluster.ts"
import { type Counts, Runs } from "../Runs.ts"
import type { Answer } from "./healthServer.ts"
import { live } from "./liveClock.ts"

const json = (status: number, value: object): Answer => ({
  status,
  type: "application/json",
  body: `${JSON.stringify(value)}\n`
})

const lease = Metric.gauge("aria.cluster.lease", {
  description: "Milliseconds until the lease of this worker ends, where nothing renews it"
})
const runs = Metric.gauge("aria.cluster.runs.here", { description: "Runs that this worker carries out" })
const waitingHere = Metric.gauge("aria.cluster.runs.waiting", {
  description: "Of the runs that this worker carries out: those that only wait for answers and times"
})
const ready = Metric.gauge("aria.cluster.ready", {
  description: "1 while this worker has its lease and its database answers"
})
const stored = Metric.gauge("aria.cluster.store.runs", {
  description: "Runs of the store that are to be carried out or looked at, by status"
})
const oldest = Metric.gauge("aria.cluster.store.queue.age", {
  description: "Milliseconds since the oldest queued run was handed in"
})

/** What is so at this moment only: nothing of it is kept. */
const momentary = (
  { leaseMillis, runs: here, waiting }: Standing,
  isReady: boolean,
  counts: Counts | undefined
): Effect.Effect<string> =>
  Effect.gen(function* () {
    if (Number.isFinite(leaseMillis)) yield* Metric.update(lease, Math.round(leaseMillis))
    yield* Metric.update(runs, here)
    yield* Metric.update(waitingHere, waiting)
    yield* Metric.update(ready, isReady ? 1 : 0)
    if (counts !== undefined) {
      const { oldestQueuedMillis, ...byStatus } = counts
      for (const [status, count] of Object.entries(byStatus))
        yield* Metric.update(Metric.withAttributes(stored, { status }), count)
      yield* Metric.update(oldest, Math.round(oldestQueuedMillis))
    }
    return yield* PrometheusMetrics.format()
  }).pipe(Effect.provideService(Metric.MetricRegistry, new Map()))

/** Why it is not ready, if it is not. */
const reasonOf = (
  { leaseMillis, state }: Standing,
  answers: boolean
): "draining" | "cutOff" | "database" | undefined => {
  if (state === "draining") return "draining"
  if (state === "cutOff" || leaseMillis <= 0) return "cutOff"
  return answers ? undefined : "database"
}

export const answersOf = ({
  countsStore,
  timeout
}: {
  readonly timeout: number
  readonly countsStore: boolean
}): Effect.Effect<ReadonlyMap<string, Effect.Effect<Answer>>, never, Cluster | Runs> =>
  Effect.gen(function* () {
    const cluster = yield* Cluster
    const store = yield* Runs
    const inTime = <A, E>(self: Effect.Effect<A, E>): Effect.Effect<A | undefined> =>
      live(Effect.timeout(self, timeout)).pipe(Effect.catch(() => Effect.undefined))
    const isAnswering = Effect.map(inTime(Effect.as(cluster.ping, true)), (answer) => answer === true)
    const shown = ({ leaseMillis, ...rest }: Standing) => ({
      ...rest,
      leaseMillis: Number.isFinite(leaseMillis) ? Math.round(leaseMillis) : null
    })

    const health = Effect.map(cluster.standing, (standing) => json(200, { status: "ok", ...shown(standing) }))

    const readiness = Effect.gen(function* () {
      const before = yield* cluster.standing
      const answers = before.state === "active" ? yield* isAnswering : true
      // What has changed meanwhile counts.
      const standing = yield* cluster.standing
      const reason = reasonOf(standing, answers)
      return json(reason === undefined ? 200 : 503, {
        status: reason === undefined ? "ready" : "notReady",
        ...(reason === undefined ? {} : { reason }),
        ...shown(standing)
      })
    })

    const metrics = Effect.gen(function* () {
      const counts = countsStore ? yield* inTime(store.counts) : undefined
      const answers = countsStore ? counts !== undefined : yield* isAnswering
      const standing = yield* cluster.standing
      const body =
        (yield* momentary(standing, reasonOf(standing, answers) === undefined, counts)) +
        (yield* PrometheusMetrics.format())
      return { status: 200, type: "text/plain; version=0.0.4; charset=utf-8", body }
    })

    return new Map([
      ["/health", health],
      ["/ready", readiness],
      ["/metrics", metrics]
    ])
  })

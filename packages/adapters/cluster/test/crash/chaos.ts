/** One world of a seed: runs that a client hands in, three workers that are killed, and a look at what is left. */
import { Cluster, Runs } from "@aria/adapter-cluster"
import * as Budget from "@aria/orchestrator-core/Budget"
import * as Orchestrator from "@aria/orchestrator-core/Orchestrator"
import type * as Progress from "@aria/orchestrator-core/Progress"
import * as QuestionQueue from "@aria/orchestrator-core/QuestionQueue"
import * as ReceiptStore from "@aria/orchestrator-core/ReceiptStore"
import * as Run from "@aria/orchestrator-core/Run"
import * as RunResult from "@aria/orchestrator-core/RunResult"
import * as SideEffect from "@aria/orchestrator-core/SideEffect"
import * as SqlStore from "@aria/orchestrator-core/SqlStore"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import { SqlClient } from "effect/sql/SqlClient"
import * as Stream from "effect/Stream"
import { join } from "node:path"
import { entriesOf } from "./diary.ts"
import { type AccountRow, broken, type Evidence, type RunEvidence, type SpendRow } from "./laws.ts"
import { open } from "./outside.ts"
import { startWorker, type Worker, type WorkerOptions } from "./processes.ts"
import { Random } from "./random.ts"
import { handlers, RandomPlan, receiptLease } from "./randomPlan.ts"
import { clientAt, folder, type Kind, newStore } from "./stores.ts"
import { install, seen } from "./witness.ts"

export interface Report {
  readonly broken: ReadonlyArray<string>
  readonly runs: number
  readonly kills: number
  readonly lives: number
  readonly units: number
  readonly effects: number
  readonly doubts: number
  readonly statuses: ReadonlyArray<string>
}

/** Long enough for a machine that is busy with other tests. */
const leaseMillis = 2_000
const runsOfAWorld = 6
const workersOfAWorld = 3
/** Nothing in a run takes a second by itself. */
const patienceMillis = 60_000

const limit = { orchestrator: [20_000, 700], user: [5_000, 300], region: 150 } as const

/** Connections of the client are ended, too. */
const again = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> => Effect.retry(self, { times: 20, schedule: Schedule.spaced(50) })

export const world = (kind: Kind, seed: number): Effect.Effect<Report> =>
  Effect.gen(function* () {
    const random = new Random(seed)
    const path = yield* folder
    const store = yield* newStore(kind, path)
    const { arrivals, url } = yield* open
    const diary = join(path, "diary")
    const isTight = random.chance(0.5)
    const limits = { tokens: limit.orchestrator[isTight ? 1 : 0] }
    const userLimits = { tokens: limit.user[isTight ? 1 : 0] }
    const options: WorkerOptions = { store, plans: "random", diary, world: url, leaseMillis, maxDeaths: 1_000, limits, userLimits }
    const client = Cluster.layerClient({ plans: [RandomPlan], pollInterval: 50 }).pipe(Layer.provideMerge(SqlStore.layer), Layer.provideMerge(clientAt(store)))

    return yield* Effect.gen(function* () {
      yield* install(kind)
      const runs = yield* Runs.Runs
      const submissions = Array.from({ length: runsOfAWorld }, (_, index) => ({
        id: `run${index}`,
        input: { seed: random.between(1, 1_000_000_000) },
        userId: `user${index % 2}`,
        isInRegion: index >= runsOfAWorld - 2,
        cancelAfter: random.chance(0.1) ? random.between(100, 1_500) : undefined
      }))
      // Two of them share a region, which somebody else than a worker has made.
      const started = Effect.forEach(submissions.filter(({ isInRegion }) => isInRegion), ({ id, input, userId }) => Orchestrator.start(RandomPlan, input).pipe(Run.configure({ id, userId })))
      for (const { id, input, isInRegion, userId } of submissions) if (!isInRegion) yield* runs.submit({ plan: "random", input, id, userId })
      yield* Budget.limit({ tokens: limit.region })(started).pipe(Effect.provide(handlers({ diary, world: url })))

      const heard = new Map<string, Array<Progress.Event>>(submissions.map(({ id }) => [id, []]))
      // Who is cut off goes on after the last one that it heard.
      const listen = (id: string, told: Array<Progress.Event>): Effect.Effect<void> =>
        Effect.suspend(() => Stream.runForEach(runs.tail(id, { from: told.length }), (event) => Effect.sync(() => told.push(event)))).pipe(
          Effect.catch(() => Effect.delay(listen(id, told), 50))
        )
      const listeners = yield* Effect.forEach(Array.from(heard), ([id, told]) => Effect.forkScoped(listen(id, told)))
      yield* Effect.forkScoped(Effect.forEach(submissions, ({ cancelAfter, id }) => (cancelAfter === undefined ? Effect.void : Effect.delay(again(runs.cancel(id)), cancelAfter)), { concurrency: "unbounded" }))
      const questions = yield* QuestionQueue.QuestionQueue
      const answers = Effect.flatMap(questions.list({ states: ["open"] }), (found) =>
        Effect.forEach(found, ({ question }) => Effect.ignore(questions.answer(question.id, { value: `answer to ${question.name}`, by: "ada" })))
      )
      yield* Effect.forkScoped(Effect.repeat(Effect.exit(answers), Schedule.spaced(100)))

      // The workers, and those that come in their place.
      const workers: Array<Worker> = yield* Effect.forEach(Array.from({ length: workersOfAWorld }), () => startWorker(options))
      const stopped: Array<Worker> = []
      const sql = yield* SqlClient
      let kills = 0
      const disturb = Effect.gen(function* () {
        yield* Effect.promise(() => Promise.race(workers.map(({ ready }) => ready)))
        for (const moment of Array.from({ length: random.between(4, 8) }, () => random.between(20, 500))) {
          yield* Effect.sleep(moment)
          const how = random.next()
          const index = random.between(0, workersOfAWorld - 1)
          if (kind === "postgres" && how < 0.15) {
            yield* Effect.exit(sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`)
            continue
          }
          const worker = workers[index]!
          worker.child.kill(how < 0.35 ? "SIGTERM" : "SIGKILL")
          if (how < 0.35) stopped.push(worker)
          kills++
          workers[index] = yield* startWorker(options)
        }
      })
      const ids = submissions.map(({ id }) => id)
      const allEnded = Effect.gen(function* () {
        for (let waited = 0; waited < patienceMillis; waited += 50) {
          const open = yield* again(runs.list({ status: ["queued", "running"] }))
          if (open.length === 0) return
          yield* Effect.sleep(50)
        }
      })
      const disturbing = yield* Effect.forkScoped(disturb)
      yield* Fiber.join(disturbing)
      yield* allEnded
      const stuck = yield* again(runs.list({ status: ["queued", "running"] }))
      const log = stuck.length === 0 ? [] : workers.map(({ child, said }) => `worker ${child.pid} said: ${said().slice(-2_000)}`)

      // The last ones go by themselves, and those that were told to.
      for (const { child } of workers) child.kill("SIGTERM")
      const unwilling = yield* Effect.forEach(
        [...stopped, ...workers],
        (worker) =>
          Effect.map(Effect.timeoutOption(Effect.promise(() => worker.ended), 20_000), (end) => {
            // One that was told so before it listened ends as any process does; one that loses its connection while it starts does not start.
            const isFine = Option.exists(end, ({ code, signal }) => code === 0 || signal === "SIGTERM" || !worker.wasReady())
            return isFine ? [] : [`a worker that was told to stop ${Option.match(end, { onNone: () => "did not end", onSome: ({ code }) => `ended with ${code}` })}: ${worker.said()}`]
          }),
        { concurrency: "unbounded" }
      )
      // A call that was under way when its worker died is in doubt as soon as its lease is over.
      const receipts = yield* ReceiptStore.ReceiptStore
      const isSettled = Effect.map(again(receipts.list({ states: ["calling"], limit: 1 })), (calling) => calling.length === 0)
      if (!(yield* isSettled)) yield* Effect.sleep(Duration.toMillis(receiptLease) + 100)
      const doubtful = yield* again(SideEffect.doubtful({ limit: 10_000 }))
      yield* Effect.forEach(listeners, (listener) => Effect.timeoutOption(Fiber.await(listener), 2_000), { concurrency: "unbounded" })

      const evidenceOf = (id: string) =>
        Effect.gen(function* () {
          const details = yield* runs.inspect(id)
          const result = details.result === undefined ? undefined : yield* Schema.decodeUnknownEffect(RunResult.schemaFor(RandomPlan))(details.result)
          const events = result === undefined ? [] : yield* Stream.runCollect(runs.tail(id))
          return { details, result, events: Array.from(events), heard: heard.get(id)! } satisfies RunEvidence
        })
      const spends = yield* sql<SpendRow>`SELECT * FROM aria_spends`
      const regions = new Set(spends.filter(({ run_id }) => submissions.some(({ id, isInRegion }) => isInRegion && id === run_id)).flatMap(({ accounts }) => (JSON.parse(accounts) as ReadonlyArray<{ readonly id: string; readonly owner: string }>).flatMap(({ id, owner }) => (owner === "region" ? [id] : []))))
      const evidence: Evidence = {
        runs: yield* Effect.forEach(ids, evidenceOf),
        diary: entriesOf(diary),
        arrivals,
        receipts: yield* receipts.list({ limit: 10_000 }),
        doubtful,
        spends,
        accounts: yield* sql<AccountRow>`SELECT * FROM aria_accounts`,
        seen: yield* seen,
        limits: new Map([["orchestrator", limits.tokens], ["user:user0", userLimits.tokens], ["user:user1", userLimits.tokens], ...Array.from(regions, (id) => [id, limit.region] as const)])
      }
      return {
        broken: [...broken(evidence), ...unwilling.flat(), ...log, ...(regions.size > 1 ? [`the runs of one region have ${regions.size} of them`] : [])],
        runs: ids.length,
        kills,
        lives: evidence.runs.reduce((sum, { details }) => sum + details.run.lives, 0),
        units: evidence.seen.units.length,
        effects: arrivals.length,
        doubts: doubtful.length,
        statuses: evidence.runs.map(({ details }) => details.run.status)
      } satisfies Report
    }).pipe(Effect.provide(client))
  }).pipe(Effect.scoped, Effect.orDie) as Effect.Effect<Report>

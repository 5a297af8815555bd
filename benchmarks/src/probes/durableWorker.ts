/**
 * A worker in a process of its own that tells what happens to it, and does what it is told by messages: `fork("durableWorker.ts", [STORE])`.
 * SIGTERM drains it.
 */
import { Runs } from "@aria/adapter-cluster"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as SqlClient from "effect/sql/SqlClient"
import * as Tracer from "effect/Tracer"
import { workerOn } from "../internal/durableStore.ts"
import type { Said, Told } from "../internal/DurableWorker.ts"
import { handlersRun, workplace } from "../plans/durablePlans.ts"

const now = (): number => performance.timeOrigin + performance.now()
const say = (said: Said): void => void process.send?.(said)

/** Statements that have ended in this process, but for those that begin and end a transaction. */
let statements = 0

/** Sees each statement as its span ends: what it says to the database, and when it was done. */
class Statement extends Tracer.NativeSpan {
  override end(...ended: Parameters<Tracer.NativeSpan["end"]>): void {
    super.end(...ended)
    const text = this.attributes.get("db.query.text")
    if (typeof text !== "string") return
    statements++
    if (text.includes("UPDATE aria_runs SET owner") && text.includes("fence + 1")) say({ what: "claimed", at: now() })
    if (text.includes("UPDATE aria_runs SET status") && text.includes("result")) say({ what: "stored an end", at: now() })
  }
}
const tracer = Layer.succeed(Tracer.Tracer, Tracer.make({ span: (options) => new Statement(options) }))

const runtime = ManagedRuntime.make(Layer.provideMerge(workerOn(JSON.parse(process.argv[2] ?? "{}")), tracer))
workplace.begun = ({ run, task }) => say({ what: "begun", at: now(), run, task })

const idle = (millis: number) =>
  Effect.gen(function* () {
    const cpu = process.cpuUsage()
    const before = statements
    const began = now()
    yield* Effect.sleep(millis)
    const seconds = (now() - began) / 1_000
    const { system, user } = process.cpuUsage(cpu)
    return { cpu: (user + system) / 1e6 / seconds, statements: (statements - before) / seconds }
  })

const work = (told: Told): Effect.Effect<unknown, unknown, Runs.Runs | SqlClient.SqlClient> => {
  switch (told.do) {
    case "stay":
      return Effect.sync(() => void (workplace.stay = told.millis))
    case "submit":
      return Effect.flatMap(Runs.Runs, (runs) =>
        Effect.forEach(told.ids, (id) => runs.submit({ plan: told.plan, input: told.input, id }), { concurrency: "unbounded", discard: true })
      )
    case "look as if elsewhere":
      return Effect.flatMap(SqlClient.SqlClient, (sql) => sql`UPDATE aria_workers SET host = 'another machine' WHERE pid = ${process.pid}`)
    case "wait":
      return Effect.flatMap(Runs.Runs, (runs) => Effect.as(Effect.forEach(told.ids, runs.wait, { concurrency: "unbounded", discard: true }), handlersRun()))
    case "idle":
      return idle(told.millis)
  }
}

process.on("message", (told: Told) => {
  runtime.runPromise(work(told)).then(
    (value) => say({ what: "done", at: now(), value }),
    (error) => say({ what: "failed", at: now(), error: String(error) })
  )
})
process.on("SIGTERM", () => void runtime.dispose().then(() => process.exit(0)))
process.on("disconnect", () => process.exit())
await runtime.context()
say({ what: "done", at: now(), value: undefined })

/** Runs that outlive their process: started here, handed in, or gone on with here; others may take over at any time. */
import { Cluster, Runs } from "@aria/adapter-cluster"
import { Budget, Orchestrator, type Plan, type Progress, Run } from "@aria/orchestrator-core"
import * as Console from "effect/Console"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Cells from "./Cells.ts"
import type * as Cli from "./Cli.ts"
import { DurableWatch, type Input } from "./DurableWatch.ts"
import * as Execution from "./Execution.ts"
import * as Interrupted from "./Interrupted.ts"
import * as Settings from "./Settings.ts"
import * as ShortId from "./ShortId.ts"
import * as Spending from "./Spending.ts"
import * as Store from "./Store.ts"
import type * as Watch from "./Watch.ts"
import * as Wiring from "./Wiring.ts"
import * as Workshop from "./Workshop.ts"

/** How a run is to be carried out, and shown. */
type How = Pick<Cli.Options, "concurrency" | "maxCalls" | "model" | "output" | "timeout">

/** What the run may spend, for whoever carries it out. */
const limited = ({ maxCalls, model }: How) => {
  const limits = { calls: maxCalls, tokens: model?.maxTokens, usd: model?.maxUsd }
  const isLimited = Object.values(limits).some((limit) => limit !== undefined)
  return <A, E, R>(self: Effect.Effect<A, E, R>) => (isLimited ? Budget.limit(limits, { name: "run" })(self) : self)
}

/** Of what was told before a run was resumed, only what is done stays; the rest is told again. */
const eventsOf = (id: string, told: ReadonlyArray<Progress.Event>) =>
  Stream.unwrap(
    Effect.map(Runs.Runs, (runs) => {
      // the end is not the end any more, and its number is that of another event
      const before = told.filter(({ _tag }) => _tag !== "RunEnded")
      const done = new Set(before.flatMap((event) => (event._tag === "complete" && event.path.length === 0 ? [event.taskId] : [])))
      // that a task is a fan-out is told once only
      const isFanOut = (event: Progress.Event) => event._tag === "running" && event.attempt === 0
      const kept = before.filter((event) => event._tag === "RunStarted" || isFanOut(event) || ("taskId" in event && done.has(event.path[0] ?? event.taskId)))
      return Stream.concat(Stream.fromIterable(kept), runs.tail(id, { from: (before.at(-1)?.seq ?? -1) + 1 }))
    })
  )

/** Starts a run of this id, or finds the one that has it. */
const begun = Effect.fn("Durable.begun")(function* <A, E, R, I>(
  id: string,
  how: Pick<How, "concurrency" | "timeout">,
  told: ReadonlyArray<Progress.Event>,
  plan: Plan.Plan<string, A, E, R, I>,
  ...input: Plan.InputArgs<I>
) {
  const runs = yield* Runs.Runs
  const handle = yield* Orchestrator.start(plan, ...input).pipe(Run.configure({ id, concurrency: how.concurrency, timeout: how.timeout }))
  // what the handle would die of, the store says as errors
  const ended = Effect.asVoid(runs.wait(id))
  return {
    await: Effect.andThen(ended, handle.await),
    cancel: Effect.andThen(runs.cancel(id), Effect.andThen(ended, handle.await)),
    events: Stream.provideService(eventsOf(id, told), Runs.Runs, runs)
  } satisfies Execution.Underway<A, E, unknown>
})

/**
 * Carries out a run in this process and shows it, whether it is new or has begun somewhere else. `told` are the events of a run that had
 * ended and goes on.
 */
export const watchHere = Effect.fn("Durable.watchHere")(
  function* (id: string, how: How, input: Input, told: ReadonlyArray<Progress.Event> = []) {
    const wiring = yield* Wiring.Wiring
    // what cannot be had is said before anything starts
    const context = yield* wiring.of(id, input.settings)
    const cluster = yield* Cluster.Cluster
    yield* cluster.register(DurableWatch)
    yield* Execution.show(how, DurableWatch, begun(id, how, told, DurableWatch, input), Context.get(context, Spending.Current))
  },
  (effect, _, how) => Effect.scoped(limited(how)(effect))
)

/** The same of a plan file, whose agents have what the command line says. */
const watchFile = Effect.fn("Durable.watchFile")(
  function* <A, E>(id: string, how: How, plan: Plan.Plan<string, A, E, Watch.Provided>, settings: Settings.Settings) {
    const wiring = yield* Wiring.Wiring
    const context = yield* wiring.of("", settings)
    const cluster = yield* Cluster.Cluster
    yield* Wiring.allowed(Effect.provideContext(cluster.register(plan), context))
    yield* Effect.provideContext(Execution.show(how, plan, begun(id, how, [], plan), Context.get(context, Spending.Current)), context)
  },
  (effect, _, how) => Effect.scoped(limited(how)(effect))
)

const say = (how: Pick<How, "output">, line: string) => (how.output === "text" ? Console.error(line) : Effect.void)

const goesOn = (left: Interrupted.Left): string =>
  `The run ${ShortId.short(left.id)} was interrupted, with ${Cells.count(left.stored, "task")} stored: it goes on here.`

/** The run of the demo, kept in a store. */
export const watch = Effect.fn("Durable.watch")(
  function* (options: Cli.Options, choice: Store.Choice, given: typeof Watch.Input.Type) {
    const input: Input = { ...given, settings: yield* Settings.of(options) }
    const store = Store.shown(choice)
    if (options.handsIn) {
      const { runId } = yield* Orchestrator.start(DurableWatch, input).pipe(
        Run.configure({ concurrency: options.concurrency, timeout: options.timeout }),
        limited(options),
        Effect.provide(Workshop.sender)
      )
      yield* Console.error(`Handed in to ${store}: a worker carries it out, "runs show ${ShortId.short(runId)}" shows it.`)
      return yield* Console.log(runId)
    }
    const left = yield* Effect.provide(Interrupted.find(input), Workshop.client)
    if (left !== undefined) {
      yield* say(options, goesOn(left))
      return yield* Effect.provide(watchHere(left.id, options, left.input), Workshop.worker({ concurrency: options.concurrency, hasTerminal: true }))
    }
    const id = yield* Effect.flatten(Run.IdGenerator)
    yield* say(options, `The run ${ShortId.short(id)} is kept in ${store}.`)
    // it takes no run of others along
    yield* Effect.provide(watchHere(id, options, input), Workshop.worker({ concurrency: options.concurrency, hasTerminal: true, maxRuns: 1 }))
  },
  (effect, _, choice) => Effect.provide(effect, Store.client(choice))
)

/** The run of a plan file, kept in a store. */
export const file = Effect.fn("Durable.file")(
  function* <A, E>(options: Cli.Options, choice: Store.Choice, plan: Plan.Plan<string, A, E, Watch.Provided>) {
    const settings = yield* Settings.of(options)
    const left = yield* Effect.provide(Interrupted.findPlan(plan), Workshop.client)
    const id = left?.id ?? (yield* Effect.flatten(Run.IdGenerator))
    yield* say(options, left === undefined ? `The run ${ShortId.short(id)} is kept in ${Store.shown(choice)}.` : goesOn(left))
    const workshop = { concurrency: options.concurrency, hasTerminal: true, ...(left === undefined ? { maxRuns: 1 } : {}) }
    yield* Effect.provide(watchFile(id, options, plan, settings), Workshop.worker(workshop))
  },
  (effect, _, choice) => Effect.provide(effect, Store.client(choice))
)

/** Runs that outlive their process: started here, handed in, or gone on with here; others may take over at any time. */
import { Cluster, Runs } from "@aria/adapter-cluster"
import { Budget, Orchestrator, type Plan, Run } from "@aria/orchestrator-core"
import * as Console from "effect/Console"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
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

/** Starts a run of this id, or finds the one that has it. */
const started = Effect.fn("Durable.started")(function* <A, E, R, I>(id: string, how: Pick<How, "concurrency" | "timeout">, plan: Plan.Plan<string, A, E, R, I>, ...input: Plan.InputArgs<I>) {
  const runs = yield* Runs.Runs
  const handle = yield* Orchestrator.start(plan, ...input).pipe(Run.configure({ id, concurrency: how.concurrency, timeout: how.timeout }))
  // what the handle would die of, the store says as errors
  const ended = Effect.asVoid(runs.wait(id))
  return {
    await: Effect.andThen(ended, handle.await),
    cancel: Effect.andThen(runs.cancel(id), Effect.andThen(ended, handle.await)),
    events: runs.tail(id)
  } satisfies Execution.Underway<A, E, unknown>
})

/** Carries out a run in this process and shows it, whether it is new or has begun somewhere else. */
const watchHere = Effect.fn("Durable.watchHere")(
  function* (id: string, how: How, input: Input) {
    const wiring = yield* Wiring.Wiring
    // what cannot be had is said before anything starts
    const context = yield* wiring.of(id, input.settings)
    const cluster = yield* Cluster.Cluster
    yield* cluster.register(DurableWatch)
    yield* Execution.show(how, DurableWatch, started(id, how, DurableWatch, input), Context.get(context, Spending.Current))
  },
  (effect, _, how) => Effect.scoped(limited(how)(effect))
)

const say = (how: Pick<How, "output">, line: string) => (how.output === "text" ? Console.error(line) : Effect.void)

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
      yield* say(options, `The run ${ShortId.short(left.id)} was interrupted, with ${left.stored} of its tasks done: it goes on here.`)
      return yield* Effect.provide(watchHere(left.id, options, left.input), Workshop.worker({ concurrency: options.concurrency, hasTerminal: true }))
    }
    const id = yield* Effect.flatten(Run.IdGenerator)
    yield* say(options, `The run ${ShortId.short(id)} is kept in ${store}.`)
    // it takes no run of others along
    yield* Effect.provide(watchHere(id, options, input), Workshop.worker({ concurrency: options.concurrency, hasTerminal: true, maxRuns: 1 }))
  },
  (effect, _, choice) => Effect.provide(effect, Store.client(choice))
)

/** Goes on with a run in this process, to its end. */
export const goOn = (id: string, how: How, input: Input) => watchHere(id, how, input)

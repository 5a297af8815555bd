import { Cluster, Runs } from "@aria/adapter-cluster"
import { Agent, Budget, type Orchestrator, Plan, Run, Task } from "@aria/orchestrator-core"
import { Context, Deferred, Effect, Layer, Schema } from "effect"
import { SqlClient } from "effect/sql/SqlClient"

export class EchoError extends Schema.TaggedError<EchoError>()("EchoError", { text: Schema.String }) {}

/** What its handler does is up to the test; who calls it is written down. */
export class Echo extends Agent.make("Echo", { description: "Says it again", payload: { text: Schema.String }, success: Schema.String, error: EchoError }) {}

/** The same agent after a change. */
export class Echo2 extends Agent.make("Echo", { description: "Says it again", version: "2", payload: { text: Schema.String }, success: Schema.String, error: EchoError }) {}

/** One task after the other: a, b and c. */
export const Line = Plan.make("line", { version: "1", input: Schema.Struct({ name: Schema.String }) }, ({ name }) => {
  const a = Task.make("a", Echo, { payload: { text: `a ${name}` } })
  const b = Task.make("b", Echo, { dependsOn: [a], payload: ({ a }) => ({ text: `b after ${a}` }) })
  const c = Task.make("c", Echo, { dependsOn: [b], payload: ({ b }) => ({ text: `c after ${b}` }) })
  return [c]
})

/** Items side by side, and a task that does not depend on the input. */
export const Fan = Plan.make("fan", { version: "1", input: Schema.Struct({ names: Schema.Array(Schema.String) }) }, ({ names }) => [
  Task.forEach("items", Echo, { items: () => names.map((text) => ({ text })), key: ({ text }) => text }),
  Task.make("fixed", Echo, { payload: { text: "fixed" } })
])

/** A plan of one task. */
export const One = Plan.make("one", { version: "1", input: Schema.Struct({ text: Schema.String }) }, ({ text }) => [Task.make("only", Echo, { payload: { text } })])

/** Where the tasks of a test run: what they do, and a list of those that began. */
export class World {
  readonly called: Array<string> = []
  does: (text: string) => Effect.Effect<string, EchoError> = (text) => Effect.succeed(`${text}!`)
  private readonly gates = new Map<string, Deferred.Deferred<void>>()

  /** Waits in a handler until the test opens the gate. */
  gate(name: string): Effect.Effect<void> {
    return Effect.suspend(() => Deferred.await(this.gateOf(name)))
  }
  open(name: string): Effect.Effect<void> {
    return Effect.suspend(() => Effect.asVoid(Deferred.succeed(this.gateOf(name), undefined)))
  }
  private gateOf(name: string): Deferred.Deferred<void> {
    let gate = this.gates.get(name)
    if (gate === undefined) this.gates.set(name, (gate = Deferred.makeUnsafe()))
    return gate
  }

  /** Until a handler was called with a text. */
  begun(text: string, times = 1): Effect.Effect<void> {
    return Effect.gen({ self: this }, function* () {
      while (this.called.filter((one) => one === text).length < times) yield* Effect.sleep(2)
    })
  }

  private readonly handle = ({ text }: { readonly text: string }) =>
    Effect.suspend(() => {
      this.called.push(text)
      return this.does(text)
    })

  readonly agents: Layer.Layer<Agent.Services<typeof Echo>> = Echo.toLayer(this.handle)
  readonly agents2: Layer.Layer<Agent.Services<typeof Echo2>> = Echo2.toLayer(this.handle)
}

/** Spends tokens as a model would: reserves, works, and settles at what it came to. */
export const spending = <A, E>(tokens: number, self: Effect.Effect<A, E>): Effect.Effect<A, E> =>
  Budget.reserve({ tokens, calls: 1 }, (reservation) => Effect.tap(self, () => reservation.settle({ outputTokens: tokens, calls: 1 })))

export type Services = Orchestrator.Orchestrator | Runs.Runs | Cluster.Cluster | SqlClient | Agent.Services<typeof Echo>

type AnyPlan = Plan.Plan<string, any, any, any, any>

type Options = Partial<Cluster.Options<ReadonlyArray<AnyPlan>>> & { readonly plans?: ReadonlyArray<AnyPlan> }

/** A worker of a store, until the end of the scope. It looks for work every 10 ms. */
export const worker = <E>(store: Layer.Layer<SqlClient, E>, world: World, options: Options = {}, agents: Layer.Layer<any> = world.agents) =>
  Effect.map(
    Layer.build(
      Layer.fresh(
        (Cluster.layer({ plans: [Line, Fan, One], pollInterval: 10, drainTimeout: 100, ...options }) as unknown as Layer.Layer<Services, unknown, any>).pipe(
          Layer.provideMerge(Layer.merge(agents, store))
        )
      )
    ),
    (context) => context as Context.Context<Services>
  ).pipe(Effect.orDie)

/** Hands in and looks, and carries out nothing. */
export const client = <E>(store: Layer.Layer<SqlClient, E>, plans: ReadonlyArray<AnyPlan> = [Line, Fan, One]) =>
  Effect.map(
    Layer.build(Layer.fresh(Cluster.layerClient({ plans, pollInterval: 10 }).pipe(Layer.provideMerge(store)))),
    (context) => context as Context.Context<Services>
  ).pipe(Effect.orDie)

export const at =
  (context: Context.Context<Services>) =>
  <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, Exclude<R, Services>> =>
    Effect.provideContext(self, context)

/** What the store of a worker lists. */
export const runs = (context: Context.Context<Services>): Runs.Runs["Service"] => Context.get(context, Runs.Runs)

/** The lease of a worker ends now, as if nothing had been heard of it; it goes on, and does not know. */
export const givenUp = (context: Context.Context<Services>) =>
  Effect.gen(function* () {
    const { worker } = yield* Context.get(context, Cluster.Cluster).standing
    yield* Context.get(context, SqlClient)`UPDATE aria_workers SET lease = 0 WHERE id = ${worker}`
    return worker
  })

/** Until something is so. */
export const until = <A, E, R>(look: Effect.Effect<A, E, R>, isSo: (value: A) => boolean): Effect.Effect<A, E, R> =>
  Effect.flatMap(look, (value) => (isSo(value) ? Effect.succeed(value) : Effect.andThen(Effect.sleep(5), until(look, isSo))))

export const withId = (id: string) => Run.configure({ id })

import { storing } from "../storing.ts"
import { Agent, Budget, Journal, Orchestrator, Plan, Progress, Run, Task } from "@aria/orchestrator-core"
import { Context, Effect, Layer, Option, References, Schema, type Scope, type Tracer } from "effect"

/** Comes from the layer of an agent. */
export class Given extends Context.Service<Given, { readonly by: string }>()("test/Given") {}

/** Declared as a dependency, so it comes from the caller. */
export class Asked extends Context.Service<Asked, { readonly by: string }>()("test/Asked") {}

/** What a handler sees of where it stands. */
export interface View {
  readonly info: Run.Info | undefined
  /** The info of a task of a run that the handler starts. */
  readonly inner: Run.Info | undefined
  /** The info that an agent sees which the handler calls. */
  readonly child: Run.Info | undefined
  readonly tokens: number
  /** Names of the regions around it, innermost first. */
  readonly regions: ReadonlyArray<string>
  /** Names of the spans around it, innermost first. */
  readonly spans: ReadonlyArray<string>
  readonly annotations: Readonly<Record<string, unknown>>
  readonly logSpans: ReadonlyArray<string>
  readonly spanAnnotations: Readonly<Record<string, unknown>>
  readonly given: string
  readonly asked: string
}

export class Leaf extends Agent.make("Leaf", { description: "Says where it stands", payload: {}, success: Schema.Unknown }) {
  static readonly layer = this.toLayer(() => Effect.map(Run.Current, Option.getOrUndefined))
}

const spanNames = (span: Tracer.AnySpan | undefined): ReadonlyArray<string> =>
  span?._tag === "Span" ? [span.name, ...spanNames(Option.getOrUndefined(span.parent))] : []

export class Inspector extends Agent.make("Inspector", {
  description: "Says all that it sees",
  payload: {},
  success: Schema.Unknown,
  dependencies: [Asked]
}) {
  static readonly layer = this.toLayer(() =>
    Effect.gen(function*() {
      yield* Progress.report("looking around")
      yield* Effect.addFinalizer(() => Effect.sync(() => finalized.push("Inspector")))
      // More than any foreign region has: refused if one of them were around.
      yield* Budget.reserve({ tokens: 10 }, (reservation) => reservation.settle({ outputTokens: 10 }))
      yield* Run.step("step", { success: Schema.Void }, Effect.void)
      const ledgers = yield* Budget.capture
      const leaf = Task.make("leaf", Leaf, { payload: {} })
      const inner = yield* Orchestrator.run(Plan.make("inner", [leaf]))
      const outcome = inner.outcome(leaf)
      const view: View = {
        info: Option.getOrUndefined(yield* Run.Current),
        inner: outcome._tag === "succeeded" ? outcome.output as Run.Info : undefined,
        child: (yield* Effect.orDie(Leaf.run({}))) as Run.Info | undefined,
        tokens: (yield* Budget.remaining).tokens,
        regions: ledgers.filter(({ owner }) => owner === "region").map(({ name }) => name),
        spans: spanNames(Option.getOrUndefined(yield* Effect.option(Effect.currentSpan))),
        annotations: yield* References.CurrentLogAnnotations,
        logSpans: (yield* References.CurrentLogSpans).map(([name]) => name),
        spanAnnotations: yield* References.TracerSpanAnnotations,
        given: (yield* Given).by,
        asked: (yield* Asked).by
      }
      return view
    })
  )
}

/** The finalizers that ran, of calls. */
export const finalized: Array<string> = []

/** What the listener and the journal of the foreign place saw. */
export const foreign: { readonly events: Array<Progress.Event>; readonly stored: Array<string> } = { events: [], stored: [] }

const journal = storing({ unit: ({ key }, effect) => Effect.andThen(Effect.sync(() => foreign.stored.push(key)), effect) })

type Place = <A>(effect: Effect.Effect<A>) => Effect.Effect<A, unknown, Orchestrator.Orchestrator>

class Builder extends Agent.make("Builder", { description: "Builds", payload: {}, success: Schema.Unknown }) {}

/** Where the layer of an agent may be built, and what nothing of may be seen in its handler. */
export const places: Readonly<Record<string, Place>> = {
  nowhere: (effect) => effect,
  "inside another run": <A>(effect: Effect.Effect<A>) =>
    Effect.gen(function*() {
      let built: Option.Option<A> = Option.none()
      const builder = Builder.toLayer(() =>
        Effect.map(effect, (value) => {
          built = Option.some(value)
        })
      )
      yield* Orchestrator.run(Plan.make("foreign", [Task.make("build", Builder, { payload: {} })])).pipe(Effect.provide(builder))
      return yield* Effect.fromOption(built)
    }).pipe(Run.configure({ userId: "mallory", tags: { foreign: "yes" }, timeout: "1 hour" })),
  "inside a budget": (effect) => effect.pipe(Budget.limit({ tokens: 5 }, { name: "foreign" })),
  "beneath a reservation": (effect) => Budget.reserve({ tokens: 5 }, () => effect).pipe(Budget.limit({ tokens: 5 }, { name: "foreign" })),
  "where somebody listens": (effect) => effect.pipe(Progress.listen((event) => {
    foreign.events.push(event)
  })),
  "where runs are configured": (effect) =>
    effect.pipe(Run.configure({ id: "foreign", userId: "mallory", tags: { foreign: "yes" }, priority: 9, timeout: "1 hour" })),
  "inside a span": (effect) => effect.pipe(Effect.annotateSpans({ foreign: true }), Effect.withSpan("foreign")),
  "where something is stored": (effect) => effect.pipe(Effect.provideService(Journal.Current, journal)),
  "where logs are annotated": (effect) => effect.pipe(Effect.annotateLogs({ foreign: true }), Effect.withLogSpan("foreign"))
}

/** The layers of the agents, built in a place and alive as long as the test. */
export const builtIn = (place: Place): Effect.Effect<
  Context.Context<Agent.Handler<"Inspector"> | Agent.Handler<"Leaf">>,
  unknown,
  Orchestrator.Orchestrator | Scope.Scope
> =>
  Effect.gen(function*() {
    const scope = yield* Effect.scope
    const orchestrator = yield* Orchestrator.Orchestrator
    foreign.events.length = 0
    foreign.stored.length = 0
    finalized.length = 0
    const services = Layer.mergeAll(
      Leaf.layer,
      Layer.succeed(Given, { by: "layer" }),
      Layer.succeed(Asked, { by: "layer" }),
      Layer.succeed(Orchestrator.Orchestrator, orchestrator)
    )
    const layer = Layer.mergeAll(Inspector.layer.pipe(Layer.provide(services)), Leaf.layer)
    return yield* place(Layer.buildWithScope(Layer.fresh(layer), scope))
  })

/**
 * What tasks are carried out with, made for each run of what its settings say: sources are read once a run, a model has one limiter a run.
 * In whatever process a run is gone on with, its tasks get the same.
 */
import { Feeds } from "@aria/adapter-feeds"
import { Operator } from "@aria/agents-operator"
import { Scout } from "@aria/agents-scout"
import { Scribe } from "@aria/agents-scribe"
import type { Calendar, Crm } from "@aria/connectors"
import { type ReceiptStore, Run, SideEffect } from "@aria/orchestrator-core"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as RcMap from "effect/RcMap"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Asking from "./Asking.ts"
import { Brief } from "./Brief.ts"
import * as Calendars from "./Calendars.ts"
import * as DataFile from "./DataFile.ts"
import * as ReadOnce from "./ReadOnce.ts"
import * as Settings from "./Settings.ts"
import * as Spending from "./Spending.ts"
import type * as Watch from "./Watch.ts"

/** Scout and Scribe: by rules and template, or by a model where one was named. */
export const readers = Effect.fnUntraced(function* ({ concurrency, model: choice, sources }: Pick<Settings.Settings, "concurrency" | "model" | "sources">) {
  const feeds = ReadOnce.layer(Feeds.layer({ sources }))
  if (choice === undefined) return Layer.merge(Layer.provide(Scout.Scout.layer, feeds), Scribe.Scribe.layer)
  // what a model needs is only loaded for one
  const Model = yield* Effect.promise(() => import("./Model.ts"))
  const { layer: model, spending } = yield* Model.make(choice, concurrency)
  const scribe = Scribe.Scribe.layerModel({ sources: "required", whenModelFails: "template" })
  return Layer.merge(
    Layer.merge(Layer.provide(Scout.Scout.layerModel(), feeds), scribe).pipe(Layer.provide(model)),
    Layer.succeed(Spending.Current, spending)
  )
})

/** The agents of the plan, and who approves. Calendar, CRM, and the stores of what was done and asked are around it. */
export const agents = (settings: Pick<Settings.Settings, "calendar" | "concurrency" | "model" | "sources">, asking: Parameters<typeof Asking.layer>[0]) =>
  Layer.unwrap(
    Effect.map(readers(settings), (layer) =>
      Layer.mergeAll(layer, Brief.layer, Layer.provide(Operator.Operator.layer, Calendars.layer(settings.calendar)), Asking.layer(asking))
    )
  )

type Agents = ReturnType<typeof agents>
type Outer = Exclude<Layer.Services<Agents>, Calendar.Calendar | Crm.Crm> | ReceiptStore.ReceiptStore

/** Why tasks of a run cannot be carried out in this process. */
export type Failure = Layer.Error<Agents> | Layer.Error<ReturnType<typeof DataFile.layerLocal>>

/** What a run is carried out with, in this process. */
export class Wiring extends Context.Service<
  Wiring,
  {
    /** That of a run, as long as the scope is open; others of the same run share it. */
    readonly of: (runId: string, settings: Settings.Settings) => Effect.Effect<Context.Context<Watch.Provided>, Failure, Scope.Scope>
  }
>()("@aria/demo/Wiring") {}

const asking = (approver: Settings.Approver, hasTerminal: boolean): Parameters<typeof Asking.layer>[0] => {
  if (approver === "yes") return { yes: true, way: "ask" }
  // whoever started it is not here any more, or cannot be asked here
  if (approver === "terminal") return { yes: false, way: hasTerminal ? "ask" : "queue" }
  return { yes: false, way: approver }
}

/** Runs that have nothing under way here are forgotten then. */
const idle = "1 minute"

const codec = Schema.fromJsonString(Schema.toCodecJson(Schema.Struct({ runId: Schema.String, settings: Settings.Settings })))

/** `hasTerminal`: whether the person at the terminal of this process is the one to ask. */
export const layer = ({ hasTerminal }: { readonly hasTerminal: boolean }): Layer.Layer<Wiring, never, Outer> =>
  Layer.effect(Wiring)(
    Effect.gen(function* () {
      const outer = yield* Effect.context<Outer>()
      const files = yield* RcMap.make({
        lookup: (filename: string) => build(DataFile.layerLocal(filename)),
        idleTimeToLive: idle
      })
      const runs = yield* RcMap.make({
        lookup: (key: string) =>
          Effect.gen(function* () {
            const { settings } = yield* Effect.orDie(Schema.decodeEffect(codec)(key))
            const local = yield* RcMap.get(files, settings.data)
            const built = yield* build(Layer.provide(agents(settings, asking(settings.approver, hasTerminal)), Layer.succeedContext(local)))
            return Context.merge(outer, Context.merge(local, built))
          }),
        idleTimeToLive: idle
      })
      return {
        of: (runId, settings) =>
          Effect.flatMap(Effect.orDie(Schema.encodeEffect(codec)({ runId, settings })), (key) => RcMap.get(runs, key))
      }
    })
  )

/** Each with layers of its own: what two runs share is shared on purpose. */
const build = <A, E, R>(layer: Layer.Layer<A, E, R>): Effect.Effect<Context.Context<A>, E, R | Scope.Scope> =>
  Effect.flatMap(Effect.scope, (scope) => Layer.buildWithMemoMap(layer, Layer.makeMemoMapUnsafe(), scope))

/** What the tasks of the demo may write. */
export const allowed = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  self.pipe(
    SideEffect.allow(["calendar.*", "crm.*"]),
    Effect.catchIf(
      (error): error is SideEffect.KindsRefusedError => error instanceof SideEffect.KindsRefusedError,
      Effect.die
    )
  )

/** Calls an agent with what the settings of its run say, wherever the run is carried out. */
export const calling = (settings: Settings.Settings) =>
  <A, E>(call: Effect.Effect<A, E, Watch.Provided>): Effect.Effect<A, E, Wiring> =>
    Effect.scoped(
      Effect.gen(function* () {
        const { of } = yield* Wiring
        const runId = Option.match(yield* Run.Current, { onNone: () => "", onSome: ({ rootRunId }) => rootRunId })
        const context = yield* Effect.orDie(of(runId, settings))
        return yield* Effect.provideContext(call, context).pipe(allowed)
      })
    )

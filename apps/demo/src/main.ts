/** The demo: watch companies in news feeds, then write a brief. `npm start -- --help` says what else it can do. */
import { Feeds } from "@aria/adapter-feeds"
import { Operator } from "@aria/agents-operator"
import { Scout } from "@aria/agents-scout"
import { Scribe } from "@aria/agents-scribe"
import { Orchestrator, SideEffect } from "@aria/orchestrator-core"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { Command } from "effect/cli"
import * as Asking from "./Asking.ts"
import { Brief } from "./Brief.ts"
import * as Calendars from "./Calendars.ts"
import * as Cli from "./Cli.ts"
import * as Approvals from "./commands/Approvals.ts"
import * as Audit from "./commands/Audit.ts"
import * as Operate from "./commands/Operate.ts"
import * as Receipts from "./commands/Receipts.ts"
import * as DataFile from "./DataFile.ts"
import * as Execution from "./Execution.ts"
import * as PlanFile from "./PlanFile.ts"
import * as Program from "./Program.ts"
import * as ReadOnce from "./ReadOnce.ts"
import * as Spending from "./Spending.ts"
import { Watch } from "./Watch.ts"
import * as WatchList from "./WatchList.ts"

/** Scout and Scribe: by rules and template, or by a model where one was named. */
const readers = Effect.fnUntraced(function* ({ concurrency, model: choice, sources }: Cli.Options) {
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

/** What a plan runs on: its agents, what they read and write, who approves, and an orchestrator that keeps the limits. */
const services = (options: Cli.Options) =>
  Layer.unwrap(
    Effect.map(readers(options), (layer) => {
      const { approvals, calendar, concurrency, data, maxCalls, model, timeout, yes } = options
      return Layer.mergeAll(
        layer,
        Brief.layer,
        Layer.provide(Operator.Operator.layer, Calendars.layer(calendar)),
        Asking.layer({ yes, way: approvals }),
        Orchestrator.layerWith({ concurrency, limits: { calls: maxCalls, tokens: model?.maxTokens, usd: model?.maxUsd }, runTimeout: timeout })
      ).pipe(Layer.provideMerge(DataFile.layer(data)))
    })
  )

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone

const demo = Effect.fn("demo")(
  function* (options: Cli.Options) {
    if (Option.isSome(options.plan)) {
      const plan = yield* PlanFile.read(options.plan.value, [Scout.Scout, Brief, Scribe.Scribe, Operator.Operator])
      return yield* Execution.run(options, plan)
    }
    const companies = yield* WatchList.read(options.watch)
    const { followUps: count, minScore, now, since } = options
    const writer = options.model === undefined ? "template" : "model"
    const from = yield* DateTime.now
    yield* Execution.run(options, Watch, { companies, minScore, now, since, writer, followUps: { count, from, zone } })
  },
  SideEffect.allow(["calendar.*", "crm.*"]),
  (effect, options) => Effect.provide(effect, services(options))
)

export const command = Cli.command(demo).pipe(Command.withSubcommands([Operate.command, Approvals.command, Receipts.command, Audit.command]))

if (import.meta.main) {
  command.pipe(
    Command.run({ version: "0.0.0" }),
    Effect.provide([Cli.layer, NodeServices.layer, NodeHttpClient.layerUndici]),
    Program.run
  )
}

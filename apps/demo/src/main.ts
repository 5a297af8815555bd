/** The demo: watch companies in news feeds, then write a brief. `npm start -- --help` says what else it can do. */
import { Operator } from "@aria/agents-operator"
import { Scout } from "@aria/agents-scout"
import { Scribe } from "@aria/agents-scribe"
import { Orchestrator } from "@aria/orchestrator-core"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { Command } from "effect/cli"
import { Brief } from "./Brief.ts"
import * as Cli from "./Cli.ts"
import * as Approvals from "./commands/Approvals.ts"
import * as Audit from "./commands/Audit.ts"
import * as Operate from "./commands/Operate.ts"
import * as Receipts from "./commands/Receipts.ts"
import * as Runs from "./commands/Runs.ts"
import * as Worker from "./commands/Worker.ts"
import * as DataFile from "./DataFile.ts"
import * as Execution from "./Execution.ts"
import * as PlanFile from "./PlanFile.ts"
import * as Program from "./Program.ts"
import { Watch } from "./Watch.ts"
import * as WatchList from "./WatchList.ts"
import * as Wiring from "./Wiring.ts"

/** What a plan in memory runs on: its agents, what they read and write, who approves, and an orchestrator that keeps the limits. */
const services = (options: Cli.Options) => {
  const { approvals, concurrency, data, maxCalls, model, timeout, yes } = options
  return Layer.merge(
    Wiring.agents(options, { yes, way: approvals }),
    Orchestrator.layerWith({ concurrency, limits: { calls: maxCalls, tokens: model?.maxTokens, usd: model?.maxUsd }, runTimeout: timeout })
  ).pipe(Layer.provideMerge(DataFile.layer(data)))
}

const agents = [Scout.Scout, Brief, Scribe.Scribe, Operator.Operator] as const

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone

/** What is looked for, and what is to follow. */
const inputOf = Effect.fn("inputOf")(function* (options: Cli.Options) {
  const companies = yield* WatchList.read(options.watch)
  const { followUps: count, minScore, now, since } = options
  const writer = options.model === undefined ? ("template" as const) : ("model" as const)
  const from = yield* DateTime.now
  return { companies, minScore, now, since, writer, followUps: { count, from, zone } }
})

const inMemory = Effect.fn("inMemory")(
  function* (options: Cli.Options) {
    if (Option.isNone(options.plan)) return yield* Execution.run(options, Watch, yield* inputOf(options))
    yield* Execution.run(options, yield* PlanFile.read(options.plan.value, agents))
  },
  (effect, options) => Effect.provide(Wiring.allowed(effect), services(options))
)

const demo = Effect.fn("demo")(function* (options: Cli.Options) {
  if (options.store === undefined) return yield* inMemory(options)
  // what a store needs is only loaded for one
  const Durable = yield* Effect.promise(() => import("./Durable.ts"))
  if (Option.isNone(options.plan)) return yield* Durable.watch(options, options.store, yield* inputOf(options))
  yield* Durable.file(options, options.store, yield* PlanFile.read(options.plan.value, agents))
})

export const command = Cli.command(demo).pipe(Command.withSubcommands([Operate.command, Approvals.command, Receipts.command, Audit.command, Runs.command, Worker.command]))

if (import.meta.main) {
  command.pipe(
    Command.run({ version: "0.0.0" }),
    Effect.provide([Cli.layer, NodeServices.layer, NodeHttpClient.layerUndici]),
    Program.run
  )
}

/** The demo: watch companies in news feeds, then write a brief. `npm start -- --help` says what else it can do. */
import { Feeds } from "@aria/adapter-feeds"
import { Entity, Scout } from "@aria/agents-scout"
import { Orchestrator, Plan, Task } from "@aria/orchestrator-core"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { Command } from "effect/cli"
import { Brief } from "./Brief.ts"
import * as Cli from "./Cli.ts"
import * as Execution from "./Execution.ts"
import * as PlanFile from "./PlanFile.ts"
import * as Program from "./Program.ts"
import * as ReadOnce from "./ReadOnce.ts"
import * as WatchList from "./WatchList.ts"

const Input = Schema.Struct({
  companies: Schema.NonEmptyArray(Entity.Entity),
  minScore: Schema.Finite,
  since: Schema.UndefinedOr(Schema.DateTimeUtcFromString),
  now: Schema.UndefinedOr(Schema.DateTimeUtcFromString)
})

/** Scout looks for each company, side by side; when all have ended, one brief tells what they found. */
export const Watch = Plan.make("watch", { version: "1", input: Input }, ({ companies, minScore, now, since }) => {
  const signals = Task.forEach("signals", Scout.Scout, {
    items: () => companies.map((company) => ({ entities: [company] as const, minScore, now, since })),
    key: ({ entities: [company] }) => Entity.nameOf(company)
  })
  const brief = Task.make("brief", Brief, {
    dependsOn: [signals],
    payload: ({ signals }) => ({ companies: companies.map(Entity.nameOf), found: signals })
  })
  return [brief]
})

/** What a plan runs on: its agents, the sources they read, and an orchestrator that keeps the limits. */
const services = ({ concurrency, maxCalls, sources, timeout }: Cli.Options) =>
  Layer.mergeAll(
    Layer.provide(Scout.Scout.layer, ReadOnce.layer(Feeds.layer({ sources }))),
    Brief.layer,
    Orchestrator.layerWith({ concurrency, limits: { calls: maxCalls }, runTimeout: timeout })
  )

const demo = Effect.fn("demo")(
  function* (options: Cli.Options) {
    if (Option.isSome(options.plan)) {
      const plan = yield* PlanFile.read(options.plan.value, [Scout.Scout, Brief])
      return yield* Execution.run(options, plan)
    }
    const companies = yield* WatchList.read(options.watch)
    const { minScore, now, since } = options
    yield* Execution.run(options, Watch, { companies, minScore, now, since })
  },
  (effect, options) => Effect.provide(effect, services(options))
)

export const command = Cli.command(demo)

if (import.meta.main) {
  command.pipe(
    Command.run({ version: "0.0.0" }),
    Effect.provide([Cli.layer, NodeServices.layer, NodeHttpClient.layerUndici]),
    Program.run
  )
}

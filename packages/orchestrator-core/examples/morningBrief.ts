import { Agent, Budget, Orchestrator, Plan, Progress, Task } from "@aria/orchestrator-core"
import { Effect, Option, Schema } from "effect"

// Agents: what goes in, what comes out, and how it is done. Any of them may be somebody else's package.
class Scout extends Agent.make("Scout", {
  description: "Finds what concerns a company",
  payload: { entities: Schema.NonEmptyArray(Schema.String) },
  success: { signals: Schema.Array(Schema.String) }
}) {
  static readonly layer = this.toLayer(({ entities }) => Effect.succeed({ signals: [`${entities[0]} opens a plant`] }))
}
class Calendar extends Agent.make("Calendar", {
  description: "Reads the day's meetings",
  payload: { day: Schema.String },
  success: Schema.Array(Schema.String),
  error: Schema.String
}) {
  static readonly layer = this.toLayer(() => Effect.fail("the calendar is down"))
}
class Scribe extends Agent.make("Scribe", {
  description: "Writes a brief",
  payload: { signals: Schema.Array(Schema.String), meetings: Schema.Array(Schema.String) },
  success: Schema.String
}) {
  static readonly layer = this.toLayer(({ meetings, signals }) =>
    // Asks before it spends: a call that does not fit into every budget around it is not made.
    Budget.reserve({ inputTokens: 200, outputTokens: 400, calls: 1, usd: 0.01 }, (reservation) =>
      Effect.as(reservation.settle({ inputTokens: 180, outputTokens: 40, calls: 1, usd: 0.002 }), [...signals, ...meetings].join("; "))
    )
  )
}

// The plan: companies are watched side by side; the brief waits for them, and does without the calendar if it must.
const MorningBrief = Plan.make(
  "morning-brief",
  { version: "1", input: Schema.Struct({ companies: Schema.NonEmptyArray(Schema.String) }) },
  ({ companies }) => {
    const signals = Task.forEach("signals", Scout, {
      items: () => companies.map((name) => ({ entities: [name] })),
      key: (payload) => payload.entities[0]
    })
    const meetings = Task.make("meetings", Calendar, {
      payload: { day: "2026-11-23" },
      timeout: "30 seconds",
      policy: (call) => Effect.retry(call, { times: 2 })
    })
    const brief = Task.make("brief", Scribe, {
      dependsOn: [signals, Task.optional(meetings)],
      payload: ({ meetings, signals }) => ({
        signals: signals.flatMap((found) => found.signals),
        meetings: Option.getOrElse(meetings, () => [])
      })
    })
    return [brief]
  }
)

const program = Effect.gen(function* () {
  const result = yield* Orchestrator.run(MorningBrief, { companies: ["Acme Corp", "Beta Inc"] })
  console.log(`${result.successCount} of ${result.results.length} tasks, ${result.usage.tokens} tokens, ${result.usage.usd} dollars`)
  const { brief } = yield* result.outputs
  console.log(brief)
}).pipe(
  Progress.listen((event) => console.log(event._tag, "taskId" in event ? event.taskId : "")),
  Budget.limit({ tokens: 200_000, usd: 2.5 })
)

await Effect.runPromise(program.pipe(Effect.provide([Scout.layer, Calendar.layer, Scribe.layer, Orchestrator.layer])))

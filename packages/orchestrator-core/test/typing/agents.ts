import { Agent } from "@aria/orchestrator-core"
import { Context, Effect, Layer, Schema } from "effect"

export class SourceUnavailableError extends Schema.TaggedError<SourceUnavailableError>()("SourceUnavailableError", {
  source: Schema.String
}) {}

export class CalendarError extends Schema.TaggedError<CalendarError>()("CalendarError", { why: Schema.String }) {}

export class Feeds extends Context.Service<Feeds, {
  readonly read: (name: string) => Effect.Effect<ReadonlyArray<string>, SourceUnavailableError>
}>()("test/Feeds") {
  static readonly layer = Layer.succeed(this, { read: (name) => Effect.succeed([`${name} ships`]) })
}

export class Approval extends Context.Service<Approval, { readonly ask: (what: string) => Effect.Effect<boolean> }>()("test/Approval") {
  static readonly granted = Layer.succeed(this, { ask: () => Effect.succeed(true) })
}

/** Its handler is made in an effect, so its service comes from the layer. */
export class Scout extends Agent.make("Scout", {
  description: "Watches companies",
  payload: { entities: Schema.NonEmptyArray(Schema.String), since: Schema.optionalKey(Schema.String) },
  success: { signals: Schema.Array(Schema.String) },
  error: SourceUnavailableError
}) {
  static readonly layer = this.toLayer(Effect.gen(function*() {
    const feeds = yield* Feeds
    return Scout.of(Effect.fn("Scout")(function*({ entities }) {
      return { signals: yield* feeds.read(entities[0]) }
    }))
  }))
}

/** Its approval is a declared dependency, so it comes from whoever runs it. */
export class Operator extends Agent.make("Operator", {
  description: "Works the calendar",
  payload: {
    operationType: Schema.Literals(["calendar_read", "calendar_write"]),
    parameters: Schema.Struct({ startDate: Schema.String })
  },
  success: { events: Schema.Array(Schema.String) },
  error: CalendarError,
  dependencies: [Approval]
}) {
  static readonly layer = this.toLayer(({ operationType, parameters }) =>
    Effect.gen(function*() {
      const approval = yield* Approval
      if (!(yield* approval.ask(operationType))) return yield* new CalendarError({ why: "refused" })
      return { events: [parameters.startDate] }
    })
  )
}

export class Scribe extends Agent.make("Scribe", {
  description: "Writes",
  payload: { signals: Schema.Array(Schema.String), events: Schema.Array(Schema.String), tone: Schema.optionalKey(Schema.String) },
  success: Schema.String
}) {
  static readonly layer = this.toLayer(({ events, signals }) => Effect.succeed([...signals, ...events].join("; ")))
}

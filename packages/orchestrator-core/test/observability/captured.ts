import { Effect, Logger, Metric, Option, References, Tracer } from "effect"

/** Runs an effect with a tracer of its own and gives its spans in the order of their starts. */
export const traced = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<{ readonly value: A; readonly spans: ReadonlyArray<Tracer.NativeSpan> }, E, R> =>
  Effect.suspend(() => {
    const spans: Array<Tracer.NativeSpan> = []
    const tracer = Tracer.make({
      span(options) {
        const span = new Tracer.NativeSpan(options)
        spans.push(span)
        return span
      }
    })
    return self.pipe(Effect.provideService(Tracer.Tracer, tracer), Effect.map((value) => ({ value, spans })))
  })

/** The spans as lines, children indented beneath their parents. */
export const tree = (spans: ReadonlyArray<Tracer.NativeSpan>): ReadonlyArray<string> => {
  const lines = (parent: string | undefined, depth: number): ReadonlyArray<string> =>
    spans.flatMap((span) =>
      Option.getOrUndefined(span.parent)?.spanId === parent ? [`${"  ".repeat(depth)}${span.name}`, ...lines(span.spanId, depth + 1)] : []
    )
  return lines(undefined, 0)
}

export const named = (spans: ReadonlyArray<Tracer.NativeSpan>, name: string): ReadonlyArray<Readonly<Record<string, unknown>>> =>
  spans.filter((span) => span.name === name).map(({ attributes }) => Object.fromEntries(attributes))

/** The metrics of one program: a registry of its own. */
export const measured = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.suspend(() => Effect.provideService(self, Metric.MetricRegistry, new Map()))

/** The state of a metric by its attributes: what was counted, what a gauge shows, how often a histogram was told. */
export const metric = (id: string): Effect.Effect<Readonly<Record<string, number>>> =>
  Effect.map(Metric.snapshot, (all) =>
    Object.fromEntries(
      all
        .filter((one) => one.id === id)
        .map(({ attributes, state }) => [
          Object.entries(attributes ?? {}).map(([key, value]) => `${key}=${value}`).sort().join(" "),
          Number("value" in state ? state.value : "count" in state ? state.count : Number.NaN)
        ])
    ))

export interface Line {
  readonly message: string
  readonly annotations: Readonly<Record<string, unknown>>
}

/** Runs an effect and gives what it logged. */
export const logged = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<ReadonlyArray<Line>, E, R> =>
  Effect.suspend(() => {
    const lines: Array<Line> = []
    const logger = Logger.make(({ fiber, message }) => {
      lines.push({ message: String(message), annotations: { ...fiber.getRef(References.CurrentLogAnnotations) } })
    })
    return self.pipe(Effect.provide(Logger.layer([logger]), { local: true }), Effect.as(lines))
  })

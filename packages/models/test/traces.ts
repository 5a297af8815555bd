import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import * as Option from "effect/Option"
import * as Tracer from "effect/Tracer"

/** Keeps all spans in the order of their starts. */
export const collector = () => {
  const spans: Array<Tracer.NativeSpan> = []
  const tracer = Tracer.make({
    span: (options) => {
      const span = new Tracer.NativeSpan(options)
      spans.push(span)
      return span
    }
  })
  return { spans, traced: <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.withTracer(self, tracer) }
}

/** The spans as lines, children indented beneath their parents. */
export const tree = (spans: ReadonlyArray<Tracer.NativeSpan>): ReadonlyArray<string> => {
  const lines = (parent: string | undefined, depth: number): ReadonlyArray<string> =>
    spans.flatMap((span) =>
      Option.getOrUndefined(span.parent)?.spanId === parent
        ? [`${"  ".repeat(depth)}${span.name}`, ...lines(span.spanId, depth + 1)]
        : []
    )
  return lines(undefined, 0)
}

export const attributes = (span: Tracer.NativeSpan): Readonly<Record<string, unknown>> =>
  Object.fromEntries(span.attributes)

export const named = (spans: ReadonlyArray<Tracer.NativeSpan>, start: string): ReadonlyArray<Tracer.NativeSpan> =>
  spans.filter(({ name }) => name.startsWith(start))

/** Everything of a span that an exporter could write down, its end included. */
export const textOf = ({ attributes, events, name, status }: Tracer.NativeSpan): string => {
  const exit = status._tag === "Ended" ? status.exit : undefined
  const end =
    exit === undefined
      ? "not ended"
      : exit._tag === "Success"
        ? JSON.stringify(exit.value)
        : `${Cause.pretty(exit.cause)} ${JSON.stringify(exit.cause)}`
  return `${name} ${JSON.stringify([...attributes])} ${JSON.stringify(events.map(([name, , more]) => [name, more]))} ${end}`
}

/** The metrics of one program: a registry of its own. */
export const measured = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.suspend(() => Effect.provideService(self, Metric.MetricRegistry, new Map()))

export interface Series {
  readonly attributes: Readonly<Record<string, string>>
  readonly count: number
  readonly sum: number
  readonly boundaries: ReadonlyArray<number>
}

/** The series of a histogram, without their units. */
export const histogram = (id: string): Effect.Effect<ReadonlyArray<Series>> =>
  Effect.map(Metric.snapshot, (all) =>
    all.flatMap((one) => {
      if (one.id !== id || one.type !== "Histogram") return []
      const { unit: _, ...attributes } = one.attributes ?? {}
      const { buckets, count, sum } = one.state
      return [{ attributes: attributes as Record<string, string>, count, sum, boundaries: buckets.map(([at]) => at) }]
    })
  )

/** How often the durations of calls were told, by their error. */
export const durations = Effect.map(histogram("gen_ai.client.operation.duration"), (all) => {
  const counts: Record<string, number> = {}
  for (const { attributes, count } of all) {
    const type = attributes["error.type"] ?? "none"
    counts[type] = (counts[type] ?? 0) + count
  }
  return counts
})

/** What was told of tokens, by their type. */
export const tokens = Effect.map(histogram("gen_ai.client.token.usage"), (all) => {
  const sums: Record<string, number> = {}
  for (const { attributes, sum } of all) {
    const type = attributes["gen_ai.token.type"] ?? "?"
    sums[type] = (sums[type] ?? 0) + sum
  }
  return sums
})

import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Tracer from "effect/Tracer"

/**
 * effect's span of a model call, under OpenTelemetry's name. It stays one span, so that what the provider writes on it is not counted
 * twice.
 */
export const asChat =
  (model: string | undefined, onSpan: (span: Tracer.Span) => void) =>
  <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.contextWith((context: Context.Context<R>) => {
      const tracer = Context.get(context, Tracer.Tracer)
      return Effect.withTracer(
        self,
        Tracer.make({
          ...(tracer.context === undefined ? {} : { context: tracer.context.bind(tracer) }),
          span: (options) => {
            if (!options.name.startsWith("LanguageModel.")) return tracer.span(options)
            const span = tracer.span({ ...options, name: model === undefined ? "chat" : `chat ${model}` })
            onSpan(span)
            return span
          }
        })
      )
    })

/**
 * The same span, but for what `Toolkit.handle` writes on it before it calls the handler: the arguments, which are not for traces. What
 * the handler writes comes later, and stays.
 */
export const discreet = (span: Tracer.Span): Tracer.Span => {
  const dropped = new Set(["tool", "parameters"])
  const attribute = (key: string, value: unknown): void => {
    if (!dropped.delete(key)) span.attribute(key, value)
  }
  return new Proxy(span, {
    get: (target, key) => {
      if (key === "attribute") return attribute
      // Read from the span itself: its ids are made when they are first asked for, and must not become another's.
      const value: unknown = Reflect.get(target, key, target)
      return typeof value === "function" ? value.bind(target) : value
    }
  })
}

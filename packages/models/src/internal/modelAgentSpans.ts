import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Tracer from "effect/Tracer"

/** The same span with some of its methods replaced. */
const replacing = (span: Tracer.Span, methods: Partial<Tracer.Span>): Tracer.Span =>
  new Proxy(span, {
    get: (target, key) => {
      if (Object.hasOwn(methods, key)) return Reflect.get(methods, key)
      // Read from the span itself: its ids are made when they are first asked for, and must not become another's.
      const value: unknown = Reflect.get(target, key, target)
      return typeof value === "function" ? value.bind(target) : value
    }
  })

/** What is written on the span of a model call. */
export interface ChatSpan {
  readonly model: string | undefined
  readonly onStart: (span: Tracer.Span) => void
  /** The last moment in which it can be written on. */
  readonly onEnd: (span: Tracer.Span, exit: Exit.Exit<unknown, unknown>) => void
}

/**
 * effect's span of a model call, under OpenTelemetry's name. It stays one span, so that what the provider writes on it is not counted
 * twice.
 */
export const asChat =
  ({ model, onEnd, onStart }: ChatSpan) =>
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
            onStart(span)
            return replacing(span, {
              end: (endTime, exit) => {
                onEnd(span, exit)
                span.end(endTime, exit)
              }
            })
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
  return replacing(span, {
    attribute: (key, value) => {
      if (!dropped.delete(key)) span.attribute(key, value)
    }
  })
}

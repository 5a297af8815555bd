import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as References from "effect/References"
import * as Stream from "effect/Stream"
import * as Tracer from "effect/Tracer"
import type * as LanguageModel from "effect/ai/LanguageModel"
import * as Prompt from "effect/ai/Prompt"
import { Answer } from "./answer.ts"
import type { AnswerPart } from "./chatMessages.ts"
import * as chat from "./chatSpan.ts"
import { replacing, SpansRef, withoutText } from "./spanText.ts"
import { withToolSpans } from "./toolSpan.ts"
import { CallRef, type WatchedCall } from "./watchedCall.ts"

export interface Names {
  readonly provider?: string | undefined
  readonly model?: string | undefined
}

/** effect's options of a call, whatever its types. */
type Options = Readonly<Record<string, any>>

/** The span that effect makes for a call of the service, and that of models that stand for several. */
const isOfService = (name: string): boolean => name.startsWith("LanguageModel.") || name === "fallback"

/** One call of the service: from its beginning to its end, tools that effect runs for it included. */
class Call implements WatchedCall {
  isTold = false
  readonly services: Context.Context<never>
  private readonly names: Names
  private readonly options: Options
  private readonly isStream: boolean
  private readonly isContent: boolean
  private readonly began: chat.Began
  private readonly answer: Answer
  /** What effect or the provider write of the exchange on the span of the service. */
  private readonly held = new Map<string, unknown>()
  private around: Tracer.Span | undefined
  /** When effect began to run tools, of answers that are not streamed: then the answer had come. */
  private answered: chat.Began | undefined

  constructor(services: Context.Context<never>, names: Names, options: Options, isStream: boolean) {
    this.services = services
    this.names = names
    this.options = options
    this.isStream = isStream
    this.isContent = Context.get(services, SpansRef) === "content"
    this.answer = new Answer(this.isContent)
    this.began = chat.now(services)
    // Whoever watches around this one has nothing more to tell.
    const outer = Context.get(services, CallRef)
    if (outer !== undefined) outer.isTold = true
  }

  /** What the call works with: it is known, and its span can be told from all others. */
  readonly within = <R>(context: Context.Context<R>): Context.Context<R> =>
    Context.add(Context.add(context, CallRef, this), Tracer.Tracer, this.tracer(Context.get(context, Tracer.Tracer)))

  private tracer(tracer: Tracer.Tracer): Tracer.Tracer {
    return Tracer.make({
      ...(tracer.context === undefined ? {} : { context: tracer.context.bind(tracer) }),
      span: (options) => {
        if (this.around !== undefined || !isOfService(options.name)) return tracer.span(options)
        const span = tracer.span(options)
        this.around = span
        return replacing(span, {
          attribute: (key, value) => {
            if (key.startsWith("gen_ai.")) this.held.set(key, value)
            else span.attribute(key, value)
          },
          end: (time, exit) => {
            if (this.isTold) for (const [key, value] of this.held) span.attribute(key, value)
            span.end(time, this.isContent ? exit : withoutText(exit))
          }
        })
      }
    })
  }

  /** The request with a toolkit whose calls have spans. */
  request(): any {
    const { toolkit } = this.options
    if (toolkit === undefined) return this.options
    const watch = (kit: any) => {
      const spanned = withToolSpans(kit)
      return {
        ...spanned,
        ...(spanned.handle === undefined
          ? {}
          : {
              handle: (...call: ReadonlyArray<any>) =>
                Effect.suspend(() => {
                  this.answered ??= chat.now(this.services)
                  return Effect.map(spanned.handle(...call), this.beneath)
                })
            })
      }
    }
    return { ...this.options, toolkit: Effect.isEffect(toolkit) ? Effect.map(toolkit, watch) : watch(toolkit) }
  }

  /** effect runs the tools of a stream beside its span, and not beneath it. */
  private readonly beneath = (results: Stream.Stream<unknown, unknown, unknown>) =>
    this.isStream && this.around !== undefined
      ? Stream.provideService(results, Tracer.ParentSpan, this.around)
      : results

  note(parts: ReadonlyArray<AnswerPart>): void {
    this.answer.note(parts)
  }

  /** Tells of the exchange, where nobody in it did. */
  end(exit: Exit.Exit<unknown, unknown>): void {
    if (this.isTold) return
    const { answer, began, held, isStream, names, options, services } = this
    const told = (key: string): string | undefined => {
      const value = held.get(key)
      return typeof value === "string" ? value : undefined
    }
    const asked: chat.Asked = {
      operation: "chat",
      provider: names.provider ?? told("gen_ai.provider.name") ?? "unknown",
      model: names.model ?? told("gen_ai.request.model"),
      isStream,
      ...(this.isContent ? { prompt: Prompt.make(options["prompt"]) } : {})
    }
    answer.model ??= told("gen_ai.response.model")
    const hadAnswer = !isStream && this.answered !== undefined
    const ended = hadAnswer ? this.answered! : chat.now(services)
    const span = this.span(asked)
    // What a tool failed with is no failure of the exchange that wanted it.
    chat.end({ asked, span, began, ended, services }, answer, answer.usage, hadAnswer ? Exit.void : exit)
  }

  /** A span for what is over, beneath that of the service; none where that was not traced. */
  private span(asked: chat.Asked): Tracer.Span | undefined {
    const { around, services } = this
    if (around === undefined) return undefined
    const span = Context.get(services, Tracer.Tracer).span({
      name: chat.nameOf(asked),
      parent: Option.some(around),
      annotations: Context.empty(),
      links: [...Context.get(services, References.TracerSpanLinks)],
      startTime: Context.get(services, References.TracerTimingEnabled) ? this.began.wall : 0n,
      kind: "client",
      root: false,
      sampled: around.sampled
    })
    const attributes = { ...Context.get(services, References.TracerSpanAnnotations), ...chat.attributesOf(asked, services) }
    for (const [key, value] of [...Object.entries(attributes), ...this.held]) span.attribute(key, value)
    return span
  }
}

const observedModels = new WeakSet<LanguageModel.LanguageModel>()

/** Documented where it is public, in `Telemetry`. */
export const observed = (model: LanguageModel.LanguageModel, names: Names = {}): LanguageModel.LanguageModel => {
  if (observedModels.has(model)) return model
  const inner: any = model
  const whole = (method: "generateText" | "generateObject") => (options: Options) =>
    Effect.contextWith((services: Context.Context<never>) => {
      const call = new Call(services, names, options, false)
      const made: Effect.Effect<{ readonly content: ReadonlyArray<AnswerPart> }, unknown> = inner[method](call.request())
      return Effect.onExit(Effect.updateContext(made, call.within), (exit) =>
        Effect.sync(() => {
          if (Exit.isSuccess(exit)) call.note(exit.value.content)
          call.end(exit)
        })
      )
    })
  const streamed = (options: Options) =>
    Stream.unwrap(
      Effect.contextWith((services: Context.Context<never>) => {
        const call = new Call(services, names, options, true)
        const made: Stream.Stream<AnswerPart, unknown> = inner.streamText(call.request())
        return Effect.succeed(
          made.pipe(
            Stream.updateContext(call.within),
            Stream.mapArray((parts) => {
              call.note(parts)
              return parts
            }),
            Stream.onExit((exit) => Effect.sync(() => call.end(exit)))
          )
        )
      })
    )
  const made: any = { ...inner, generateText: whole("generateText"), generateObject: whole("generateObject"), streamText: streamed }
  observedModels.add(made)
  return made
}

import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Tracer from "effect/Tracer"
import type * as AiError from "effect/ai/AiError"
import * as LanguageModel from "effect/ai/LanguageModel"
import type * as Response from "effect/ai/Response"
import { Attempts } from "./fallbackAttempts.ts"
import { type Candidate, Chosen } from "./fallbackCandidate.ts"
import { CallRef } from "./watchedCall.ts"

/** Where the finish part says who answered. */
export const key = "aria"

type Options = Readonly<Record<string, any>>

/** The same options, with a toolkit that tells when it begins a tool. */
const watched = (options: Options, attempts: Attempts): Options => {
  const { toolkit } = options
  if (toolkit === undefined) return options
  const watch = (kit: any) => ({
    ...kit,
    handle: (...call: ReadonlyArray<unknown>) =>
      Effect.suspend(() => {
        attempts.hasBegun = true
        return kit.handle(...call)
      })
  })
  return { ...options, toolkit: Effect.isEffect(toolkit) ? Effect.map(toolkit, watch) : watch(toolkit) }
}

const marked = <P extends { readonly type: string }>(part: P, attempts: Attempts): P => {
  if (part.type !== "finish") return part
  const finish = part as unknown as Response.FinishPart
  const fallback = {
    model: attempts.model,
    failed: attempts.failures.map(({ error, model }) => ({ model, reason: error.reason._tag })),
    resting: [...attempts.resting]
  }
  return { ...part, metadata: { ...finish.metadata, [key]: { fallback } } }
}

/** Who it was is no part of an answer: it is told once that has begun, and another model may still be asked until then. */
const fromContent = <E, R>(
  stream: Stream.Stream<Response.AnyPart, E, R>,
  onBegin: () => void
): Stream.Stream<Response.AnyPart, E, R> =>
  Stream.suspend(() => {
    const held: Array<Response.AnyPart> = []
    let hasBegun = false
    return Stream.mapAccum(
      stream,
      () => undefined,
      (state, part) => {
        if (hasBegun) return [state, [part]] as const
        held.push(part)
        hasBegun = part.type !== "response-metadata"
        if (hasBegun) onBegin()
        return [state, hasBegun ? held : []] as const
      }
    ).pipe(Stream.concat(Stream.suspend(() => (hasBegun ? Stream.empty : Stream.fromIterable(held)))))
  })

export const fallbackModel = (
  candidates: readonly [Candidate, ...Array<Candidate>],
  isCurable: (error: AiError.AiError) => boolean
): LanguageModel.LanguageModel => {
  const begin = (span: Tracer.Span) =>
    Effect.flatMap(CallRef, (around) => {
      // Each model's own calls are told: this one is none of them, also if it ends before the first of them begins.
      if (around !== undefined) around.isTold = true
      return Effect.map(
        Clock.Clock,
        (clock) => new Attempts(candidates, isCurable, span, () => clock.currentTimeMillisUnsafe())
      )
    })

  const whole = (
    options: Options,
    call: (model: any, options: Options) => Effect.Effect<any, unknown, unknown>,
    again: (response: any, content: Array<any>) => unknown
  ) =>
    Effect.useSpan("fallback", (span) =>
      Effect.flatMap(begin(span), (attempts) =>
        Effect.flatMap(Chosen, ({ model }) => {
          const made = call(model, watched(options, attempts))
          return attempts.turn()?.effect(made) ?? made
        }).pipe(
          Effect.withExecutionPlan(attempts.plan, { onEvent: attempts.onEvent }),
          Effect.mapBoth({
            onFailure: attempts.told,
            onSuccess: (response) =>
              again(
                response,
                response.content.map((part: any) => marked(part, attempts))
              )
          }),
          Effect.withParentSpan(span, { captureStackTrace: false })
        )
      )
    )

  const streamed = (options: Options) =>
    Effect.gen(function* () {
      const span = yield* Effect.makeSpanScoped("fallback")
      const attempts = yield* begin(span)
      return Stream.unwrap(
        Effect.map(Chosen, ({ model }) => {
          const turn = attempts.turn()
          const made: Stream.Stream<Response.AnyPart, unknown> = model.streamText(watched(options, attempts) as any)
          const parts = fromContent(made, () => turn?.over())
          return turn?.stream(parts) ?? parts
        })
      ).pipe(
        Stream.withExecutionPlan(attempts.plan, { onEvent: attempts.onEvent, preventFallbackOnPartialStream: true }),
        Stream.map((part) => marked(part, attempts)),
        Stream.mapError(attempts.told),
        Stream.provideService(Tracer.ParentSpan, span)
      )
    }).pipe(Stream.unwrap)

  const supports = candidates.map(({ model }) => model.supportsSystemMessagesInHistory)
  return {
    [LanguageModel.TypeId]: LanguageModel.TypeId,
    // What one of them may not take is not asked of any.
    supportsSystemMessagesInHistory: supports.every((one) => one !== undefined)
      ? Effect.map(Effect.all(supports), (all) => all.every((one) => one))
      : undefined,
    generateText: ((options: Options) =>
      whole(
        options,
        (model, request) => model.generateText(request),
        (_, content) => new LanguageModel.GenerateTextResponse(content)
      )) as any,
    generateObject: ((options: Options) =>
      whole(
        options,
        (model, request) => model.generateObject(request),
        ({ value }, content) => new LanguageModel.GenerateObjectResponse(value, content)
      )) as any,
    streamText: ((options: Options) => streamed(options)) as any
  }
}

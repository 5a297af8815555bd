/**
 * Watches the calls of a model, from both sides of what guards them: what failed for good is noted, and where every other call would
 * fail the same way, nothing more is sent and nobody waits any longer.
 */
import { type Metered, Refusal } from "@aria/models"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { AiError } from "effect/ai"

/** What is to be told of calls. */
export interface Notes {
  /** A call is about to be made, in the run that this is part of. */
  readonly calling: Effect.Effect<void>
  /** A call has failed, after all retries. */
  readonly failed: (message: string) => Effect.Effect<void>
}

/** One call, which may be several requests: the one that is out now, if any. */
interface Call {
  open: Deferred.Deferred<void> | undefined
}

const Current = Context.Reference<Call>("@aria/demo/CallWatch", { defaultValue: (): Call => ({ open: undefined }) })

/** How long an answer that has arrived may take on its way to who asked for it. */
const grace = "100 millis"

/** Whether the next call would fail for the same reason, whatever is in it. */
const isFinal = ({ reason }: AiError.AiError): boolean =>
  reason._tag === "AuthenticationError" ||
  reason._tag === "QuotaExhaustedError" ||
  (reason._tag === "InvalidRequestError" && reason.parameter === "model")

/** The same of a call that was made again until there were no retries left. */
const isFinalAfterRetries = (error: AiError.AiError): boolean => isFinal(error) || error.reason._tag === "RateLimitError"

const isCircuitOpen = (error: AiError.AiError): boolean => Refusal.of(error)?._tag === "CircuitOpenError"

const oneLine = (error: AiError.AiError): string => error.reason.message.replace(/\s+/g, " ").slice(0, 500)

/** The two sides of a model: `inside` of its guards, and around them. */
export const make = (notes: Notes) => {
  const ended = Deferred.makeUnsafe<never, AiError.AiError>()
  let last: AiError.AiError | undefined

  const hear = (error: AiError.AiError) =>
    Effect.sync(() => {
      last = error
      if (isFinal(error)) Deferred.doneUnsafe(ended, Effect.fail(error))
    })

  const stopped = Refusal.toAiError(new Refusal.CircuitOpenError({ provider: "model" }), "generateText")

  const inside = <F extends Metered.Functions>(functions: F) => ({
    ...functions,
    generateText: (request: Metered.RequestOptions) =>
      Effect.flatMap(Current, (call) => {
        // its turn came in the same instant
        if (Deferred.isDoneUnsafe(ended)) return Effect.fail(stopped)
        const open = Deferred.makeUnsafe<void>()
        call.open = open
        const closed = Effect.sync(() => {
          call.open = undefined
          Deferred.doneUnsafe(open, Effect.void)
        })
        return functions.generateText(request).pipe(Effect.tapError(hear), Effect.ensuring(closed))
      }),
    streamText: (request: Metered.RequestOptions) => Stream.tapError(functions.streamText(request), hear)
  })

  const failed = (error: AiError.AiError) => {
    if (isFinalAfterRetries(error)) Deferred.doneUnsafe(ended, Effect.fail(error))
    // of an open circuit nobody learns what was wrong
    return notes.failed(oneLine(isCircuitOpen(error) ? (last ?? error) : error))
  }

  /** Fails once nothing more is to be sent; a request that is out is waited for, because it is paid for. */
  const givenUp = (call: Call): Effect.Effect<never, AiError.AiError> =>
    Effect.catch(Deferred.await(ended), (error) =>
      Effect.suspend(() => (call.open === undefined ? Effect.void : Effect.andThen(Deferred.await(call.open), Effect.sleep(grace)))).pipe(
        Effect.andThen(Effect.fail(error))
      )
    )

  const around = <F extends Metered.Functions>(functions: F): F => ({
    ...functions,
    generateText: (request) =>
      Effect.suspend(() => {
        const call: Call = { open: undefined }
        const answer = Effect.andThen(notes.calling, Effect.provideService(functions.generateText(request), Current, call))
        return Deferred.isDoneUnsafe(ended) ? Deferred.await(ended) : Effect.raceFirst(answer, givenUp(call))
      }).pipe(
        Effect.catchIf(
          (error) => error === stopped,
          () => Deferred.await(ended)
        ),
        Effect.tapError(failed)
      ),
    streamText: (request) =>
      Stream.suspend(() =>
        Deferred.isDoneUnsafe(ended)
          ? Stream.fromEffect(Deferred.await(ended))
          : Stream.unwrap(Effect.as(notes.calling, functions.streamText(request)))
      ).pipe(Stream.tapError(failed))
  })

  return { inside, around }
}

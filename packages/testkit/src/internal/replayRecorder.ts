import * as Effect from "effect/Effect"
import * as Semaphore from "effect/Semaphore"
import * as Stream from "effect/Stream"
import type * as LanguageModel from "effect/ai/LanguageModel"
import type * as Response from "effect/ai/Response"
import type { Functions } from "../ReplayModel.ts"
import type { RecordingError } from "./replayErrors.ts"
import { type Entry, keyOf, requestOf, write } from "./replayFile.ts"

/** The functions of a real model, with each whole answer written down. */
export const recorder = (file: string, real: Functions): Effect.Effect<Functions, RecordingError> =>
  Effect.gen(function* () {
    // By the order of requests, so that calls made at once give the same file whichever ends first.
    const slots: Array<Entry | undefined> = []
    const oneAtATime = yield* Semaphore.make(1)
    const save = Effect.suspend(() =>
      write(
        file,
        slots.filter((entry) => entry !== undefined)
      )
    )
    yield* save

    const recording = (method: string, options: LanguageModel.ProviderOptions) => {
      const slot = slots.length
      slots.push(undefined)
      const request = requestOf(method, options)
      return (parts: ReadonlyArray<Response.PartEncoded | Response.StreamPartEncoded>): Effect.Effect<void> =>
        Effect.suspend(() => {
          slots[slot] = { key: keyOf(request), request, answer: JSON.parse(JSON.stringify(parts)) }
          return Effect.orDie(oneAtATime.withPermits(1)(save))
        })
    }

    return {
      codecTransformer: real.codecTransformer,
      generateText: (options) =>
        Effect.suspend(() => Effect.tap(real.generateText(options), recording("generateText", options))),
      streamText: (options) =>
        Stream.suspend(() => {
          const record = recording("streamText", options)
          const parts: Array<Response.StreamPartEncoded> = []
          const heard = Stream.tap(real.streamText(options), (part) => Effect.sync(() => parts.push(part)))
          return Stream.concat(heard, Stream.drain(Stream.fromEffect(Effect.suspend(() => record(parts)))))
        })
    }
  })

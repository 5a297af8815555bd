import * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type * as LanguageModel from "effect/ai/LanguageModel"
import type { Functions } from "../ReplayModel.ts"
import { differences } from "./replayDifference.ts"
import { type RecordingError, RequestChangedError } from "./replayErrors.ts"
import { type Entry, keyOf, read, requestOf } from "./replayFile.ts"

const shown = 5

/** What differs from the entry that is nearest: those that were not asked for yet come first. */
const explain = (
  request: Schema.Json,
  entries: ReadonlyArray<Entry>,
  unused: ReadonlySet<Entry>
): ReadonlyArray<string> => {
  const candidates = unused.size > 0 ? [...unused] : entries
  const [first, ...rest] = candidates.map(({ request: recorded }) => differences(recorded, request))
  if (first === undefined) return ["it has no requests at all"]
  const nearest = rest.reduce((best, other) => (other.length < best.length ? other : best), first)
  if (nearest.length === 0) return ["it was made more often than it was recorded"]
  return nearest.length <= shown ? nearest : [...nearest.slice(0, shown), `and ${nearest.length - shown} more`]
}

/** The functions of a model that has only what was recorded. */
export const replayer = (
  file: string,
  codecTransformer: LanguageModel.CodecTransformer | undefined
): Effect.Effect<Functions, RecordingError> =>
  Effect.map(read(file), (entries) => {
    const unused = new Set(entries)
    let count = 0
    const answer = (method: string, options: LanguageModel.ProviderOptions): Effect.Effect<ReadonlyArray<any>> =>
      Effect.suspend(() => {
        const number = ++count
        const request = requestOf(method, options)
        const key = keyOf(request)
        for (const entry of unused) {
          if (entry.key !== key) continue
          unused.delete(entry)
          return Effect.succeed(structuredClone(entry.answer))
        }
        return Effect.die(
          new RequestChangedError({ file, request: number, differences: explain(request, entries, unused) })
        )
      })
    return {
      codecTransformer,
      generateText: (options) => Effect.map(answer("generateText", options), (parts) => [...parts]),
      streamText: (options) => Stream.unwrap(Effect.map(answer("streamText", options), Stream.fromIterable))
    }
  })

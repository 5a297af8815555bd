/** Bodies within a limit: the reading stops as soon as they pass it. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"

/** The body is larger than allowed. */
export class TooLarge {
  readonly _tag = "TooLarge"
}

/** As text in UTF-8, which is what XML and iCalendar are sent in. */
export const collectText = <E, R>(
  stream: Stream.Stream<Uint8Array, E, R>,
  maxBytes: number
): Effect.Effect<string, E | TooLarge, R> =>
  Effect.suspend(() => {
    const decoder = new TextDecoder()
    let size = 0
    let text = ""
    return Stream.runForEach(stream, (chunk) => {
      size += chunk.length
      if (size > maxBytes) return Effect.fail(new TooLarge())
      text += decoder.decode(chunk, { stream: true })
      return Effect.void
    }).pipe(Effect.map(() => text + decoder.decode()))
  })

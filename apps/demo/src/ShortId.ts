/** Ids as people type them: the first characters, as long as they name one thing. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

/** As many characters as are shown. */
export const length = 10

export const short = (id: string): string => id.slice(0, length)

export class UnknownIdError extends Schema.TaggedError<UnknownIdError>()("UnknownIdError", { message: Schema.String }) {}

/** The one thing whose id begins so. */
export const find = <A>(what: string, things: ReadonlyArray<A>, idOf: (thing: A) => string, given: string): Effect.Effect<A, UnknownIdError> => {
  const found = things.filter((thing) => given !== "" && idOf(thing).startsWith(given))
  const [only, ...others] = found
  if (only !== undefined && others.length === 0) return Effect.succeed(only)
  const those = found.length === 0 ? things : found
  const list = those.length === 0 ? `there is no ${what}` : those.slice(0, 10).map((thing) => short(idOf(thing))).join(", ")
  const message = only === undefined ? `No ${what} begins with ${JSON.stringify(given)}: ${list}.` : `More than one ${what} begins with ${JSON.stringify(given)}: ${list}.`
  return Effect.fail(new UnknownIdError({ message }))
}

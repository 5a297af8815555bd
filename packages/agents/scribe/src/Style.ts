/**
 * How somebody writes: said outright, or seen in texts of theirs.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { AnyText, Line, Text } from "./internal/text.ts"

/**
 * What is given outright goes before what the samples show, and that before what the tone would say.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Style = Schema.Struct({
  /** The words before the name, such as `"Hello"`. */
  greeting: Schema.optionalKey(Line),
  /** The words above the name, such as `"Many thanks"`. */
  closing: Schema.optionalKey(Line),
  /** What stands at the very end, of any number of lines. Default: the sender's name, title and company. */
  signature: Schema.optionalKey(Text),
  /** Texts whose style is to be matched. Templates take over greeting and closing; a model the manner as well. */
  samples: Schema.optionalKey(Schema.Array(AnyText))
})
/**
 * @category models
 * @since 0.1.0
 */
export type Style = typeof Style.Type

const greetingLine = /^(dear|hello|hi|hey|good (?:morning|afternoon|evening|day)|greetings)(?=[\s,!.:]|$)/i
const closingLine =
  /^((?:(?:kind|best|warm|warmest|many) )?(?:regards|wishes|thanks)|best|cheers|(?:yours )?sincerely(?: yours)?|yours (?:truly|faithfully)|respectfully|thank you|all the best|take care)[,!.]?$/i

const lines = (text: string): ReadonlyArray<string> =>
  text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "")

/** The most frequent; the first one of several. */
const mostFrequent = (found: ReadonlyArray<string>): string | undefined => {
  const counts = new Map<string, number>()
  for (const one of found) counts.set(one, (counts.get(one) ?? 0) + 1)
  let best: string | undefined
  for (const [one, count] of counts) if (best === undefined || count > (counts.get(best) ?? 0)) best = one
  return best
}

/**
 * The words of greeting that a text begins with, without the name.
 *
 * @category queries
 * @since 0.1.0
 */
export const greetingOf = (text: string): string | undefined => greetingLine.exec(lines(text)[0] ?? "")?.[1]

/**
 * The words of closing in the last four lines of a text.
 *
 * @category queries
 * @since 0.1.0
 */
export const closingOf = (text: string): string | undefined => {
  for (const line of lines(text).slice(-4)) {
    const words = closingLine.exec(line)?.[1]
    if (words !== undefined) return words
  }
  return undefined
}

/**
 * What is to be used as greeting, closing and signature; what nothing is known of is left out.
 *
 * @category queries
 * @since 0.1.0
 */
export const resolve = (style: Style = {}): Omit<Style, "samples"> => {
  const seen = (of: (text: string) => string | undefined) =>
    mostFrequent((style.samples ?? []).flatMap((text) => of(text) ?? []))
  const greeting = style.greeting ?? seen(greetingOf)
  const closing = style.closing ?? seen(closingOf)
  const trimmed = (words: string) => words.trim().replace(/[,!.]+$/, "")
  return {
    ...(greeting === undefined ? {} : { greeting: trimmed(greeting) }),
    ...(closing === undefined ? {} : { closing: trimmed(closing) }),
    ...(style.signature === undefined ? {} : { signature: style.signature.trim() })
  }
}

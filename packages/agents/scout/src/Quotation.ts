/**
 * Finds quotes in the texts that they are said to come from.
 *
 * @since 0.1.0
 */

/**
 * A text in which quotes are looked for.
 *
 * @category models
 * @since 0.1.0
 */
export interface Quotable {
  readonly text: string
  /** The text with each run of white space as one space. */
  readonly plain: string
  /** Where each UTF-16 unit of `plain` stands in the text. */
  readonly starts: ReadonlyArray<number>
}

/**
 * The letters and digits that a quote has at least: fewer stand in nearly every text, and show nothing.
 *
 * @category constants
 * @since 0.1.0
 */
export const minLength = 8

const LETTERS = /[\p{L}\p{N}]/gu
const LONE_SURROGATE = /\p{Surrogate}/u
// Scripts that put spaces between words: a quote of them does not begin or end within one.
const WITHIN_WORD = /[\p{M}\p{N}\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}]/u

/**
 * A text on one line, with single spaces.
 *
 * @category conversions
 * @since 0.1.0
 */
export const spaced = (text: string): string => text.trim().replace(/\s+/g, " ")

/**
 * Makes a text ready to be looked through. Linear in its length.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (text: string): Quotable => {
  let plain = ""
  const starts: Array<number> = []
  for (const { 0: run, index } of text.matchAll(/\s+|\S+/g)) {
    const isSpace = run.trim() === ""
    plain += isSpace ? " " : run
    for (let unit = 0; unit < (isSpace ? 1 : run.length); unit++) starts.push(index + unit)
  }
  return { text, plain, starts }
}

const isWithin = (left: string, right: string): boolean => WITHIN_WORD.test(left) && WITHIN_WORD.test(right)

/**
 * Where a quote stands word for word: `text.slice(start, end)` is the quote but for its white space. Undefined if it does not
 * stand there, begins or ends within a word, is a single word or shorter than {@link minLength}; a whole text may be quoted
 * however short it is.
 *
 * @example
 * ```ts
 * Quotation.locate(Quotation.make("Acme has\nacquired Beta."), "has acquired Beta") // { start: 5, end: 22 }
 * ```
 *
 * @category getters
 * @since 0.1.0
 */
export const locate = (
  { plain, starts }: Quotable,
  quote: string
): { readonly start: number; readonly end: number } | undefined => {
  const wanted = spaced(quote)
  if (wanted === "" || LONE_SURROGATE.test(wanted)) return undefined
  const isOneWord = !wanted.includes(" ") && WITHIN_WORD.test(wanted)
  const isShort = isOneWord || (wanted.match(LETTERS)?.length ?? 0) < minLength
  if (isShort && wanted !== plain.trim()) return undefined
  for (let at = plain.indexOf(wanted); at !== -1; at = plain.indexOf(wanted, at + 1)) {
    const last = at + wanted.length - 1
    if (isWithin(plain.charAt(at - 1), plain.charAt(at)) || isWithin(plain.charAt(last), plain.charAt(last + 1))) {
      continue
    }
    const start = starts[at]
    const end = starts[last]
    if (start !== undefined && end !== undefined) return { start, end: end + 1 }
  }
  return undefined
}

import * as Schema from "effect/Schema"

/** Control characters but for line breaks and tabs have no place in a draft: mail programs and pages do different things with them. */
const stray = /[\p{Cc}\u2028\u2029]/u
export const isClean = (text: string): boolean =>
  text.isWellFormed() && !stray.test(text.replaceAll(/\r\n|[\n\t]/g, ""))

/** A text of any number of lines that says something. */
export const Text = Schema.String.check(
  Schema.makeFilter((text: string) => text.trim() !== "" && isClean(text), {
    expected: "a text that is not blank, without control characters"
  })
)

/** As `Text`, but it may say nothing. */
export const AnyText = Schema.String.check(
  Schema.makeFilter(isClean, { expected: "a text without control characters" })
)

/** A text that is put on one line, such as a name: in a header, a second line would be a second header. */
export const Line = Schema.String.check(
  Schema.makeFilter((text: string) => text.trim() !== "" && text.isWellFormed() && !stray.test(text), {
    expected: "a single line that is not blank, without control characters"
  })
)

export const onOneLine = (text: string): string => text.replaceAll(/[\s\p{Cc}]+/gu, " ").trim()

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" })
const words = new Intl.Segmenter("en", { granularity: "word" })

/** At most so many characters as readers see them, cut between words where there is a space to cut at. */
export const shortened = (text: string, most: number): string => {
  const line = onOneLine(text)
  const characters = [...graphemes.segment(line)].map(({ segment }) => segment)
  if (characters.length <= most) return line
  const cut = characters.slice(0, most - 1)
  const space = characters[most - 1] === " " ? cut.length : cut.lastIndexOf(" ")
  return `${cut
    .slice(0, space > 0 ? space : cut.length)
    .join("")
    .trimEnd()}…`
}

/** Words as readers count them, in scripts without spaces as well. */
export const countWords = (text: string): number => {
  let count = 0
  for (const { isWordLike } of words.segment(text)) if (isWordLike === true) count++
  return count
}

/** Ends with a full stop, but where it ends with a mark already. */
export const asSentence = (text: string): string => (/[\p{P}]$/u.test(text.trim()) ? text.trim() : `${text.trim()}.`)

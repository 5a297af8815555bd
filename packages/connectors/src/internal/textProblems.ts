import type { Problem } from "../CalendarError.ts"

export type Path = ReadonlyArray<string | number>

export const problem = (path: Path, received: string, allowed: string): Problem => ({ path, received, allowed })

/** A value as a message shows it: short, and without anything that a terminal or a log would act on. */
export const shown = (value: unknown): string => {
  const text = JSON.stringify(value) ?? String(value)
  const printable = text.replace(/[\u007f-\u009f\u2028\u2029\ud800-\udfff]/gu, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`)
  return printable.length > 80 ? `${[...printable].slice(0, 79).join("")}…` : printable
}

// What ends a line or steers a device, in any encoding that a calendar is stored in; \p{Surrogate} alone is no letter at all.
// oxlint-disable-next-line no-control-regex
const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]|\p{Surrogate}/u
// oxlint-disable-next-line no-control-regex
const controlButLines = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]|\p{Surrogate}/u

const text = (path: Path, value: string, length: number, refused: RegExp, allowed: string): ReadonlyArray<Problem> => {
  if (value.length > length) return [problem(path, `${value.length} characters`, `at most ${length}`)]
  const found = refused.exec(value)
  return found === null
    ? []
    : [problem(path, `U+${found[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")} at position ${found.index}`, allowed)]
}

/** One line of text. */
export const line = (path: Path, value: string, length: number): ReadonlyArray<Problem> =>
  text(path, value, length, control, "text in one line, without control characters")

/** Text of any number of lines, ended by `\n`. */
export const lines = (path: Path, value: string, length: number): ReadonlyArray<Problem> =>
  text(path, value, length, controlButLines, "text without control characters; lines end with \\n alone, tabs may stay")

/** How long a text is in UTF-8. */
const octets = (value: string): number => {
  let length = 0
  for (const letter of value) {
    const code = letter.codePointAt(0) ?? 0
    length += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
  }
  return length
}

/** What identifies an event: RFC 7986 §5.3 asks for less than 256 octets. */
export const id = (path: Path, value: string): ReadonlyArray<Problem> =>
  value.trim() === "" || octets(value) > 255
    ? [problem(path, shown(value), "1 to 255 octets of UTF-8, not all of them blank")]
    : line(path, value, 255)

/** RFC 5321 §4.1.2 `Dot-string`, and RFC 6531 §3.3: any letter beyond ASCII. Not blank, not a separator of lists or headers. */
const localPart = /^[^\s@"(),:;<>[\]\\.]+(?:\.[^\s@"(),:;<>[\]\\.]+)*$/u
/** Labels of letters, digits and hyphens, or of anything beyond ASCII; a name without dots is one too. */
const domain = /^(?!-)[a-z0-9\-\u0080-\u{10ffff}]{1,63}(?<!-)(?:\.(?!-)[a-z0-9\-\u0080-\u{10ffff}]{1,63}(?<!-))*$/iu

export const email = (path: Path, value: string): ReadonlyArray<Problem> => {
  const controls = line(path, value, 320)
  if (controls.length > 0) return controls
  const at = value.lastIndexOf("@")
  const before = value.slice(0, Math.max(0, at))
  const after = value.slice(at + 1)
  const good = at > 0 && localPart.test(before) && domain.test(after) && !/\s/u.test(after) && octets(before) <= 64 && octets(after) <= 255
  return good ? [] : [problem(path, shown(value), 'an address such as "ada@example.com" or "jürgen@bücher.example", without "mailto:", quotes or blanks')]
}

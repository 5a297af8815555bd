/**
 * What a screen would act on or not show: controls and escapes, marks that reorder or hide text, line separators, halves
 * of characters, and marks stacked on one letter. The selector that gives an emoji its colour is harmless and common.
 */
const unsafe = /(?!\u{FE0F})[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}\p{Default_Ignorable_Code_Point}]|(?<=\p{M}{4})\p{M}/gu

const names: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" }

/** A text from somebody else, on one line: nothing in it reaches the screen but what can be read. */
export const visible = (text: string): string =>
  text.replace(unsafe, (character) => names[character] ?? `\\u{${character.codePointAt(0)!.toString(16)}}`)

/** At most: whatever is not ASCII may take two cells. */
const cells = (character: string): number => (character.codePointAt(0)! < 0x80 ? 1 : 2)

const widthOf = (text: string): number => Array.from(text).reduce((sum, character) => sum + cells(character), 0)

/** Cut into lines of a width in cells, after a space where there is one, so that the screen never breaks one itself. */
const wrap = (text: string, width: number): ReadonlyArray<string> => {
  const lines: Array<string> = []
  let line = ""
  let used = 0
  for (const character of text) {
    const size = cells(character)
    if (used + size > width) {
      const word = line.lastIndexOf(" ") + 1
      const end = word > line.length / 2 ? word : line.length
      lines.push(line.slice(0, end))
      line = line.slice(end)
      used = widthOf(line)
    }
    line += character
    used += size
  }
  lines.push(line)
  return lines
}

/**
 * A text from somebody else behind a bar, which no line of our own has: whatever it says, it cannot look like a question,
 * an answer or another line of the same block. `:` marks where a line of it goes on.
 */
export const quoted = (text: string, columns: number): ReadonlyArray<string> => {
  const width = Math.max(8, (columns > 0 ? columns : 80) - 3)
  return wrap(visible(text), width).map((line, position) => `${position === 0 ? "|" : ":"} ${line}`)
}

/** The first lines of a block, and how many are not shown. */
export const cut = (lines: ReadonlyArray<string>, limit: number, hint = ""): ReadonlyArray<string> =>
  lines.length <= limit ? lines : [...lines.slice(0, limit), `  (${lines.length - limit} more lines${hint})`]

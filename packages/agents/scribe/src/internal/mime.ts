import { onOneLine } from "./text.ts"

const hex = (byte: number): string => `=${byte.toString(16).toUpperCase().padStart(2, "0")}`

/** The bytes of a character in UTF-8, each as `=XX`. */
const escaped = (character: string): string => {
  const code = character.codePointAt(0) ?? 0
  return code < 0x80 ? hex(code) : encodeURIComponent(character).replaceAll("%", "=")
}

/** RFC 2047: of at most 75 characters each, on lines of at most 76. Whitespace between two of them does not count. */
const encodedWords = (text: string, taken: number): string => {
  const words: Array<string> = []
  let word = ""
  for (const character of text) {
    const next = character === " " ? "_" : /^[A-Za-z0-9!*+/-]$/.test(character) ? character : escaped(character)
    const room = (words.length === 0 ? 76 - taken : 75) - "=?utf-8?Q??=".length
    if (word.length + next.length > room) {
      words.push(word)
      word = ""
    }
    word += next
  }
  return [...words, word].map((one) => `=?utf-8?Q?${one}?=`).join("\r\n ")
}

/** What may stand in a header as it is: what would be read as an encoded word, or fit on no line, may not. */
const isPlain = (text: string): boolean =>
  /^[\x20-\x7E]*$/.test(text) && !text.includes("=?") && text.split(" ").every((word) => word.length <= 60)

const folded = (name: string, text: string): string => {
  let line = `${name}:`
  const lines: Array<string> = []
  for (const word of text.split(" ")) {
    if (line.length + 1 + word.length > 76 && line !== `${name}:`) {
      lines.push(line)
      line = ""
    }
    line += ` ${word}`
  }
  return [...lines, line].join("\r\n")
}

/** A header of free text. Line breaks in the text are spaces, so that it stays one header. */
export const textHeader = (name: string, text: string): string => {
  const line = onOneLine(text.toWellFormed())
  return isPlain(line) ? folded(name, line) : `${name}: ${encodedWords(line, name.length + 2)}`
}

/** A header with one mailbox. */
export const mailboxHeader = (name: string, displayName: string | undefined, address: string): string => {
  const line = onOneLine((displayName ?? "").toWellFormed())
  if (line === "") return `${name}: ${address}`
  const quoted = `"${line.replaceAll(/["\\]/g, "\\$&")}"`
  const fits = isPlain(line) && quoted.length + name.length + 2 <= 76
  const phrase = fits ? (/^[A-Za-z0-9 ]+$/.test(line) ? line : quoted) : encodedWords(line, name.length + 2)
  return `${name}: ${phrase}\r\n <${address}>`
}

/** RFC 2045 quoted-printable: no line over 76 characters, none that a mailbox file or a server takes for its own. */
export const quotedPrintable = (text: string): string =>
  text
    .toWellFormed()
    .split(/\r\n|\r|\n/)
    .map((line) => {
      const lines: Array<string> = []
      let current = ""
      const characters = [...line]
      characters.forEach((character, index) => {
        const isLast = index === characters.length - 1
        const isLiteral = /^[\x21-\x3C\x3E-\x7E]$/.test(character) || (/^[ \t]$/.test(character) && !isLast)
        const plain = isLiteral ? character : escaped(character)
        if (current.length + plain.length > 75) {
          lines.push(`${current}=`)
          current = ""
        }
        const opens = current === "" && (character === "." || characters.slice(index, index + 5).join("") === "From ")
        current += opens ? escaped(character) : plain
      })
      return [...lines, current].join("\r\n")
    })
    .join("\r\n")

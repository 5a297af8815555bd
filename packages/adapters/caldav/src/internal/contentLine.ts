/**
 * iCalendar's content lines (RFC 5545 §3.1, parameters also RFC 6868). A line that was read and not changed is printed as it came.
 */

export interface Param {
  /** In capitals. */
  readonly name: string
  readonly values: ReadonlyArray<string>
}

export interface Line {
  /** In capitals; `""` where no name could be found. */
  readonly name: string
  readonly params: ReadonlyArray<Param>
  /** As written: texts are still escaped. */
  readonly value: string
  /** The line as it was read, unfolded. */
  readonly raw?: string
}

const decodeParam = (text: string): string =>
  text.replace(/\^[n^']/g, (code) => (code === "^n" ? "\n" : code === "^^" ? "^" : '"'))

const encodeParam = (text: string): string => {
  const encoded = text.replace(/\r\n|[\r\n^"]/g, (char) => (char === "^" ? "^^" : char === '"' ? "^'" : "^n"))
  return /[;:,]/.test(encoded) ? `"${encoded}"` : encoded
}

const name = /[A-Za-z0-9-]+/y
const quoted = /"[^"]*"/y
const bare = /[^";:,]*/y

const take = (pattern: RegExp, text: string, at: number): string | undefined => {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0]
}

/** Never fails: what is not understood has no name, and is kept. */
export const readLine = (raw: string): Line => {
  const opaque: Line = { name: "", params: [], value: "", raw }
  const first = take(name, raw, 0)
  if (first === undefined) return opaque
  const params: Array<Param> = []
  let at = first.length
  while (raw[at] === ";") {
    const key = take(name, raw, at + 1)
    if (key === undefined || raw[at + 1 + key.length] !== "=") return opaque
    at += 1 + key.length
    const values: Array<string> = []
    do {
      at++
      const inQuotes = take(quoted, raw, at)
      const found = inQuotes ?? take(bare, raw, at) ?? ""
      values.push(decodeParam(inQuotes === undefined ? found : found.slice(1, -1)))
      at += found.length
    } while (raw[at] === ",")
    params.push({ name: key.toUpperCase(), values })
  }
  return raw[at] === ":" ? { name: first.toUpperCase(), params, value: raw.slice(at + 1), raw } : opaque
}

// oxlint-disable-next-line no-control-regex
const control = /[\u0000-\u0008\u000a-\u001f\u007f]/

/**
 * A new line. Texts come in escaped, so a line end in here is a mistake of ours that would become a property of its own: it throws.
 */
export const line = (name: string, value: string, params: Readonly<Record<string, string | undefined>> = {}): Line => {
  if (control.test(value)) throw new Error(`${name}: a control character in ${JSON.stringify(value)}`)
  return {
    name,
    value,
    params: Object.entries(params).flatMap(([key, given]) =>
      given === undefined ? [] : [{ name: key, values: [given] }]
    )
  }
}

export const param = (line: Line, name: string): string | undefined =>
  line.params.find((param) => param.name === name)?.values[0]

const write = ({ name, params, raw, value }: Line): string =>
  raw ??
  `${name}${params.map((param) => `;${param.name}=${param.values.map(encodeParam).join(",")}`).join("")}:${value}`

const encoder = new TextEncoder()

/** At most 75 octets a line, never within a character (§3.1). */
export const printLine = (line: Line): string => {
  const text = write(line)
  if (text.length <= 25) return `${text}\r\n`
  let folded = ""
  let octets = 0
  for (const char of text) {
    const size = encoder.encode(char).length
    if (octets + size > 75) {
      folded += "\r\n "
      octets = 1
    }
    folded += char
    octets += size
  }
  return `${folded}\r\n`
}

/** The lines of a document without their folds; LF alone ends a line too. */
export const unfold = (text: string): ReadonlyArray<string> =>
  text
    .replace(/^\uFEFF/, "")
    .replace(/\r\n?|\n/g, "\n")
    .replace(/\n[ \t]/g, "")
    .split("\n")
    .filter((line) => line.trim() !== "")

/** A TEXT value (§3.3.11). */
export const escapeText = (text: string): string =>
  text.replace(/\r\n|[\r\n\\;,]/g, (char) => (char === "\\" || char === ";" || char === "," ? `\\${char}` : "\\n"))

export const unescapeText = (text: string): string =>
  text.replace(/\\([\s\S])/g, (whole, char: string) =>
    char === "n" || char === "N" ? "\n" : char === "\\" || char === ";" || char === "," ? char : whole
  )

/** Bytes → text: byte order mark, then what http and the XML declaration say, then what the bytes allow. */

export interface Decoded {
  readonly text: string
  readonly warning?: string
}

const canonical = (label: string): string | undefined => {
  try {
    return new TextDecoder(label.trim()).encoding
  } catch {
    return undefined
  }
}

/** `undefined` where the bytes are not valid in that encoding. */
const strict = (bytes: Uint8Array, encoding: string): string | undefined => {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

const marked = (bytes: Uint8Array): string | undefined => {
  const [a, b, c, d] = bytes
  if (a === 0xef && b === 0xbb && c === 0xbf) return "utf-8"
  if (a === 0xff && b === 0xfe) return "utf-16le"
  if (a === 0xfe && b === 0xff) return "utf-16be"
  // without a mark, the first character of a feed (`<` or `{`) shows where the zero bytes are
  if (a === 0 && b !== 0 && c === 0 && d !== 0) return "utf-16be"
  if (a !== 0 && b === 0 && c !== 0 && d === 0) return "utf-16le"
  return undefined
}

const declaration = /^[^<]{0,64}<\?xml[^>]{0,200}?\sencoding\s*=\s*["']([^"'>]{1,40})["']/

const declared = (bytes: Uint8Array): string | undefined =>
  declaration.exec(new TextDecoder("windows-1252").decode(bytes.subarray(0, 512)))?.[1]

/**
 * A server's charset goes before the document's own, as RFC 7303 says, with one exception that real servers make necessary: a server
 * that says Latin-1 or ASCII by habit does not overrule a document that says UTF-8 and is valid UTF-8.
 */
export const decode = (bytes: Uint8Array, charset?: string | undefined): Decoded => {
  const mark = marked(bytes)
  if (mark !== undefined) {
    const text = strict(bytes, mark)
    if (text !== undefined) return { text }
    return { text: new TextDecoder(mark).decode(bytes), warning: replaced(mark) }
  }
  const labels = [charset, declared(bytes)].filter((label) => label !== undefined && label !== "")
  // a document that we can read byte by byte is not UTF-16, whatever it says
  const known = labels.flatMap((label) => canonical(label!) ?? []).filter((encoding) => !encoding.startsWith("utf-16"))
  const candidates = known[0] === "windows-1252" && known[1] === "utf-8" ? ["utf-8", "windows-1252"] : known
  const unknown = labels.find((label) => canonical(label!) === undefined)
  const said = unknown === undefined ? undefined : `the encoding "${unknown}" is not known here`
  for (const encoding of candidates) {
    const text = strict(bytes, encoding)
    if (text !== undefined)
      return said === undefined ? { text } : { text, warning: `${said}; it was read as ${encoding}` }
  }
  const utf8 = strict(bytes, "utf-8")
  if (utf8 !== undefined) {
    if (candidates[0] === undefined && said === undefined) return { text: utf8 }
    return { text: utf8, warning: `${said ?? `the bytes are not valid ${candidates[0]}`}; it was read as utf-8` }
  }
  const encoding = candidates[0] ?? "windows-1252"
  const text = new TextDecoder(encoding).decode(bytes)
  return {
    text,
    warning:
      candidates[0] === undefined
        ? `${said ?? "no encoding is given and the bytes are not UTF-8"}; it was read as windows-1252`
        : replaced(encoding)
  }
}

const replaced = (encoding: string) => `some bytes are not valid ${encoding}; they were replaced by U+FFFD`

/** The charset parameter of a content type, as servers write it. */
export const charsetOf = (contentType: string | undefined): string | undefined =>
  contentType === undefined ? undefined : /charset\s*[=:]\s*["']?([\w.:-]{1,40})/i.exec(contentType)?.[1]

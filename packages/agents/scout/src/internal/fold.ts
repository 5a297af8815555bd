/**
 * Text in the form that rules see: compatibility forms composed away, accents and trade mark signs removed, typographic
 * quotes, dashes and spaces made plain. Case stays. `at` leads from an index of the folded text back to the original one.
 */
export interface Folded {
  readonly text: string
  readonly at: (index: number) => number
}

// oxlint-disable-next-line no-control-regex
const NON_ASCII = /[^\x00-\x7f]/
// One base character with the marks that follow it.
const CLUSTER = /\P{M}\p{M}*|\p{M}+/gu
const PLAIN: Readonly<Record<string, string>> = {
  "\u2018": "'", "\u2019": "'", "\u201a": "'", "\u201b": "'", "\u2032": "'", "\u02bc": "'", "\uff07": "'", "\u00b4": "'",
  "\u201c": "\"", "\u201d": "\"", "\u201e": "\"", "\u201f": "\"", "\u2033": "\"", "\u00ab": "\"", "\u00bb": "\"",
  "\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2013": "-", "\u2014": "-", "\u2015": "-", "\u2212": "-",
  "\u00a0": " ", "\u2007": " ", "\u202f": " ", "\u2026": "...", "\u2122": "", "\u00ae": "", "\u2120": "", "\u00a9": "",
  "\u200b": "", "\u200c": "", "\u200d": "", "\u2060": "", "\ufeff": "", "\u00ad": "",
  "\u00df": "ss", "\u00e6": "ae", "\u00c6": "AE", "\u00f8": "o", "\u00d8": "O", "\u0142": "l", "\u0141": "L",
  "\u0153": "oe", "\u0152": "OE", "\u0111": "d", "\u0110": "D", "\u0131": "i"
}

const identity = (index: number): number => index

const foldCluster = (cluster: string): string =>
  PLAIN[cluster] ?? cluster.normalize("NFKD").replace(/\p{M}+/gu, "").normalize("NFKC")

export const foldText = (text: string): string =>
  NON_ASCII.test(text) ? text.replace(CLUSTER, (cluster) => NON_ASCII.test(cluster) ? foldCluster(cluster) : cluster) : text

export const fold = (text: string): Folded => {
  if (!NON_ASCII.test(text)) return { text, at: identity }
  const parts: Array<string> = []
  // Where the folded text runs ahead of or behind the original: from `folded[i]` on, the difference is `shift[i]`.
  const folded: Array<number> = []
  const shift: Array<number> = []
  let length = 0
  let last = 0
  // eslint-disable-next-line no-misleading-character-class
  for (const match of text.matchAll(/[^\p{M}]?\p{M}+|[^\x00-\x7f]\p{M}*/gu)) { // oxlint-disable-line no-control-regex
    const before = text.slice(last, match.index)
    parts.push(before)
    length += before.length
    const plain = foldCluster(match[0])
    parts.push(plain)
    last = match.index + match[0].length
    length += plain.length
    if (plain.length !== match[0].length) {
      folded.push(length)
      shift.push(last - length)
    }
  }
  parts.push(text.slice(last))
  const at = (index: number): number => {
    let low = 0
    let high = folded.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((folded[middle] ?? 0) <= index) low = middle + 1
      else high = middle
    }
    return low === 0 ? index : index + (shift[low - 1] ?? 0)
  }
  return { text: parts.join(""), at }
}

import { legalFormAt } from "./legalForms.ts"

/** A word of a folded text: where it starts and ends, as written and in lower case. */
export interface Word {
  readonly text: string
  readonly lower: string
  readonly start: number
  readonly end: number
}

// "&" is a word of its own, so that "AT&T" and "Johnson & Johnson" keep their shape.
const WORD = /[\p{L}\p{N}]+(?:'\p{L}+)?|&/gu
const POSSESSIVE = /'s$/i

export const wordsOf = (text: string): Array<Word> => {
  const words: Array<Word> = []
  for (const match of text.matchAll(WORD)) {
    const written = match[0].replace(POSSESSIVE, "")
    words.push({ text: written, lower: written.toLowerCase(), start: match.index, end: match.index + written.length })
  }
  return words
}

export const isCapital = (word: string): boolean => {
  const first = word.charAt(0)
  return first !== first.toLowerCase()
}

export interface SplitName {
  /** The words that make the name, without its legal forms. */
  readonly core: ReadonlyArray<Word>
  readonly form: { readonly canonical: string; readonly family: string } | undefined
}

/** "Acme Widgets Co., Ltd." is the core "Acme Widgets" and the form of its first legal word. */
export const splitName = (name: string): SplitName => {
  const words = wordsOf(name)
  const lower = words.map((word) => word.lower)
  const joinedByDot = (index: number) => {
    const left = words[index - 1]
    const right = words[index]
    return left !== undefined && right !== undefined && /^[./]\s?$/.test(name.slice(left.end, right.start))
  }
  for (let index = 1; index < words.length; index++) {
    const found = legalFormAt(lower, index, joinedByDot)
    if (found === undefined) continue
    // A legal form ends the name, or is followed by nothing but others ("Co., Ltd.", "AG & Co. KGaA").
    let next = index + found.length
    while (next < words.length) {
      const more = legalFormAt(lower, next, joinedByDot)
      if (more === undefined) break
      next += more.length
    }
    if (next === words.length) return { core: words.slice(0, index), form: found.form }
  }
  return { core: words, form: undefined }
}

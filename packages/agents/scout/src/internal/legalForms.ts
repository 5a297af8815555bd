/** Legal forms as single folded tokens without dots, each with its canonical form and the family of countries it belongs to. */
const FORMS: ReadonlyArray<readonly [canonical: string, family: string, spellings: string]> = [
  ["inc", "us", "inc incorporated"],
  ["corp", "us", "corp corporation"],
  ["co", "us", "co company"],
  ["llc", "us", "llc"],
  ["lp", "us", "lp llp lllp"],
  ["ltd", "uk", "ltd limited"],
  ["plc", "uk", "plc"],
  ["pty", "uk", "pty"],
  ["pte", "uk", "pte"],
  ["gmbh", "de", "gmbh mbh"],
  ["ag", "de", "ag"],
  ["kg", "de", "kg kgaa"],
  ["se", "de", "se"],
  ["sa", "latin", "sa"],
  ["sas", "latin", "sas sasu"],
  ["sarl", "latin", "sarl"],
  ["spa", "latin", "spa"],
  ["srl", "latin", "srl"],
  ["sl", "latin", "sl"],
  ["nv", "nl", "nv"],
  ["bv", "nl", "bv"],
  ["ab", "nordic", "ab publ"],
  ["as", "nordic", "asa"],
  ["oy", "nordic", "oy oyj"],
  ["kk", "jp", "kk"],
  ["bhd", "my", "bhd berhad sdn"],
  ["jsc", "ru", "jsc pjsc ojsc"]
]

export interface LegalForm {
  readonly canonical: string
  readonly family: string
}

const BY_SPELLING = new Map<string, LegalForm>(
  FORMS.flatMap(([canonical, family, spellings]) =>
    spellings.split(" ").map((spelling) => [spelling, { canonical, family }] as const)
  )
)

/** Forms written with dots or spaces between their letters: "S.A.", "N.V.", "A/S", "K.K.", "S.p.A.", "L.P.". */
const LETTERS = new Set([
  "sa",
  "nv",
  "bv",
  "kk",
  "as",
  "spa",
  "srl",
  "lp",
  "llc",
  "ag",
  "ab",
  "se",
  "plc",
  "sarl",
  "sas",
  "sl"
])

/** The legal form that starts at `from` in the lower-case words, and how many of the words it takes. */
export const legalFormAt = (
  words: ReadonlyArray<string>,
  from: number,
  joinedByDot: (index: number) => boolean
): { readonly form: LegalForm; readonly length: number } | undefined => {
  const word = words[from]
  if (word === undefined) return undefined
  if (word.length === 1) {
    let joined = word
    let length = 1
    while (length < 4 && joinedByDot(from + length) && words[from + length]?.length === 1) {
      joined += words[from + length]
      length++
    }
    const form =
      length > 1 && LETTERS.has(joined)
        ? (BY_SPELLING.get(joined) ?? { canonical: joined, family: "nordic" })
        : undefined
    return form === undefined ? undefined : { form, length }
  }
  const form = BY_SPELLING.get(word)
  return form === undefined ? undefined : { form, length: 1 }
}

export const isLegalForm = (word: string): boolean => BY_SPELLING.has(word)

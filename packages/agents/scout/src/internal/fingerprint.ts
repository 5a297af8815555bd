import { foldText } from "./fold.ts"
import { isLegalForm } from "./legalForms.ts"

/** What is compared when two articles might tell one story. */
export interface Fingerprint {
  /** The words of the headline that say what happened: without the company, fillers, and words that every story of its kind has. */
  readonly words: ReadonlySet<string>
  /** Numbers of the headline: amounts, quarters, years, percentages. */
  readonly figures: ReadonlySet<string>
  /** All words of headline and text, to look the other headline's words up in. */
  readonly vocabulary: ReadonlySet<string>
  /** Runs of four words of the opening. */
  readonly shingles: ReadonlySet<string>
  readonly exact: string
}

const FILLERS = new Set(
  `a an and announce announced announces announcing as at by deal for from has have in into is its it new of on over per plus says the their to today
   up via with will be been after amid more than that this about update exclusive breaking inc report reports press release news company group`.split(
    /\s+/
  )
)
/** Words that say the kind of event only: two stories of one kind may use any of them. */
const KINDS = new Set(
  `acquire acquires acquired acquiring acquisition buy buys buying merge merges merger merging takeover purchase purchases complete completes completed
   raise raises raised raising secure secures secured close closes closed funding financing round investment land lands bag bags
   appoint appoints appointed name names named hire hires hired promote promotes promoted join joins joined welcome welcomes taps
   partner partners partnering partnership team teams collaborate collaborates collaboration alliance join forces
   launch launches launched unveil unveils unveiled introduce introduces introduced debut debuts release releases released rolls out
   receive receives received win wins won open opens opened expand expands expansion agree agrees agreed agreement sign signs signed
   take takes took post posts posted result results strategic`.split(/\s+/)
)
const TITLES: ReadonlyArray<readonly [RegExp, string]> = [
  [/\bchief (\w)\w* officer\b/g, "c$1o"],
  [/\bchief executive\b/g, "ceo"],
  [/\bvice[- ]president\b/g, "vp"],
  [/\bfirst[- ]quarter\b/g, "q1"],
  [/\bsecond[- ]quarter\b/g, "q2"],
  [/\bthird[- ]quarter\b/g, "q3"],
  [/\bfourth[- ]quarter\b/g, "q4"]
]
const SCALE: Readonly<Record<string, number>> = {
  k: 1e3,
  thousand: 1e3,
  m: 1e6,
  mn: 1e6,
  mln: 1e6,
  million: 1e6,
  b: 1e9,
  bn: 1e9,
  billion: 1e9,
  t: 1e12,
  trillion: 1e12
}

const normal = (text: string): string => {
  let read = foldText(text).toLowerCase()
  for (const [pattern, replacement] of TITLES) read = read.replace(pattern, replacement)
  return read
    .replace(/(\d),(?=\d{3})/g, "$1")
    .replace(
      /(\d+(?:\.\d+)?)[ -]?(k|thousand|mn|mln|million|m|bn|billion|b|trillion|t)\b/g,
      (_, digits: string, scale: string) => String(Number(digits) * (SCALE[scale] ?? 1))
    )
}

const stem = (word: string): string => (word.length > 4 ? word.replace(/(?:'s|s)$/, "") : word)
const split = (text: string): Array<string> => text.match(/[\p{L}\p{N}]+(?:\.\d+)?(?:'s)?/gu) ?? []

export const fingerprint = (title: string, text: string, companyNames: ReadonlyArray<string>): Fingerprint => {
  const own = new Set(companyNames.flatMap((name) => split(normal(name))))
  const read = normal(title)
  const words = new Set<string>()
  const figures = new Set<string>()
  for (const word of split(read)) {
    const bare = word.replace(/'s$/, "")
    if (own.has(bare) || FILLERS.has(bare) || KINDS.has(bare) || isLegalForm(bare)) continue
    if (/\d/.test(bare)) figures.add(bare)
    else words.add(stem(bare))
  }
  const opening = split(normal(text.slice(0, 1_500)))
  const shingles = new Set<string>()
  for (let index = 0; index + 4 <= opening.length; index++) shingles.add(opening.slice(index, index + 4).join(" "))
  const vocabulary = new Set(
    [...split(read), ...opening, ...split(normal(text.slice(1_500, 6_000)))].map((word) =>
      stem(word.replace(/'s$/, ""))
    )
  )
  return { words, figures, vocabulary, shingles, exact: split(read).join(" ") }
}

export const jaccard = (left: ReadonlySet<string>, right: ReadonlySet<string>): number => {
  const [small, large] = left.size < right.size ? [left, right] : [right, left]
  let both = 0
  for (const value of small) if (large.has(value)) both++
  const either = left.size + right.size - both
  return either === 0 ? 1 : both / either
}

export const without = (left: ReadonlySet<string>, right: ReadonlySet<string>): Array<string> =>
  [...left].filter((value) => !right.has(value))

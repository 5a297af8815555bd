import type { SignalType } from "../Signal.ts"

/**
 * One feature: what it speaks for (or, with negative weights, against), how much in a headline and how much in the
 * opening, and the words that show it, in lower case. Every pattern
 * has bounded repetition only, so that it runs in linear time.
 */
export interface Rule {
  readonly id: string
  readonly label: SignalType
  readonly title: number
  readonly lead: number
  readonly pattern: RegExp
}

export const MONEY = String.raw`(?:(?:us|a|c|ca|au|hk|nz|s)?[$\u20ac\u00a3\u00a5]\s?\d|(?:usd|eur|gbp|aud|cad|chf|inr|rs\.?)\s?\d|\d[\d.,]{0,12}\s?(?:million|billion|mn|bn|m|b|crore|euros|dollars)\b)`
export const ROLE = String.raw`(?:c[efotmirpsh]o|c-suite|chief(?:\s[\w&,-]+){1,5}\sofficer|chief\s(?:executive|scientist|economist|counsel|of\sstaff)|(?:vice[\s-])?president|vp|[se]vp|chair(?:man|woman|person)?|(?:board|independent|executive|non-executive|managing|regional|new|deputy)\s(?:member|director|partner|chair)|managing\sdirector|directors?|general\s(?:counsel|manager)|(?:global\s|new\s)?head\sof|treasurer|controller|(?:corporate\s)?secretary|(?:board\sof\s(?:directors|advisors|trustees)|advisory\sboard|(?:its|the)\sboard)|principal\s(?:accounting|financial|executive)\sofficer|(?:executive|senior|leadership|management)\s(?:leadership|management|team)|country\smanager|practice\sleader|editor[\s-]in[\s-]chief|dean|provost|principal|lead(?:er)?)`
export const NUMBER = String.raw`(?:\d[\d,.]{0,8}\+?|hundreds\sof|thousands\sof|dozens\sof|over|more\sthan|up\sto)`

export const rule = (label: SignalType, id: string, title: number, lead: number, source: string): Rule => ({
  id: `${label}/${id}`,
  label,
  title,
  lead,
  pattern: new RegExp(source)
})

/** What never means what its words say; it is taken out before any rule reads. */
export const DISTRACTORS: ReadonlyArray<RegExp> = [
  /\b(?:customer|user|client|talent|data|image|signal|language|knowledge|skills?|player|patient|lead|subscriber|donor|member) acquisition\b/gi,
  /\b(?:free|jury|mock|court|murder|30-day|14-day|7-day) trials?\b/gi,
  /\bhiring (?:process|managers?|trends?|decisions?|platform|software|tools?|practices|solutions?|teams?)\b/gi,
  /\b(?:award-winning|prize-winning|industry-leading|fda-approved|publicly[- ]traded|fully[- ]licensed)\b/gi,
  /\b(?:securities and exchange commission|form (?:8|10)-[kq](?:\/a)?)\b/gi,
  /\b(?:raise[sd]?|raising) (?:awareness|concerns?|questions?|the bar|hopes|eyebrows|the stakes|standards)\b/gi,
  /\b(?:terms|rewards?|loyalty|affiliate|apprenticeship|mentorship) of (?:the )?partnership\b/gi,
  /\b(?:limited|general) partnerships?\b/gi,
  /\bexchange commission\b/gi,
  /\bsubject to [^.;\n]{0,160}?\b(?:approvals?|clearances?|conditions|consents?)\b/gi
]

/** The language of filings: what a company files is news of it, of another kind where no rule says which. */
export const FILING =
  /\b(?:exhibit \d|incorporated (?:herein )?by reference|current report|the "?registrant"?\)|furnished herewith|(?:issued|released) an? (?:press|news) release)/i

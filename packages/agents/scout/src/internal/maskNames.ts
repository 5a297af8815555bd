/**
 * Takes the names of companies out of texts, so that "Metals Acquisition Ltd" is no acquisition. Names are learnt where a
 * legal form or a ticker follows capitalised words in running text, and are then taken out of the headline too.
 */
const NAME =
  /(?<![\w-])((?:[A-Z][\w'&-]{0,30}[ ]){0,4}[A-Z][\w'&-]{0,30}),?[ ](?:\((?:the )?[^()\n]{0,12}(?:NASDAQ|NYSE|TSX|ASX|OTC|LSE|AIM|CSE|Nasdaq|AMEX|TSXV|OTCQB|OTCQX)[^()\n]{0,40}\)|(?:Inc|Corp|Corporation|Incorporated|Ltd|Limited|LLC|PLC|plc|Plc|GmbH|AG|S\.A|SA|N\.V|LP|LLP|Co)\b\.?)/g
const TICKERS =
  /\((?:[^()\n]{0,20}\b)?(?:NASDAQ|NYSE|TSX|TSXV|TSX-V|ASX|OTC|OTCQB|OTCQX|OTCMKTS|LSE|AIM|CSE|FRA|FSE|XETRA|HKEX|AMEX)[^()\n]{0,80}\)/gi
const LEGAL_END = /,? (?:Inc|Corp|Corporation|Incorporated|Ltd|Limited|LLC|PLC|plc|Plc|GmbH|AG|SA|LP|LLP|Co)$/
const OPENERS =
  /^(?:The|At|In|On|With|By|From|For|And|Today|As|New|CEO|President|Founder|Chairman|Director|Chief|Officer)\s/

const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&")
const titleCase = (text: string): boolean => {
  const long = text.match(/[A-Za-z][\w-]{3,}/g) ?? []
  return long.length > 2 && long.filter((word) => /^[A-Z]/.test(word)).length >= long.length * 0.7
}

export const maskNames = (sentences: ReadonlyArray<string>): ((text: string) => string) => {
  const names = new Set<string>()
  for (const sentence of sentences) {
    if (titleCase(sentence)) continue
    for (const match of sentence.matchAll(NAME)) {
      let name = (match[1] ?? "").replace(LEGAL_END, "")
      while (OPENERS.test(name)) name = name.replace(OPENERS, "")
      if (name.length > 2) names.add(name)
    }
  }
  const listed = [...names].slice(0, 20).sort((left, right) => right.length - left.length || (left < right ? -1 : 1))
  const pattern =
    listed.length === 0 ? undefined : new RegExp(`(?<![\\w])(?:${listed.map(escape).join("|")})(?![\\w])`, "g")
  return (text) => {
    const bare = text.replace(TICKERS, " ")
    return pattern === undefined ? bare : bare.replace(pattern, "Zz")
  }
}

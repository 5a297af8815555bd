/**
 * Text in the form that rules see: compatibility forms composed away, accents and trade mark signs removed, typographic
 * quotes, dashes and spaces made plain. Case stays.
 */
// oxlint-disable-next-line no-control-regex
const NON_ASCII = /[^\x00-\x7f]/
// A character that is not plain, or one with marks that follow it.
// oxlint-disable-next-line no-control-regex
const CLUSTER = /[^\p{M}]?\p{M}+|[^\x00-\x7f]/gu
const PLAIN: Readonly<Record<string, string>> = {
  "\u2018": "'",
  "\u2019": "'",
  "\u201a": "'",
  "\u201b": "'",
  "\u2032": "'",
  "\u02bc": "'",
  "\uff07": "'",
  "\u00b4": "'",
  "\u201c": '"',
  "\u201d": '"',
  "\u201e": '"',
  "\u201f": '"',
  "\u2033": '"',
  "\u00ab": '"',
  "\u00bb": '"',
  "\u2010": "-",
  "\u2011": "-",
  "\u2012": "-",
  "\u2013": "-",
  "\u2014": "-",
  "\u2015": "-",
  "\u2212": "-",
  "\u00a0": " ",
  "\u2007": " ",
  "\u202f": " ",
  "\u2026": "...",
  "\u2122": "",
  "\u00ae": "",
  "\u2120": "",
  "\u00a9": "",
  "\u200b": "",
  "\u200c": "",
  "\u200d": "",
  "\u2060": "",
  "\ufeff": "",
  "\u00ad": "",
  "\u00df": "ss",
  "\u00e6": "ae",
  "\u00c6": "AE",
  "\u00f8": "o",
  "\u00d8": "O",
  "\u0142": "l",
  "\u0141": "L",
  "\u0153": "oe",
  "\u0152": "OE",
  "\u0111": "d",
  "\u0110": "D",
  "\u0131": "i"
}

const foldCluster = (cluster: string): string =>
  PLAIN[cluster] ??
  cluster
    .normalize("NFKD")
    .replace(/\p{M}+/gu, "")
    .normalize("NFKC")

// Typographic signs alone: each is replaced by itself, without looking for letters that marks belong to.
const SIGNS =
  /[\u00a0\u00ad\u00b4\u00a9\u00ab\u00ae\u00bb\u2007\u200b-\u200d\u2010-\u2015\u2018-\u201f\u2026\u202f\u2032\u2033\u2060\u2120\u2122\u2212\ufeff]/g
const plainSign = (sign: string): string => PLAIN[sign] ?? sign

export const foldText = (text: string): string => {
  if (!NON_ASCII.test(text)) return text
  const signless = text.replace(SIGNS, plainSign)
  if (!NON_ASCII.test(signless)) return signless
  return signless.replace(CLUSTER, foldCluster)
}

/** Dates as feeds write them → UTC milliseconds. What is not surely a day is `undefined`: a date is never made up. */

const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]

/** Hours; the obsolete zones of RFC 822 and the ones that feeds use beside them. */
const zones: Record<string, number> = {
  ut: 0,
  utc: 0,
  gmt: 0,
  z: 0,
  wet: 0,
  bst: 1,
  cet: 1,
  west: 1,
  met: 1,
  cest: 2,
  mest: 2,
  eet: 2,
  sast: 2,
  eest: 3,
  msk: 3,
  ast: -4,
  adt: -3,
  est: -5,
  edt: -4,
  cst: -6,
  cdt: -5,
  mst: -7,
  mdt: -6,
  pst: -8,
  pdt: -7,
  akst: -9,
  akdt: -8,
  hst: -10,
  jst: 9,
  kst: 9,
  hkt: 8,
  sgt: 8,
  awst: 8,
  acst: 9.5,
  aest: 10,
  aedt: 11,
  nzst: 12,
  nzdt: 13
}

const utc = (
  year: number,
  month: number,
  day: number,
  hour = 0,
  minute = 0,
  second = 0,
  milli = 0,
  offsetMinutes = 0
): number | undefined => {
  if (month < 1 || month > 12 || day < 1 || minute > 59 || second > 60 || Math.abs(offsetMinutes) > 15 * 60)
    return undefined
  if (hour > 23 && !(hour === 24 && minute === 0 && second === 0)) return undefined
  if (day > new Date(Date.UTC(year, month, 0)).getUTCDate() || year < 1000 || year > 9999) return undefined
  // a leap second is the second before it
  return Date.UTC(year, month - 1, day, hour, minute, Math.min(second, 59), milli) - offsetMinutes * 60_000
}

/** Minutes east of Greenwich; no zone means UTC, a zone that is not known means no date. */
const offset = (zone: string | undefined): number | undefined => {
  if (zone === undefined || zone === "") return 0
  const numeric = /^(?:gmt|utc?)?([+-])(\d{1,2}):?(\d{2})?$/i.exec(zone)
  if (numeric) return (numeric[1] === "-" ? -1 : 1) * (Number(numeric[2]) * 60 + Number(numeric[3] ?? 0))
  const hours = zones[zone.toLowerCase()]
  if (hours !== undefined) return hours * 60
  // RFC 822's military zones were defined the wrong way round; RFC 5322 says to read them as UTC
  return /^[a-z]$/i.test(zone) ? 0 : undefined
}

const clock = String.raw`(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9})\d*)?)?`
const zone = String.raw`(?:\s*([+-]\d{1,2}:?\d{2}|(?:gmt|utc?)[+-]\d{1,2}:?\d{0,2}|[a-z]{1,5}))?(?:\s*\([^)]*\))?`
const weekday = String.raw`(?:[a-z]{2,9}\.?,?\s+)?`

const iso = new RegExp(String.raw`^(\d{4})-(\d{1,2})-(\d{1,2})(?:(?:T|\s+)${clock}${zone})?$`, "i")
const isoHour = /^(\d{4})-?(\d{2})-?(\d{2})T(\d{2})(\d{2})?(\d{2})?(Z|[+-]\d{2}:?\d{2})?$/i
const isoBasic = /^(\d{4})(\d{2})(\d{2})$/
const isoOrdinal = /^(\d{4})-?(\d{3})$/
const rfc822 = new RegExp(
  String.raw`^${weekday}(\d{1,2})[\s-]+([a-z]{3,9})\.?[\s-]+(\d{4}|\d{2})(?:,?\s+${clock}${zone})?$`,
  "i"
)
const asctime = new RegExp(
  String.raw`^${weekday}([a-z]{3,9})\.?\s+(\d{1,2})(?:,?\s+${clock}(?:\s+([a-z]{1,5}|[+-]\d{4}))?)?,?\s+(\d{4})$`,
  "i"
)
const american = new RegExp(
  String.raw`^${weekday}([a-z]{3,9})\.?\s+(\d{1,2}),?\s+(\d{4})(?:,?\s+${clock}${zone})?$`,
  "i"
)

const monthOf = (name: string): number => {
  const index = months.indexOf(name.slice(0, 3).toLowerCase())
  return index + 1
}

const yearOf = (digits: string): number =>
  digits.length === 4 ? Number(digits) : Number(digits) + (Number(digits) < 70 ? 2000 : 1900)

const number = (digits: string | undefined): number | undefined => (digits === undefined ? undefined : Number(digits))
const millis = (digits: string | undefined): number =>
  digits === undefined ? 0 : Number(digits.slice(0, 3).padEnd(3, "0"))

const at = (
  year: number,
  month: number,
  day: number,
  h: string | undefined,
  m: string | undefined,
  s: string | undefined,
  fraction: string | undefined,
  z: string | undefined
): number | undefined => {
  const minutes = offset(z)
  return minutes === undefined
    ? undefined
    : utc(year, month, day, number(h), number(m), number(s), millis(fraction), minutes)
}

export const parseDate = (input: string): number | undefined => {
  const text = input.trim().replace(/\s+/g, " ")
  if (text.length < 6 || text.length > 80) return undefined
  let m: RegExpExecArray | null
  if ((m = iso.exec(text))) return at(Number(m[1]), Number(m[2]), Number(m[3]), m[4], m[5], m[6], m[7], m[8])
  if ((m = rfc822.exec(text))) return at(yearOf(m[3]!), monthOf(m[2]!), Number(m[1]), m[4], m[5], m[6], m[7], m[8])
  if ((m = isoHour.exec(text))) return at(Number(m[1]), Number(m[2]), Number(m[3]), m[4], m[5], m[6], undefined, m[7])
  if ((m = isoBasic.exec(text))) return utc(Number(m[1]), Number(m[2]), Number(m[3]))
  if ((m = isoOrdinal.exec(text))) {
    const days = Number(m[2])
    const leap = new Date(Date.UTC(Number(m[1]), 2, 0)).getUTCDate() === 29
    return days < 1 || days > (leap ? 366 : 365) ? undefined : Date.UTC(Number(m[1]), 0, days)
  }
  if ((m = asctime.exec(text))) return at(Number(m[8]), monthOf(m[1]!), Number(m[2]), m[3], m[4], m[5], m[6], m[7])
  if ((m = american.exec(text))) return at(Number(m[3]), monthOf(m[1]!), Number(m[2]), m[4], m[5], m[6], m[7], m[8])
  return undefined
}

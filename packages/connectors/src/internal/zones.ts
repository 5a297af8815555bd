import { day } from "./civil.ts"

/** A zone of the IANA database; instants and wall-clock times are milliseconds. */
export interface Zone {
  readonly offsetAt: (instant: number) => number
  /** RFC 5545 §3.3.5: of two instants the first; in a gap, by the offset before it. */
  readonly toInstant: (local: number) => number
  readonly toLocal: (instant: number) => number
}

/** Clocks change at most once in this time: offsets are looked up at its ends, and between them only where those differ. */
const span = 7 * day
const kept = 20_000

/** Offsets of one span: `before` until `change`, `after` from then on. */
interface Span {
  readonly change: number
  readonly before: number
  readonly after: number
}

const utc: Zone = { offsetAt: () => 0, toInstant: (local) => local, toLocal: (instant) => instant }

const makeZone = (format: Intl.DateTimeFormat): Zone => {
  const spans = new Map<number, Span>()
  const read = (instant: number): number => {
    const parts: Record<string, number> = {}
    for (const { type, value } of format.formatToParts(instant)) parts[type] = Number(value)
    const { day: date, hour, minute, month, second, year } = parts
    return Date.UTC(year!, month! - 1, date!, hour!, minute!, second!) - Math.floor(instant / 1000) * 1000
  }
  const look = (index: number): Span => {
    let low = index * span
    let high = low + span
    const before = read(low)
    const after = read(high)
    if (before === after) return { change: high, before, after }
    while (high - low > 1_000) {
      const middle = Math.floor((low + high) / 2_000) * 1_000
      if (read(middle) === before) low = middle
      else high = middle
    }
    return { change: high, before, after }
  }
  const offsetAt = (instant: number): number => {
    const index = Math.floor(instant / span)
    let found = spans.get(index)
    if (found === undefined) {
      if (spans.size >= kept) spans.clear()
      found = look(index)
      spans.set(index, found)
    }
    return instant < found.change ? found.before : found.after
  }
  return {
    offsetAt,
    toLocal: (instant) => instant + offsetAt(instant),
    toInstant: (local) => {
      // An offset is less than a day: one of these is surely before the local time, the other surely after it.
      const before = offsetAt(local - day)
      const after = offsetAt(local + day)
      if (before === after) return local - before
      const first = local - before
      const second = local - after
      const firstHolds = offsetAt(first) === before
      const secondHolds = offsetAt(second) === after
      if (firstHolds === secondHolds) return firstHolds ? Math.min(first, second) : first
      return firstHolds ? first : second
    }
  }
}

const zones = new Map<string, Zone>()

/** Names as the IANA database has them; `Intl` knows offsets such as "+01:00" too, which no calendar file can hold. */
const nameShaped = /^[A-Za-z][A-Za-z0-9_+\-/]*$/

/** The zone of a name, or nothing where there is none. Zones and their offsets are kept. */
export const zoneOf = (name: string): Zone | undefined => {
  if (name === "UTC") return utc
  const known = zones.get(name)
  if (known !== undefined) return known
  if (!nameShaped.test(name)) return undefined
  // A name may be written in capital and small letters at will: one zone for all ways.
  const key = name.toLowerCase()
  const same = zones.get(key)
  if (same !== undefined) return same
  try {
    const zone = makeZone(
      new Intl.DateTimeFormat("en-US", {
        timeZone: name,
        calendar: "gregory",
        numberingSystem: "latn",
        hourCycle: "h23",
        year: "numeric",
        month: "numeric",
        day: "numeric",
        hour: "numeric",
        minute: "numeric",
        second: "numeric"
      })
    )
    zones.set(key, zone)
    return zone
  } catch {
    return undefined
  }
}

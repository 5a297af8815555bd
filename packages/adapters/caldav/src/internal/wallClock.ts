/** Wall-clock times in zones ↔ instants, in milliseconds. */
import * as DateTime from "effect/DateTime"
import * as Option from "effect/Option"

/** Undefined where there is no such zone in the IANA database. */
export const zoneNamed = (name: string): DateTime.TimeZone.Named | undefined =>
  // Intl also takes offsets, "+01:00", which are no zones
  /^[A-Za-z]/.test(name) ? Option.getOrUndefined(DateTime.zoneMakeNamed(name)) : undefined

const named = (name: string): DateTime.TimeZone.Named => zoneNamed(name) ?? DateTime.zoneMakeNamedUnsafe(name)

/** How far the clocks of the zone are ahead of UTC, in milliseconds. */
export const offsetAt = (zone: string, instant: number): number =>
  zone === "UTC" ? 0 : DateTime.zonedOffset(DateTime.setZone(DateTime.makeUnsafe(instant), named(zone)))

/** The milliseconds that a local date-time or date would have if it were UTC. */
export const asIfUtc = (local: string): number => Date.parse(local.includes("T") ? `${local}Z` : `${local}T00:00:00Z`)

/** `"2026-11-23T09:30:00"` from what `asIfUtc` gives. */
export const fromAsIfUtc = (milliseconds: number): string => new Date(milliseconds).toISOString().slice(0, 19)

/** A skipped time is read with the offset before the gap, the first is taken of one that comes twice (RFC 5545 §3.3.5). */
export const instantOf = (local: string, zone: string): number => {
  const wall = asIfUtc(local)
  const day = 86_400_000
  const before = wall - offsetAt(zone, wall - day)
  if (offsetAt(zone, before) === wall - before) return before
  const after = wall - offsetAt(zone, wall + day)
  return offsetAt(zone, after) === wall - after ? after : before
}

export const localAt = (instant: number, zone: string): string => fromAsIfUtc(instant + offsetAt(zone, instant))

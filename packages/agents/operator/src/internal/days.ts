import * as DateTime from "effect/DateTime"

const day = 86_400_000

/** The first instant of a day, or of one some days later, in a zone; a midnight that the clocks skip is the instant after the gap. */
export const startOfDay = (date: string, zone: string, later: number): DateTime.Utc => {
  const midnight = new Date(Date.parse(`${date}T00:00:00Z`) + later * day)
  return DateTime.toUtc(
    DateTime.makeZonedUnsafe(
      { year: midnight.getUTCFullYear(), month: midnight.getUTCMonth() + 1, day: midnight.getUTCDate() },
      { timeZone: zone, adjustForTimeZone: true, disambiguation: "compatible" }
    )
  )
}

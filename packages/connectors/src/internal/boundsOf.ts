import type { CalendarEvent } from "../CalendarEvent.ts"
import { cycle, day, parse } from "./civil.ts"
import { eachOccurrence, readTimes } from "./starts.ts"

/** Wall clocks differ from UTC by less than a day, and a gap may be a whole day long. */
const margin = 2 * day

/** Instants that all occurrences lie between, whoever reads them; without `to` where there is no last one. */
export const boundsOf = (
  event: Pick<CalendarEvent, "start" | "end" | "recurrence">
): { readonly from: number; readonly to: number | undefined } | undefined => {
  const times = readTimes(event.start, event.end)
  if ("part" in times) return undefined
  let from = times.start
  let to: number | undefined = times.start + times.duration
  const { additional = [], overrides = [], rule } = event.recurrence ?? {}
  const until = rule?.until === undefined ? undefined : parse(rule.until)
  if (rule !== undefined && until !== undefined) to = until + day + times.duration
  else if (rule?.count !== undefined) {
    let last = times.start
    let left = rule.count
    eachOccurrence(times, { rule }, { from: times.start, to: times.start + cycle }, (wall) => (last = wall) === wall && --left > 0)
    to = left === 0 ? last + times.duration : undefined
  } else if (rule !== undefined) to = undefined
  for (const wall of additional.flatMap((text) => parse(text) ?? [])) {
    from = Math.min(from, wall)
    to = to === undefined ? undefined : Math.max(to, wall + times.duration)
  }
  for (const override of overrides) {
    const other = readTimes(override.start, override.end)
    if ("part" in other) return undefined
    from = Math.min(from, other.start)
    to = to === undefined ? undefined : Math.max(to, other.start + other.duration)
  }
  return { from: from - margin, to: to === undefined ? undefined : to + margin }
}

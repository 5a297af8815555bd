import { interleaved } from "../interleaved.ts"
import { atMost, type Line, times } from "../Line.ts"
import { median } from "../median.ts"
import { probe } from "../probe.ts"

const show = (value: number): string => `${value.toFixed(0)} ms`
const millis = (what: string) => () => probe("recurrence.ts", "millis", { what })

/** A thousand events expanded over a year: some 116,000 occurrences. */
export const recurrence = async (): Promise<ReadonlyArray<Line>> => {
  const { dates, expanded } = await interleaved({ expanded: millis("expand"), dates: millis("dates") })
  const [own, plain] = [median(expanded), median(dates)]
  return [atMost("recurrence: 1,000 events over a year", own, 200, show, `${times(own / plain)} of writing as many dates`)]
}

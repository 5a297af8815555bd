import { interleaved } from "../interleaved.ts"
import { atLeast, type Line } from "../Line.ts"
import { median } from "../median.ts"
import { probe } from "../probe.ts"

const show = (value: number): string => `${Math.round(value).toLocaleString("en")} items/s`
const rate = (parse: boolean) => () => probe("scout.ts", "itemsPerSecond", { parse, size: 4_000 })

/** How many feed items a second Scout looks through for the demo's twelve companies, on one core. */
export const scout = async (): Promise<ReadonlyArray<Line>> => {
  const { parsed, raw } = await interleaved({ parsed: rate(false), raw: rate(true) })
  return [
    atLeast("scout: items that are parsed", median(parsed), 1_000, show),
    atLeast("scout: items as RSS, parsed on the way", median(raw), 1_000, show)
  ]
}

import { difference, interleaved, ratio } from "../interleaved.ts"
import { atMost, information, type Line, micros, times } from "../Line.ts"
import { median } from "../median.ts"
import { probe } from "../probe.ts"

const cost =
  (kind: string, agents = 1) =>
  () =>
    probe("models.ts", "microsPerCall", { kind, size: 10_000, agents })

/** What metering, limits, retries and breaker add to a model call, and whether a crowd costs more than a few. */
export const models = async (): Promise<ReadonlyArray<Line>> => {
  const measured = await interleaved({
    bare: cost("bare"),
    metered: cost("metered"),
    guarded: cost("guarded"),
    crowd: cost("guarded", 200),
    few: cost("queue", 20),
    many: cost("queue", 200),
    thousands: cost("queue", 10_000)
  })
  return [
    information("models: a call of effect's LanguageModel", micros(median(measured.bare))),
    atMost("models: metered and limited, on top of it", difference(measured.metered, measured.bare), 100, micros),
    information("models: and retried, behind a breaker", micros(difference(measured.guarded, measured.bare))),
    information("models: the same, 200 at once", micros(difference(measured.crowd, measured.bare))),
    atMost("models: 200 in one lane / 20", ratio(measured.many, measured.few), 3, times, micros(median(measured.many))),
    atMost(
      "models: 10,000 in one lane / 200",
      ratio(measured.thousands, measured.many),
      3,
      times,
      micros(median(measured.thousands))
    )
  ]
}

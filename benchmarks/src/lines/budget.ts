import { interleaved, ratio } from "../interleaved.ts"
import { atMost, information, type Line, micros, times } from "../Line.ts"
import { median } from "../median.ts"
import { probe } from "../probe.ts"

const cost = (kind: string, size: number) => () => probe("budget.ts", "microsPerCall", { kind, size })

/** Reservations: what one costs, and whether a queue of them stays linear. */
export const budget = async (): Promise<ReadonlyArray<Line>> => {
  const measured = await interleaved({
    nested: cost("nested", 10_000),
    turn: cost("in turn", 1_000),
    turnMany: cost("in turn", 10_000),
    once: cost("at once", 1_000),
    onceMany: cost("at once", 10_000)
  })
  const line = (name: string, many: ReadonlyArray<number>, few: ReadonlyArray<number>) =>
    atMost(`budget: waiters ${name}, 10,000 / 1,000`, ratio(many, few), 1.5, times, `${micros(median(many))} against ${micros(median(few))} each`)
  return [
    information("budget: reserve and settle in 4 regions", micros(median(measured.nested))),
    line("admitted in turn", measured.turnMany, measured.turn),
    line("admitted all at once", measured.onceMany, measured.once)
  ]
}

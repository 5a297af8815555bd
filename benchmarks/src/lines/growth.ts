import { interleaved, ratio } from "../interleaved.ts"
import { atMost, type Line, micros, times } from "../Line.ts"
import { median } from "../median.ts"
import { probe } from "../probe.ts"

const cost = (kind: string, size: number) => () => probe("tasks.ts", "microsPerTask", { kind, size, rounds: 3, batch: 100_000 })

/** What a task costs among 100,000, against among 10,000. */
export const growth = async (): Promise<ReadonlyArray<Line>> => {
  const measured = await interleaved({
    goals: cost("goals", 10_000),
    goalsMany: cost("goals", 100_000),
    forEach: cost("forEach", 10_000),
    forEachMany: cost("forEach", 100_000)
  })
  const line = (name: string, many: ReadonlyArray<number>, few: ReadonlyArray<number>) =>
    atMost(`growth: ${name}, 100,000 / 10,000`, ratio(many, few), 1.3, times, `${micros(median(many))} against ${micros(median(few))} a task`)
  return [line("goals", measured.goalsMany, measured.goals), line("Task.forEach", measured.forEachMany, measured.forEach)]
}

import { interleaved, ratio } from "../interleaved.ts"
import { atMost, type Line, micros, times } from "../Line.ts"
import { median } from "../median.ts"
import { probe } from "../probe.ts"

const cost = (kind: string, size: number) => () => probe("tasks.ts", "microsPerTask", { kind, size })

/** A no-op task with everything on, against the same effect with a span in `Effect.forEach`. */
export const noop = async (): Promise<ReadonlyArray<Line>> => {
  const { bare, forEach, goals } = await interleaved({
    bare: cost("bare", 10_000),
    goals: cost("goals", 10_000),
    forEach: cost("forEach", 10_000)
  })
  const detail = (one: ReadonlyArray<number>) => `${micros(median(one))} against ${micros(median(bare))} a task`
  return [
    atMost("no-op: 10,000 goals / Effect.forEach", ratio(goals, bare), 3, times, detail(goals)),
    atMost("no-op: Task.forEach of 10,000 / Effect.forEach", ratio(forEach, bare), 3, times, detail(forEach))
  ]
}

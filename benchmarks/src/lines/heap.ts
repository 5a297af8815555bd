import { interleaved } from "../interleaved.ts"
import { atMost, information, type Line } from "../Line.ts"
import { median } from "../median.ts"
import { probe } from "../probe.ts"

const bytes = (value: number): string => `${value.toFixed(0)} B`
const weigh = (kind: string, figure: string) => () => probe("heap.ts", figure, { kind, size: 20_000 })

/** What 20,000 waiting tasks retain, each. */
export const heap = async (): Promise<ReadonlyArray<Line>> => {
  const measured = await interleaved({
    goals: weigh("goals", "bytesWithPlan"),
    engine: weigh("goals", "bytesOfEngine"),
    forEach: weigh("forEach", "bytesWithPlan")
  })
  return [
    atMost("heap: a waiting task, its Task with it", median(measured.goals), 2_048, bytes),
    atMost("heap: a waiting item of Task.forEach", median(measured.forEach), 2_048, bytes),
    information("heap: a waiting task, without its Task", bytes(median(measured.engine)))
  ]
}

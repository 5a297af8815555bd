import { interleaved, ratio } from "../interleaved.ts"
import { atMost, type Line, micros, times } from "../Line.ts"
import { median } from "../median.ts"
import { probe } from "../probe.ts"

const cost = (size: number) => () => probe("tasks.ts", "microsPerTask", { kind: "graph", size, batch: 40_000 })

/** A graph with two edges a task, made and run: each size against the smaller ones. */
export const graph = async (): Promise<ReadonlyArray<Line>> => {
  const measured = await interleaved({ small: cost(1_000), middle: cost(10_000), large: cost(40_000) })
  const { large, middle, small } = measured
  const line = (name: string, over: ReadonlyArray<number>, under: ReadonlyArray<number>) =>
    atMost(`graph: ${name}`, ratio(over, under), 1.5, times, `${micros(median(over))} against ${micros(median(under))} a task`)
  return [
    line("10,000 tasks, 20,000 edges / 1,000, 2,000", middle, small),
    line("40,000 tasks, 80,000 edges / 10,000, 20,000", large, middle),
    line("40,000 tasks, 80,000 edges / 1,000, 2,000", large, small)
  ]
}

import { interleaved } from "../interleaved.ts"
import { information, type Line, micros } from "../Line.ts"
import { median } from "../median.ts"
import { probe } from "../probe.ts"

const cost = (kind: string) => () => probe("tasks.ts", "microsPerTask", { kind, size: 1_000 })

/** The sizes that `benchmarks/peers` compares with other libraries. */
export const thousand = async (): Promise<ReadonlyArray<Line>> => {
  const measured = await interleaved({ goals: cost("goals"), bare: cost("bare"), chain: cost("chain"), bareChain: cost("bare chain") })
  const line = (name: string, ours: ReadonlyArray<number>, bare: ReadonlyArray<number>) =>
    information(`1,000: ${name}`, `${micros(median(ours))} a task (Effect.forEach with a span ${micros(median(bare))})`)
  return [line("fan-out under cap 10", measured.goals, measured.bare), line("chain", measured.chain, measured.bareChain)]
}

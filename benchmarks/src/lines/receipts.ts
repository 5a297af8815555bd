import { interleaved } from "../interleaved.ts"
import { atLeast, atMost, information, type Line } from "../Line.ts"
import { median } from "../median.ts"
import { probe } from "../probe.ts"

const millis = (value: number): string => `${value.toFixed(2)} ms`
const rate = (value: number): string => `${Math.round(value).toLocaleString("en")} entries/s`
const cost = (kind: string, size: number) => () => probe("receipts.ts", "millisPerWrite", { kind, size })

/** What a receipt adds to an action on the outside world, and how fast the audit log is checked. */
export const receipts = async (): Promise<ReadonlyArray<Line>> => {
  const { file, memory, verified } = await interleaved({
    file: cost("file", 1_000),
    memory: cost("memory", 1_000),
    verified: () => probe("receipts.ts", "entriesPerSecond", { kind: "verify", size: 100_000 })
  })
  return [
    atMost("receipts: added to an action, SQLite file", median(file), 1, millis, "approval, intent, outcome and two entries of the log"),
    information("receipts: added to an action, in memory", millis(median(memory))),
    atLeast("receipts: audit log verified, 100,000 entries in SQLite", median(verified), 100_000, rate)
  ]
}

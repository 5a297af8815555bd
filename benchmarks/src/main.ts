/**
 * What ARIA costs: `pnpm run bench [name ...] [--strict]`. Prints one table; a line that misses its bound says MISS, and with
 * --strict the exit code is 1.
 */
import { arch, cpus } from "node:os"
import type { Line } from "./Line.ts"
import { budget } from "./lines/budget.ts"
import { durable } from "./lines/durable.ts"
import { graph } from "./lines/graph.ts"
import { growth } from "./lines/growth.ts"
import { heap } from "./lines/heap.ts"
import { imports } from "./lines/imports.ts"
import { models } from "./lines/models.ts"
import { noop } from "./lines/noop.ts"
import { recurrence } from "./lines/recurrence.ts"
import { receipts } from "./lines/receipts.ts"
import { scout } from "./lines/scout.ts"
import { thousand } from "./lines/thousand.ts"
import { types } from "./lines/typeCheck.ts"

const benchmarks: Record<string, () => Promise<ReadonlyArray<Line>>> = { noop, growth, heap, graph, thousand, types, imports, scout, recurrence, budget, receipts, models, durable }

const given = process.argv.slice(2).filter((argument) => !argument.startsWith("--"))
const unknown = given.filter((name) => !(name in benchmarks))
if (unknown.length > 0) {
  console.error(`There is no benchmark called ${unknown.join(", ")}; there are ${Object.keys(benchmarks).join(", ")}`)
  process.exit(2)
}

const lines: Array<Line> = []
for (const [name, measure] of Object.entries(benchmarks)) {
  if (given.length > 0 && !given.includes(name)) continue
  if (process.stderr.isTTY) process.stderr.write(`measuring ${name} ...\n`)
  try {
    lines.push(...(await measure()))
  } catch (error) {
    lines.push({ name, figure: `not measured: ${String(error).split("\n").slice(0, 2).join(" ")}`, bound: "", verdict: "MISS" })
  }
}

const width = (column: "name" | "figure" | "bound") => Math.max(column.length, ...lines.map((line) => line[column].length))
const row = (name: string, figure: string, bound: string, verdict: string): string =>
  `${name.padEnd(width("name"))} | ${figure.padEnd(width("figure"))} | ${bound.padEnd(width("bound"))} | ${verdict}`.trimEnd()
console.log(`${new Date().toISOString().slice(0, 10)}, Node ${process.versions.node}, ${cpus().length} cores ${arch()}; medians of five\n`)
console.log(row("name", "figure", "bound", "ok"))
console.log(["name", "figure", "bound"].map((column) => "-".repeat(width(column as "name"))).join("-|-") + "-|-----")
for (const { bound, figure, name, verdict } of lines) console.log(row(name, figure, bound, verdict))

const missed = lines.filter(({ verdict }) => verdict === "MISS").length
console.log(`\n${missed === 0 ? "every bound is met" : `${missed} missed`}`)
if (missed > 0 && process.argv.includes("--strict")) process.exitCode = 1

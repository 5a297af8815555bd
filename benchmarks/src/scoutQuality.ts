/**
 * How well Scout classifies labelled texts: `node benchmarks/src/scoutQuality.ts FILE...`, by default the labelled files in the
 * folder that ARIA_DATA names (else ../shared/data). With --errors, each wrong item too; with --half=0 or 1, every second item.
 */
import * as Article from "@aria/agents-scout/Article"
import * as Classifier from "@aria/agents-scout/Classifier"
import { basename, join } from "node:path"
import { readLabelled, type LabelledText } from "./internal/scoutLabels.ts"

const percent = (share: number): string => (Number.isNaN(share) ? "    –" : `${(share * 100).toFixed(1).padStart(5)}`)
const f1 = (right: number, given: number, wanted: number): number =>
  given + wanted === 0 ? Number.NaN : (2 * right) / (given + wanted)
const mean = (values: ReadonlyArray<number>): number => values.reduce((sum, value) => sum + value, 0) / values.length

const measure = (name: string, items: ReadonlyArray<LabelledText>, errors: boolean): void => {
  const counts = new Map<string, { right: number; given: number; wanted: number }>()
  const confusion = new Map<string, number>()
  const count = (label: string) => {
    const known = counts.get(label) ?? { right: 0, given: 0, wanted: 0 }
    counts.set(label, known)
    return known
  }
  let primary = 0
  let clear = 0
  let clearPrimary = 0
  const started = performance.now()
  const results = items.map((item) => Classifier.classify(Article.make(item.title, item.text)))
  const took = performance.now() - started
  items.forEach((item, index) => {
    const result = results[index]
    if (result === undefined) return
    const given: ReadonlyArray<string> = result.labels.map((label) => label.type)
    for (const label of item.labels) count(label).wanted++
    for (const label of given) {
      count(label).given++
      if (item.labels.includes(label)) count(label).right++
    }
    const right = result.type === item.primary
    if (right) primary++
    else {
      const pair = `${item.primary} taken for ${result.type}`
      confusion.set(pair, (confusion.get(pair) ?? 0) + 1)
    }
    if (!item.ambiguous) {
      clear++
      if (right) clearPrimary++
    }
    if (
      errors &&
      (!right || item.labels.some((label) => !given.includes(label)) || given.length > item.labels.length)
    ) {
      console.log(`  ${item.id} ${item.title.slice(0, 90)}\n    wanted ${item.labels} got ${given}`)
      console.log(`    ${result.features.map((feature) => `${feature.rule} ${feature.weight.toFixed(1)}`).join(", ")}`)
    }
  })
  const all = [...counts.values()].reduce((sum, one) => ({
    right: sum.right + one.right,
    given: sum.given + one.given,
    wanted: sum.wanted + one.wanted
  }))
  console.log(`\n${name}: ${items.length} texts in ${took.toFixed(0)} ms`)
  console.log("label              precision recall    F1  wanted")
  for (const [label, one] of [...counts].sort(([left], [right]) => (left < right ? -1 : 1))) {
    const line = [one.right / one.given, one.right / one.wanted, f1(one.right, one.given, one.wanted)]
      .map(percent)
      .join("   ")
    console.log(`${label.padEnd(19)} ${line}  ${String(one.wanted).padStart(6)}`)
  }
  const macro = mean(
    [...counts.values()].filter((one) => one.wanted > 0).map((one) => f1(one.right, one.given, one.wanted))
  )
  console.log(`micro F1 ${percent(f1(all.right, all.given, all.wanted))}, macro F1 ${percent(macro)}`)
  console.log(
    `primary label right ${percent(primary / items.length)} (${primary} of ${items.length}), ` +
      `without ambiguous ones ${percent(clearPrimary / clear)} (${clearPrimary} of ${clear})`
  )
  const worst = [...confusion].sort(([, left], [, right]) => right - left).slice(0, 6)
  console.log(`confused most: ${worst.map(([pair, times]) => `${pair} ${times}`).join("; ") || "nothing"}`)
}

const options = process.argv.slice(2).filter((argument) => argument.startsWith("--"))
const given = process.argv.slice(2).filter((argument) => !argument.startsWith("--"))
const folder = process.env["ARIA_DATA"] ?? join(import.meta.dirname, "../../../shared/data")
const files =
  given.length > 0
    ? given
    : ["press_releases_labelled.jsonl", "sec_8k_labelled.jsonl"].map((file) => join(folder, file))
const half = options.find((option) => option.startsWith("--half="))?.slice(7)
for (const file of files) {
  const items = readLabelled(file).filter((_, index) => half === undefined || index % 2 === Number(half))
  measure(basename(file), items, options.includes("--errors"))
}

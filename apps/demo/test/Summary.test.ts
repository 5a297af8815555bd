import * as Cells from "@aria/demo/Cells"
import * as Summary from "@aria/demo/Summary"
import { Agent, Orchestrator, Plan, Task } from "@aria/orchestrator-core"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { expect, it } from "vitest"

class Refused extends Schema.TaggedError<Refused>()("Refused", { message: Schema.String }) {}

class Odd extends Agent.make("Odd", { description: "Refuses even numbers", payload: { n: Schema.Int }, success: Schema.Int, error: Refused }) {
  static readonly layer = this.toLayer(({ n }) => (n % 2 === 0 ? new Refused({ message: "even \u001b[31mnumbers\nare refused" }) : Effect.succeed(n)))
}

const result = (items: number) => {
  const all = Task.forEach("all", Odd, { items: () => Array.from({ length: items }, (_, n) => ({ n })), key: ({ n }) => `number ${n}` })
  const after = Task.make("after", Odd, { dependsOn: [all], payload: { n: 1 } })
  return Effect.runPromise(Effect.provide(Orchestrator.run(Plan.make("odd", [after])), Layer.merge(Odd.layer, Orchestrator.layer)))
}

const plain = (line: string) => line.replace(/\d+\.\d s/g, "0.0 s")

it("is a line for each task, totals, and each trouble once", async () => {
  expect(Summary.render(await result(4), { columns: 80, colors: false }).map(plain)).toEqual([
    "task                       outcome          time   calls    tokens",
    "all/number 0               failed          0.0 s       0         0",
    "all/number 1               done            0.0 s       0         0",
    "all/number 2               failed          0.0 s       0         0",
    "all/number 3               done            0.0 s       0         0",
    "after                      skipped                     0         0",
    "5 tasks: 2 done, 2 failed, 1 skipped       0.0 s       0         0",
    "",
    "all/number 0 and 1 more: Refused: even [31mnumbers are refused"
  ])
})

it("lists of many tasks those that went wrong, and counts the rest", async () => {
  const lines = Summary.render(await result(200), { columns: 80, colors: false })
  expect(lines.length).toBeLessThan(50)
  expect(lines).toContain("… 161 tasks not listed: 100 done, 60 failed, 1 skipped")
})

it("fits the width", async () => {
  const some = await result(4)
  for (const columns of [50, 80, 120]) {
    for (const line of Summary.render(some, { columns, colors: true })) expect(Cells.width(line)).toBeLessThanOrEqual(columns)
  }
})

import { Brief } from "@aria/demo/Brief"
import * as Execution from "@aria/demo/Execution"
import { Watch } from "@aria/demo/Watch"
import { Operator } from "@aria/agents-operator"
import { Entity, Scout } from "@aria/agents-scout"
import { Scribe } from "@aria/agents-scribe"
import { Approval, Orchestrator, ReceiptStore } from "@aria/orchestrator-core"
import * as Console from "effect/Console"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { afterEach, expect, it } from "vitest"

/** A Scout that finds nothing at once, and never anything about "Slow". */
const Stub = Scout.Scout.toLayer(({ entities: [company] }) =>
  Entity.nameOf(company) === "Slow"
    ? Effect.never
    : Effect.succeed({ reader: "rules" as const, signals: [], sources: [{ source: "wire", status: "ok", items: 1 } as const], warnings: [{ message: "a warning" }] })
)

afterEach(() => {
  process.exitCode = undefined
})

const none = { count: 0, from: DateTime.makeUnsafe("2026-11-23T12:00:00Z"), zone: "UTC" }

/** Nothing is read or written by it here. */
const Idle = Operator.Operator.toLayer(() => Effect.die("no follow-up was asked for"))

const run = async (companies: readonly [string, ...ReadonlyArray<string>], timeout: Duration.Duration) => {
  const lines: Array<string> = []
  await Effect.runPromise(
    Execution.run({ output: "text", timeout }, Watch, { companies, minScore: 0.3, since: undefined, now: undefined, writer: "template", followUps: none }).pipe(
      Effect.provideService(Console.Console, { ...console, log: (line: string) => void lines.push(line) }),
      Effect.provide(Layer.mergeAll(Stub, Brief.layer, Scribe.Scribe.layer, Idle, Approval.layerDeny, ReceiptStore.layerMemory, Orchestrator.layerWith({ runTimeout: timeout })))
    )
  )
  return { code: process.exitCode, text: lines.join("\n") }
}

it("what was found before a run was stopped is in the table, and in a brief of its own", async () => {
  const { code, text } = await run(["Acme", "Slow", "Beta"], Duration.millis(200))
  expect(code).toBe(124)
  expect(text).toMatch(/^signals\/Acme +done/m)
  expect(text).toMatch(/^signals\/Slow +timed out/m)
  expect(text).toMatch(/^brief +skipped/m)
  expect(text).toMatch(/^5 tasks: 2 done, 1 timed out, 2 skipped/m)
  expect(text).toContain("From 1 source")
  expect(text).toContain("- a warning")
})

it("a timeout that was not needed changes nothing", async () => {
  const { code, text } = await run(["Acme", "Beta"], Duration.seconds(30))
  expect(code).toBe(0)
  expect(text).toContain("No signal about Acme, Beta.")
})

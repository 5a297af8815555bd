import { Approval, HumanInput } from "@aria/orchestrator-core"
import { expect, it } from "@effect/vitest"
import { Arbitrary, Effect, Fiber, Layer, Schema } from "effect"
import { at, makeTerminal, question, request } from "./people.ts"

/** What a screen may get: text that can be read, and line ends of our own. */
const readable = /^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]*$/u

/** Pieces that screens act on, or that look like our own lines. */
const pieces = [
  "\u001b[2J", "\u001b]0;title\u0007", "\u009b31m", "\r", "\n", "\u2028", "\u202e", "\u2066", "\u200b", "\u00ad", "\ud800", "\u{e0041}", "\b\b\b", "\t",
  "> y\n", "Do it? y = yes\n> ", "\n| Recipients: nobody", "A question:\n", " ".repeat(70), "x".repeat(90), "\u4f60\u597d", "e\u0301\u0301\u0301\u0301\u0301\u0301\u0301", "\u{1f600}"
]
const hostile = Arbitrary.map(Arbitrary.array(Arbitrary.schema(Schema.Union([Schema.Literals(pieces), Schema.String])), { maxLength: 12 }), (parts) => parts.join(""))

/** How wide a line is at most. */
const width = (line: string) => Array.from(line).reduce((sum, character) => sum + (character.codePointAt(0)! < 0x80 ? 1 : 2), 0)

const check = (text: string, ours: ReadonlyArray<RegExp>) => {
  for (const line of text.split("\n")) {
    expect(line).toMatch(readable)
    expect(width(line)).toBeLessThan(80)
    if (!line.startsWith("| ") && !line.startsWith(": ")) expect(ours.some((pattern) => pattern.test(line)) ? "" : line).toBe("")
  }
}

const always = [/^$/, /^> $/, /^ {2}\(\d+ more lines(: s shows them)?\)$/]

it.effect.prop("whatever an action says of itself stays behind the bar, on an approval", { text: hostile }, ({ text }) =>
  Effect.gen(function* () {
    const { shown, terminal, type } = yield* makeTerminal(80)
    const requests = [
      request({ summary: text, kind: text, key: text, userId: text, runId: text, taskId: text, recipients: [text, text], input: { [text]: [text] } }),
      request({ summary: text, key: "2", receiptId: "2", recipients: [text] })
    ]
    const fibers = yield* Effect.forEach(requests, (one) =>
      Effect.forkChild(Effect.flatMap(Approval.Approval, (approval) => approval.decide(one)))
    ).pipe(Effect.provide(Approval.layerAsk.pipe(Layer.provide(at(terminal)))))
    const ours = [...always, /^2 approvals wait\. The first, 1 of 2:$/, /^The others:$/, /^ {2}2\.$/, /^ {2}Input:$/, /^Do 1\? y = yes, n = no \(default\), s = show everything$/, /^a = yes to all 2 of this list, d = no to all of it$/]
    const short = yield* shown
    check(short, ours)
    yield* type("s")
    check(yield* shown, ours)
    // Nothing but the marks of this approval begins like one of its lines.
    expect(short.split("\n").filter((line) => line.startsWith("| Recipients: "))).toHaveLength(1)
    yield* Effect.forEach(fibers, Fiber.interrupt)
  }),
  { arbitrary: { runs: 200 } }
)

it.effect.prop("and on a question of a task with its choices", { text: hostile }, ({ text }) =>
  Effect.gen(function* () {
    const { shown, terminal, type } = yield* makeTerminal(80)
    const asked = question(text, { prompt: text, userId: text, runId: text, schema: { type: "string", enum: [text, "other"] } })
    const fiber = yield* Effect.forkChild(Effect.flatMap(HumanInput.HumanInput, (human) => human.ask(asked, () => text))).pipe(Effect.provide(at(terminal)))
    const ours = [...always, /^A question:$/, /^ {2}Asked by:$/, /^ {2}Choices:$/, /^Type its number$/, /^That is no answer:$/]
    check(yield* shown, ours)
    yield* type("1")
    check(yield* shown, ours)
    yield* Fiber.interrupt(fiber)
  })
)

it.effect("what is hidden is shown as an escape, what can be read as it is", () =>
  Effect.gen(function* () {
    const { shown, terminal } = yield* makeTerminal(80)
    const summary = "Zürich 你好 ❤️ 😀 a\u001bb\u202ec\nd"
    const fiber = yield* Effect.forkChild(Effect.flatMap(Approval.Approval, (approval) => approval.decide(request({ summary })))).pipe(
      Effect.provide(Approval.layerAsk.pipe(Layer.provide(at(terminal))))
    )
    expect(yield* shown).toContain("| Zürich 你好 ❤️ 😀 a\\u{1b}b\\u{202e}c\\nd\n")
    yield* Fiber.interrupt(fiber)
  })
)

it.effect("long texts go on after a space, and nothing of them is lost", () =>
  Effect.gen(function* () {
    const { shown, terminal } = yield* makeTerminal(40)
    const prompt = "The quick brown fox jumps over the lazy dog, again and again, and donaudampfschifffahrtsgesellschaftskapitaen"
    const fiber = yield* Effect.forkChild(Effect.flatMap(HumanInput.HumanInput, (human) => human.ask(question("q", { prompt }), () => undefined))).pipe(
      Effect.provide(at(terminal))
    )
    const text = yield* shown
    expect(text).toContain("| The quick brown fox jumps over the \n: lazy dog, again and again, and \n: donaudampf")
    expect(text.replaceAll("\n: ", "")).toContain(`| ${prompt}\n`)
    yield* Fiber.interrupt(fiber)
  })
)

import { Approval, HumanInput, ReceiptStore } from "@aria/orchestrator-core"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Layer, PlatformError, Terminal } from "effect"
import { at, makeNotes, makeTerminal, question, request } from "./people.ts"

const fits = () => undefined

/** Starts a question; the fiber has its answer. */
const ask = (...args: Parameters<HumanInput.HumanInput["Service"]["ask"]>) =>
  Effect.forkChild(Effect.flatMap(HumanInput.HumanInput, (human) => human.ask(...args)))

const decide = (more?: Partial<Approval.Request>) =>
  Effect.forkChild(Effect.flatMap(Approval.Approval, (approval) => approval.decide(request(more))))

const asking = (terminal: Terminal.Terminal) => Approval.layerAsk.pipe(Layer.provideMerge(at(terminal)))

describe("one question", () => {
  it.effect("is shown with who asks, and its answer is a line", () =>
    Effect.gen(function* () {
      const { shown, terminal, type } = yield* makeTerminal()
      const fiber = yield* ask(question("owner", { prompt: "Who owns it?\nA name.", runId: "run-1", taskId: "t" }), fits).pipe(Effect.provide(at(terminal)))
      expect(yield* shown).toBe(
        "\nA question:\n| Who owns it?\n| A name.\n  Asked by:\n| Name: owner; User: ada; Run: run-1; Task: t\nType the answer on one line\n> "
      )
      yield* type("Grace Hopper")
      expect(yield* Fiber.join(fiber)).toStrictEqual({ value: "Grace Hopper", by: "ada", at: 50 })
    })
  )

  const cases: ReadonlyArray<readonly [schema: object, typed: string, value: unknown]> = [
    [{ type: "boolean" }, "y", true],
    [{ type: "boolean" }, " YES ", true],
    [{ type: "boolean" }, "n", false],
    [{ type: "boolean" }, "", false],
    [{ type: "string", enum: ["EU", "US"] }, "2", "US"],
    [{ type: "string", enum: ["EU", "US"] }, "EU", "EU"],
    [{ anyOf: [{ type: "number", enum: [3] }, { type: "string", enum: ["all"] }] }, "1", 3],
    [{ $ref: "#/$defs/Region", $defs: { Region: { type: "string", enum: ["EU"] } } }, "1", "EU"],
    [{ type: "string" }, '""', ""],
    [{ type: "string" }, "12", "12"],
    [{ type: "integer" }, "12", 12],
    [{ type: "object" }, '{"a":[1]}', { a: [1] }]
  ]
  it.effect.each(cases)("%j takes %j", ([schema, typed, value]) =>
    Effect.gen(function* () {
      const { shown, terminal, type } = yield* makeTerminal()
      const fiber = yield* ask(question("q", { schema: schema as never }), fits).pipe(Effect.provide(at(terminal)))
      yield* shown
      yield* type(typed)
      expect((yield* Fiber.join(fiber)).value).toStrictEqual(value)
    })
  )

  it.effect("takes a text without quotes where one is allowed beside something else", () =>
    Effect.gen(function* () {
      const { shown, terminal, type } = yield* makeTerminal()
      const schema = { anyOf: [{ type: "string" }, { type: "null" }] }
      const check = (value: unknown) => (typeof value === "string" || value === null ? undefined : "a text or null")
      for (const [typed, value] of [["Grace", "Grace"], ["null", null], ["12", "12"]] as const) {
        const fiber = yield* ask(question("q", { schema }), check).pipe(Effect.provide(at(terminal)))
        yield* shown
        yield* type(typed)
        expect((yield* Fiber.join(fiber)).value).toBe(value)
      }
    })
  )

  const wrong: ReadonlyArray<readonly [schema: object, typed: string, problem: string]> = [
    [{ type: "boolean" }, "maybe", "Type y or n"],
    [{ type: "string", enum: ["EU", "US"] }, "3", "Type a number from 1 to 2"],
    [{ type: "string", enum: ["EU", "US"] }, "0", "Type a number from 1 to 2"],
    [{ type: "string", enum: ["EU", "US"] }, "", "Type a number from 1 to 2"],
    [{ type: "string" }, "", "Nothing was typed"],
    [{ type: "string" }, "\u001b[A", "keys in it that are no text"],
    [{ type: "integer" }, "twelve", "Type JSON"],
    [{ type: "integer" }, "", "Nothing was typed"]
  ]
  it.effect.each(wrong)("%j does not take %j and is asked again", ([schema, typed, problem]) =>
    Effect.gen(function* () {
      const { shown, terminal, type } = yield* makeTerminal()
      const check = (value: unknown) => (value === "twelve" ? "no number" : undefined)
      const fiber = yield* ask(question("q", { schema: schema as never }), check).pipe(Effect.provide(at(terminal)))
      yield* shown
      yield* type(typed)
      const text = yield* shown
      expect(text).toContain("That is no answer:")
      expect(text).toContain(problem)
      expect(fiber.pollUnsafe()).toBeUndefined()
      yield* Fiber.interrupt(fiber)
    })
  )

  it.effect("what its schema refuses is asked again with the problem", () =>
    Effect.gen(function* () {
      const { shown, terminal, type } = yield* makeTerminal()
      const fiber = yield* ask(question("q"), (value) => (value === "right" ? undefined : "the text must be \u001b[31mright")).pipe(Effect.provide(at(terminal)))
      yield* shown
      yield* type("wrong")
      expect(yield* shown).toBe("That is no answer:\n| the text must be \\u{1b}[31mright\n> ")
      yield* type("right")
      expect((yield* Fiber.join(fiber)).value).toBe("right")
    })
  )
})

describe("nobody can answer", () => {
  it.effect("without a terminal, and hears at once what to do", () =>
    Effect.gen(function* () {
      const { shown, terminal } = yield* makeTerminal()
      const fiber = yield* ask(question("q"), fits).pipe(Effect.provide(at(terminal, { canPrompt: false })))
      const error = yield* Effect.flip(Fiber.join(fiber))
      expect(error).toMatchObject({ _tag: "UnansweredError", reason: "nobody", questionName: "q" })
      expect(error.message).toContain("start it in a terminal")
      expect(error.message).toContain("HumanInput.layerQueue")
      expect(yield* shown).toBe("")
    })
  )

  it.effect("once the input is closed, neither this question nor the next", () =>
    Effect.gen(function* () {
      const { close, shown, terminal } = yield* makeTerminal()
      yield* Effect.gen(function* () {
        const first = yield* ask(question("first"), fits)
        const second = yield* ask(question("second"), fits)
        expect(yield* shown).toContain("first?")
        yield* close
        for (const fiber of [first, second, yield* ask(question("third"), fits)]) {
          const error = yield* Effect.flip(Fiber.join(fiber))
          expect(error.reason).toBe("nobody")
          expect(error.message).toContain("closed")
        }
        expect(yield* shown).toBe("")
      }).pipe(Effect.provide(at(terminal)))
    })
  )

  it.effect("where nothing can be shown", () =>
    Effect.gen(function* () {
      const { terminal } = yield* makeTerminal()
      const broken = Terminal.make({
        ...terminal,
        display: () => Effect.fail(PlatformError.systemError({ _tag: "Unknown", module: "Terminal", method: "display", description: "EPIPE" }))
      })
      const fiber = yield* ask(question("q"), fits).pipe(Effect.provide(at(broken)))
      yield* (yield* makeTerminal()).shown
      const error = yield* Effect.flip(Fiber.join(fiber))
      expect(error.reason).toBe("unavailable")
    })
  )

  it.effect("within the time of the question, even one that is in line", () =>
    Effect.gen(function* () {
      const { shown, terminal } = yield* makeTerminal()
      yield* Effect.gen(function* () {
        const first = yield* ask(question("first", { expiresAt: 1_000 }), fits)
        const second = yield* ask(question("second", { expiresAt: 500 }), fits)
        for (let waited = 0; waited < 1_000; waited += 50) yield* shown
        for (const fiber of [first, second]) {
          const error = yield* Effect.flip(Fiber.join(fiber))
          expect(error).toMatchObject({ reason: "expired" })
          expect(error.message).toContain("1970-01-01T00:00:0")
        }
        const late = yield* ask(question("late", { expiresAt: 1_000 }), fits)
        expect(yield* Effect.flip(Fiber.join(late))).toMatchObject({ reason: "expired" })
      }).pipe(Effect.provide(at(terminal)))
    })
  )
})

describe("several questions", () => {
  it.effect("are put one at a time, first come, first served", () =>
    Effect.gen(function* () {
      const { shown, terminal, type } = yield* makeTerminal()
      const names = ["a", "b", "c", "d"]
      yield* Effect.gen(function* () {
        const fibers = yield* Effect.forEach(names, (name) => ask(question(name), fits))
        for (const name of names) {
          const text = yield* shown
          expect(text.split("A question:")).toHaveLength(2)
          expect(text).toContain(`| ${name}?\n`)
          yield* type(name.toUpperCase())
        }
        const answers = yield* Effect.forEach(fibers, Fiber.join)
        expect(answers.map(({ value }) => value)).toStrictEqual(["A", "B", "C", "D"])
      }).pipe(Effect.provide(at(terminal)))
    })
  )

  it.effect("what was typed before a question is shown does not answer it", () =>
    Effect.gen(function* () {
      const { shown, terminal, type } = yield* makeTerminal()
      yield* type("y")
      yield* type("y")
      const fiber = yield* decide().pipe(Effect.provide(asking(terminal)))
      yield* shown
      expect(fiber.pollUnsafe()).toBeUndefined()
      yield* type("n")
      expect(yield* Fiber.join(fiber)).toMatchObject({ _tag: "denied", by: "ada" })
    })
  )

  it.effect("a line begun for a question that was taken away answers no other", () =>
    Effect.gen(function* () {
      const { shown, terminal, type } = yield* makeTerminal()
      yield* Effect.gen(function* () {
        const first = yield* decide({ key: "first" })
        yield* shown
        const second = yield* ask(question("second", { schema: { type: "boolean" } }), fits)
        yield* Fiber.interrupt(first)
        const text = yield* shown
        expect(text).toContain("This question is over")
        expect(text).toContain("Press Enter to go on")
        expect(text).not.toContain("second?")
        yield* type("y")
        expect(yield* shown).toContain("second?")
        expect(second.pollUnsafe()).toBeUndefined()
        yield* type("n")
        expect((yield* Fiber.join(second)).value).toBe(false)
      }).pipe(Effect.provide(asking(terminal)))
    })
  )

  it.effect("who does not wait any more is not asked", () =>
    Effect.gen(function* () {
      const { shown, terminal, type } = yield* makeTerminal()
      yield* Effect.gen(function* () {
        const first = yield* ask(question("first"), fits)
        const second = yield* ask(question("second"), fits)
        const third = yield* ask(question("third"), fits)
        yield* shown
        yield* Fiber.interrupt(second)
        yield* type("one")
        const text = yield* shown
        expect(text).toContain("third?")
        expect(text).not.toContain("second?")
        yield* type("three")
        expect((yield* Fiber.join(first)).value).toBe("one")
        expect((yield* Fiber.join(third)).value).toBe("three")
      }).pipe(Effect.provide(at(terminal)))
    })
  )
})

describe("an approval", () => {
  it.effect("shows what is needed to decide", () =>
    Effect.gen(function* () {
      const { shown, terminal, type } = yield* makeTerminal(100)
      const fiber = yield* decide({
        runId: "run-1",
        taskId: "book",
        recipients: ["a@example.com", "b@example.com"],
        amount: 12.5,
        undoMillis: 300_000,
        expiresAt: 3_600_000
      }).pipe(Effect.provide(asking(terminal)))
      const text = yield* shown
      for (const line of [
        "| Write the minutes", "| Kind: notes.create", "| User: ada", "| Run: run-1", "| Task: book", "| Recipients: a@example.com, b@example.com",
        "| Amount: 12.5 US dollars", "| Can be taken back: for 5m", "| Answer until: 1970-01-01T01:00:00.000Z", '|   "title": "Minutes"'
      ]) expect(text).toContain(`${line}\n`)
      yield* type("y")
      expect(yield* Fiber.join(fiber)).toStrictEqual({ _tag: "approved", by: "ada" })
    })
  )

  it.effect("is no where nothing is typed, and says by whom", () =>
    Effect.gen(function* () {
      const { shown, terminal, type } = yield* makeTerminal()
      const fiber = yield* decide().pipe(Effect.provide(asking(terminal)))
      yield* shown
      yield* type("")
      expect(yield* Fiber.join(fiber)).toMatchObject({ _tag: "denied", by: "ada", reason: "denied" })
    })
  )

  it.effect("says how much of a long input is not shown, and shows all of it when asked", () =>
    Effect.gen(function* () {
      const { shown, terminal, type } = yield* makeTerminal()
      const lines = Array.from({ length: 100 }, (_, index) => `line ${index}`)
      const fiber = yield* decide({ input: lines, recipients: Array.from({ length: 400 }, (_, index) => `p${index}@example.com`) }).pipe(
        Effect.provide(asking(terminal))
      )
      const short = yield* shown
      expect(short).toContain("more lines: s shows them")
      expect(short).not.toContain('"line 99"')
      expect(short).not.toContain("p399@example.com")
      yield* type("s")
      const long = yield* shown
      expect(long).not.toContain("more lines")
      for (const line of lines) expect(long).toContain(JSON.stringify(line))
      expect(long.replaceAll("\n: ", "")).toContain("p399@example.com")
      yield* type("y")
      expect(yield* Fiber.join(fiber)).toMatchObject({ _tag: "approved" })
    })
  )

  it.effect("several are listed, and answered together or one by one", () =>
    Effect.gen(function* () {
      const { shown, terminal, type } = yield* makeTerminal()
      for (const [word, decision] of [["a", "approved"], ["d", "denied"]] as const) {
        yield* Effect.gen(function* () {
          const fibers = yield* Effect.forEach([1, 2, 3], (n) => decide({ key: `k${n}`, receiptId: `r${n}`, summary: `Thing ${n}` }))
          const text = yield* shown
          expect(text).toContain("3 approvals wait")
          for (const n of [1, 2, 3]) expect(text).toContain(`| Thing ${n}\n`)
          expect(text).toContain("a = yes to all 3 of this list, d = no to all of it")
          yield* type(word)
          expect(yield* shown).toBe(`${word === "a" ? "Yes" : "No"} to 3.\n`)
          for (const fiber of fibers) expect(yield* Fiber.join(fiber)).toMatchObject({ _tag: decision, by: "ada" })
        }).pipe(Effect.provide(asking(terminal)))
      }
    })
  )

  it.effect("one that came after the list is not answered with it", () =>
    Effect.gen(function* () {
      const { shown, terminal, type } = yield* makeTerminal()
      yield* Effect.gen(function* () {
        const listed = yield* Effect.forEach([1, 2], (n) => decide({ receiptId: `r${n}` }))
        yield* shown
        const later = yield* decide({ receiptId: "r3", summary: "The later one" })
        yield* type("a")
        for (const fiber of listed) expect(yield* Fiber.join(fiber)).toMatchObject({ _tag: "approved" })
        expect(yield* shown).toContain("The later one")
        expect(later.pollUnsafe()).toBeUndefined()
        yield* type("n")
        expect(yield* Fiber.join(later)).toMatchObject({ _tag: "denied" })
      }).pipe(Effect.provide(asking(terminal)))
    })
  )

  it.effect("one that was taken back since it was listed is not counted", () =>
    Effect.gen(function* () {
      const { shown, terminal, type } = yield* makeTerminal()
      yield* Effect.gen(function* () {
        const [first, second] = yield* Effect.all([decide({ receiptId: "r1" }), decide({ receiptId: "r2" })])
        yield* shown
        yield* Fiber.interrupt(second)
        yield* type("a")
        expect(yield* shown).toContain("Yes to 1. 1 did not wait any more.")
        expect(yield* Fiber.join(first)).toMatchObject({ _tag: "approved" })
      }).pipe(Effect.provide(asking(terminal)))
    })
  )

  it.effect("a single one takes no answer for all, and a question of a task neither", () =>
    Effect.gen(function* () {
      const { shown, terminal, type } = yield* makeTerminal()
      yield* Effect.gen(function* () {
        const one = yield* decide()
        // Its name alone does not make it an approval.
        const other = yield* ask(question("approval", { schema: { type: "boolean" } }), fits)
        expect(yield* shown).not.toContain("a = yes to all")
        yield* type("a")
        expect(yield* shown).toContain("Type y or n")
        yield* type("y")
        expect(yield* Fiber.join(one)).toMatchObject({ _tag: "approved" })
        expect(yield* shown).toContain("A question:")
        yield* type("n")
        expect((yield* Fiber.join(other)).value).toBe(false)
      }).pipe(Effect.provide(asking(terminal)))
    })
  )

  it.effect("decides whether an action is done", () =>
    Effect.gen(function* () {
      const { shown, terminal, type } = yield* makeTerminal()
      const { create, written } = makeNotes()
      yield* Effect.gen(function* () {
        const fiber = yield* Effect.forkChild(Effect.exit(Effect.all([create("one"), create("two")], { concurrency: 2, mode: "result" })))
        yield* shown
        yield* type("y")
        yield* shown
        yield* type("n")
        const exit = yield* Fiber.join(fiber)
        expect(Exit.isSuccess(exit)).toBe(true)
        expect(written).toHaveLength(1)
      }).pipe(Effect.provide([asking(terminal), ReceiptStore.layerMemory]))
    })
  )
})

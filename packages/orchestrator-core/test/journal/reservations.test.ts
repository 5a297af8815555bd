import { Budget, Journal, Orchestrator, Plan, Run, Task, Usage } from "@aria/orchestrator-core"
import { expect, it } from "@effect/vitest"
import { Deferred, Effect, Layer } from "effect"
import { Book, inLife, Say, SayError, Stage } from "./book.ts"

const One = Plan.make("one", [Task.make("a", Say, { payload: { text: "a" } })])

const living = (name: string, options: Orchestrator.Options, test: (book: Book, stage: Stage) => Effect.Effect<unknown, unknown, any>) => {
  const stage = new Stage()
  return it.effect(name, () => test(new Book(), stage).pipe(Effect.provide(Layer.merge(Orchestrator.layerWith(options), stage.layer))) as Effect.Effect<unknown, unknown>)
}

living("a reservation is stored before the call is made, and settled once in each ending", {}, (book, stage) =>
  Effect.gen(function* () {
    const ends = {
      settled: (reservation: Budget.Reservation) => Effect.as(reservation.settle({ outputTokens: 3 }), "x"),
      twice: (reservation: Budget.Reservation) => Effect.as(Effect.andThen(reservation.settle({ outputTokens: 3 }), reservation.settle({ outputTokens: 4 })), "x"),
      released: (reservation: Budget.Reservation) => Effect.as(reservation.release, "x"),
      "released, then settled": (reservation: Budget.Reservation) => Effect.as(Effect.andThen(reservation.release, reservation.settle({ outputTokens: 3 })), "x"),
      silent: () => Effect.succeed("x"),
      failed: () => Effect.fail(new SayError({ text: "no" })),
      "settled, then failed": (reservation: Budget.Reservation) => Effect.andThen(reservation.settle({ outputTokens: 3 }), Effect.fail(new SayError({ text: "no" }))),
      died: () => Effect.die("bug"),
      nonsense: (reservation: Budget.Reservation) => Effect.as(reservation.settle({ outputTokens: -1 }), "x")
    }
    stage.does = (text) =>
      Budget.reserve({ tokens: 10 }, (reservation) => Effect.andThen(Effect.sync(() => book.log.push(`called ${text}`)), ends[text as keyof typeof ends](reservation)))
    const expected: Readonly<Record<keyof typeof ends, string>> = {
      settled: "settled 3",
      twice: "settled 3",
      released: "released",
      "released, then settled": "released",
      silent: "settled 10",
      failed: "settled 10",
      "settled, then failed": "settled 3",
      died: "settled 10",
      nonsense: "settled 10"
    }
    for (const [text, end] of Object.entries(expected)) {
      book.log.length = 0
      yield* Orchestrator.run(Plan.make("p", [Task.make("a", Say, { payload: { text } })])).pipe(inLife(book))
      const log = book.log.map((line) => line.replace(" a ", " ").replace(/ a$/, ""))
      expect([text, log.slice(0, 3)]).toEqual([text, ["acquired 10", `called ${text}`, end]])
      expect(log.filter((line) => line.startsWith("settled") || line.startsWith("released"))).toHaveLength(1)
      book.units.clear()
    }
  })
)

living("one that is interrupted settles at its worst; one that is not stored yet is let go", {}, (book, stage) =>
  Effect.gen(function* () {
    stage.does = () => Budget.reserve({ tokens: 10 }, () => Effect.never)
    const under = yield* Orchestrator.start(One).pipe(inLife(book))
    while (!book.log.includes("acquired a 10")) yield* Effect.yieldNow
    yield* under.cancel
    expect(book.log).toEqual(["acquired a 10", "settled a 10"])

    book.log.length = 0
    const asked = yield* Deferred.make<void>()
    book.room = () => Effect.andThen(Deferred.succeed(asked, undefined), Effect.never)
    const before = yield* Orchestrator.start(One).pipe(inLife(book))
    yield* Deferred.await(asked)
    const result = yield* before.cancel
    expect(book.log).toEqual(["released a"])
    expect(result.results.map(({ _tag }) => _tag)).toEqual(["cancelled"])
    expect(result.usage).toEqual(Usage.make({ outputTokens: 10 }))
  })
)

living("an account without room ends the task, and the reservation is let go", {}, (book, stage) =>
  Effect.gen(function* () {
    const full = (requested: number) => new Budget.BudgetExceededError({ owner: "user", scope: "ada", dimension: "tokens", limit: 5, used: 5, held: 0, requested })
    book.room = ({ worst }) => Effect.fail(full(worst.tokens))
    let adapted: unknown
    stage.does = (text) =>
      text === "adapts"
        ? Effect.map(Effect.flip(Budget.tryReserve({ tokens: 7 }, () => Effect.never)), (error) => ((adapted = error), "adapted"))
        : Budget.reserve({ tokens: 10 }, () => Effect.die("it was made"))
    const plan = Plan.make("p", [Task.make("a", Say, { payload: { text: "a" } }), Task.make("b", Say, { payload: { text: "adapts" } })])
    const { results } = yield* Orchestrator.run(plan).pipe(inLife(book))
    expect(results).toMatchObject([{ _tag: "failed", error: full(10), usage: Usage.zero }, { _tag: "succeeded", output: "adapted" }])
    expect(adapted).toEqual(full(7))
    expect(book.log.filter((line) => !line.startsWith("stored"))).toEqual(["released a", "released b"])
    expect(book.spends).toEqual([])
  })
)

living("what never fits here is refused here: no journal is asked", { runLimits: { tokens: 5 } }, (book, stage) =>
  Effect.gen(function* () {
    stage.does = () => Budget.reserve({ tokens: 10 }, () => Effect.die("it was made"))
    const { results } = yield* Orchestrator.run(One).pipe(inLife(book))
    expect(results).toMatchObject([{ _tag: "failed", error: { _tag: "BudgetExceededError", owner: "run" } }])
    expect(book.log).toEqual(["stored a"])
  })
)

living("the accounts are the limits around the outermost run, innermost first", { limits: { tokens: 1_000 }, userLimits: { calls: 50 }, runLimits: { tokens: 500 } }, (book, stage) =>
  Effect.gen(function* () {
    const asked: Array<ReadonlyArray<Journal.Account>> = []
    book.room = ({ accounts, isPatient }) => Effect.sync(() => void (asked.push(accounts), expect(isPatient).toBe(asked.length !== 2)))
    stage.does = () =>
      Budget.limit({ tokens: 100 }, { name: "inner" })(Budget.reserve({ tokens: 1 }, () => Effect.as(Budget.reserve({ tokens: 1 }, () => Effect.void), "x"))).pipe(Effect.orDie)
    yield* Orchestrator.run(One).pipe(Budget.limit({ tokens: 300 }, { name: "near" }), Budget.limit({ usd: 2.5 }, { name: "far" }), Run.configure({ userId: "ada" }), inLife(book))
    const [first, beneath] = asked
    expect(first?.map(({ limits, name, owner }) => [owner, name, limits])).toEqual([
      ["region", "near", { tokens: 300 }],
      ["region", "far", { usd: 2.5 }],
      ["user", "ada", { calls: 50 }],
      ["orchestrator", "", { tokens: 1_000 }]
    ])
    expect(first?.slice(2).map(({ id }) => id)).toEqual(["user:ada", "orchestrator"])
    for (const { id } of first?.slice(0, 2) ?? []) expect(id).toMatch(/^region:[0-9a-f-]{36}$/)
    // The same for all who share it.
    expect(beneath).toEqual(first)
    const around = yield* Journal.accounts.pipe(Budget.limit({ tokens: 3 }, { name: "alone" }))
    expect(around).toMatchObject([{ owner: "region", name: "alone", limits: { tokens: 3 } }])
    // Elsewhere it is the same account again.
    expect(yield* Journal.accounts.pipe(Journal.within(first ?? []))).toEqual(first?.slice(0, 2))
  })
)

living("what was spent before counts in the limits of the next life", { runLimits: { tokens: 25 } }, (book, stage) =>
  Effect.gen(function* () {
    stage.does = () => Budget.reserve({ tokens: 10 }, () => Effect.never)
    yield* Orchestrator.start(One).pipe(inLife(book))
    while (book.spends.length < 1) yield* Effect.yieldNow
    yield* Orchestrator.start(One).pipe(inLife(book))
    while (book.spends.length < 2) yield* Effect.yieldNow
    const { results, usage } = yield* Orchestrator.run(One).pipe(inLife(book))
    expect(results).toMatchObject([{ _tag: "failed", error: { _tag: "BudgetExceededError", owner: "run", limit: 25, used: 20, requested: 10 } }])
    expect(usage.tokens).toBe(20)
  })
)

living("a charge is stored with its task, also the one that refuses what follows", { runLimits: { tokens: 5 } }, (book, stage) =>
  Effect.gen(function* () {
    stage.does = () => Effect.as(Effect.andThen(Budget.charge({ outputTokens: 7 }), Budget.charge({ outputTokens: 1 })), "x")
    const { results, usage } = yield* Orchestrator.run(One).pipe(inLife(book))
    expect(results).toMatchObject([{ _tag: "failed", error: { _tag: "BudgetExceededError", limit: 5, used: 8, requested: 1 } }])
    expect(book.spends.map(({ key, state, usage }) => [key, state, usage.tokens])).toEqual([["a", "settled", 7], ["a", "settled", 1]])
    expect(usage.tokens).toBe(8)
  })
)

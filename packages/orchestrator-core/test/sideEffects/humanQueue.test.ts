import { HumanInput, QuestionQueue } from "@aria/orchestrator-core"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Result } from "effect"
import { TestClock } from "effect/testing"
import { only, open, question } from "./people.ts"

const layer = HumanInput.layerQueue({ pollInterval: "1 second" }).pipe(Layer.provideMerge(QuestionQueue.layerMemory))

const ask = (...args: Parameters<HumanInput.HumanInput["Service"]["ask"]>) =>
  Effect.forkChild(
    Effect.flatMap(HumanInput.HumanInput, (human) => human.ask(...args)),
    { startImmediately: true }
  )
const fits = () => undefined

/** A queue that gives no answer from time to time. */
const outage = (isDown: () => boolean) =>
  Layer.effect(QuestionQueue.QuestionQueue)(
    Effect.map(QuestionQueue.QuestionQueue, (real) => {
      const down = Effect.fail(new QuestionQueue.QuestionQueueError({ operation: "get", message: "the disk is full" }))
      const unless = <A, E>(self: Effect.Effect<A, E>) => Effect.suspend((): Effect.Effect<A, E | QuestionQueue.QuestionQueueError> => (isDown() ? down : self))
      return { ...real, put: (asked) => unless(real.put(asked)), get: (id) => unless(real.get(id)), list: (filter) => unless(real.list(filter)) }
    })
  ).pipe(Layer.provide(QuestionQueue.layerMemory))

describe("a question in the queue", () => {
  it.effect("is seen by another fiber, which answers it", () =>
    Effect.gen(function* () {
      const queue = yield* QuestionQueue.QuestionQueue
      const asked = question("owner", { runId: "run-1", about: { a: 1 } })
      const fiber = yield* ask(asked, fits)
      expect(yield* open).toStrictEqual([{ question: asked, state: "open" }])
      yield* TestClock.adjust("10 minutes")
      expect(fiber.pollUnsafe()).toBeUndefined()
      yield* queue.answer("owner", { value: "Grace", by: "bob" })
      expect(yield* open).toHaveLength(0)
      yield* TestClock.adjust("1 second")
      // It is ada's question; who answered is who answered.
      expect(yield* Fiber.join(fiber)).toStrictEqual({ value: "Grace", by: "bob", at: 600_000 })
    }).pipe(Effect.provide(layer))
  )

  it.effect("takes one answer, also of two at the same time, and who is late hears whose stands", () =>
    Effect.gen(function* () {
      const queue = yield* QuestionQueue.QuestionQueue
      const fiber = yield* ask(question("owner"), fits)
      const both = yield* Effect.all(
        ["Grace", "Joan"].map((value) => Effect.result(queue.answer("owner", { value, by: value.toLowerCase() }))),
        { concurrency: 2 }
      )
      expect(both.filter(Result.isSuccess)).toHaveLength(1)
      const [refused] = both.filter(Result.isFailure).map(({ failure }) => failure)
      expect(refused).toMatchObject({ _tag: "QuestionClosedError", reason: "answered" })
      yield* TestClock.adjust("1 second")
      const { by } = yield* Fiber.join(fiber)
      expect(refused?.message).toContain(by)
      expect(yield* Effect.flip(queue.decline("owner", "cyd"))).toMatchObject({ reason: "answered" })
    }).pipe(Effect.provide(layer))
  )

  it.effect("is open again where the answer does not fit, and says why", () =>
    Effect.gen(function* () {
      const queue = yield* QuestionQueue.QuestionQueue
      const fiber = yield* ask(question("count"), (value) => (typeof value === "number" ? undefined : "a number is needed"))
      yield* queue.answer("count", { value: "many", by: "bob" })
      yield* TestClock.adjust("1 second")
      expect(yield* only).toMatchObject({ state: "open", problem: "a number is needed" })
      expect(fiber.pollUnsafe()).toBeUndefined()
      yield* queue.answer("count", { value: 3, by: "bob" })
      yield* TestClock.adjust("1 second")
      expect((yield* Fiber.join(fiber)).value).toBe(3)
    }).pipe(Effect.provide(layer))
  )

  it.effect("is declined", () =>
    Effect.gen(function* () {
      const queue = yield* QuestionQueue.QuestionQueue
      const fiber = yield* ask(question("owner"), fits)
      yield* queue.decline("owner", "bob")
      yield* TestClock.adjust("1 second")
      expect(yield* Effect.flip(Fiber.join(fiber))).toMatchObject({ _tag: "UnansweredError", reason: "declined", questionName: "owner" })
      expect(yield* Effect.flip(queue.answer("owner", { value: "x", by: "bob" }))).toMatchObject({ reason: "declined" })
    }).pipe(Effect.provide(layer))
  )

  it.effect("expires: no answer counts any more, whoever is asked again is asked anew", () =>
    Effect.gen(function* () {
      const queue = yield* QuestionQueue.QuestionQueue
      const fiber = yield* ask(question("owner", { expiresAt: 5_000 }), fits)
      yield* TestClock.adjust("6 seconds")
      const error = yield* Effect.flip(Fiber.join(fiber))
      expect(error).toMatchObject({ reason: "expired" })
      expect(error.message).toContain("1970-01-01T00:00:05")
      expect(error.message).toContain("ask it again")
      expect(yield* open).toHaveLength(0)
      expect(yield* Effect.flip(queue.answer("owner", { value: "late", by: "bob" }))).toMatchObject({ reason: "expired" })
      const again = yield* ask(question("owner", { askedAt: 6_000, expiresAt: 20_000 }), fits)
      expect((yield* only).question.expiresAt).toBe(20_000)
      yield* queue.answer("owner", { value: "in time", by: "bob" })
      yield* TestClock.adjust("1 second")
      expect((yield* Fiber.join(again)).value).toBe("in time")
    }).pipe(Effect.provide(layer))
  )

  it.effect("finds its answer when it is asked again after its process was lost", () =>
    Effect.gen(function* () {
      const queue = yield* QuestionQueue.QuestionQueue
      const lost = yield* ask(question("owner", { expiresAt: 60_000 }), fits)
      yield* Fiber.interrupt(lost)
      expect(yield* open).toHaveLength(1)
      yield* queue.answer("owner", { value: "Grace", by: "bob" })
      yield* TestClock.adjust("10 seconds")
      const again = yield* ask(question("owner", { askedAt: 10_000, expiresAt: 70_000 }), fits)
      expect((yield* Fiber.join(again)).value).toBe("Grace")
      expect(yield* open).toHaveLength(0)
    }).pipe(Effect.provide(layer))
  )

  it.effect("does not find an answer whose time is over", () =>
    Effect.gen(function* () {
      const queue = yield* QuestionQueue.QuestionQueue
      const lost = yield* ask(question("owner", { expiresAt: 5_000 }), fits)
      yield* queue.answer("owner", { value: "Grace", by: "bob" })
      yield* Fiber.interrupt(lost)
      yield* TestClock.adjust("5 seconds")
      const again = yield* ask(question("owner", { askedAt: 5_000, expiresAt: 10_000 }), fits)
      yield* TestClock.adjust("1 second")
      expect(again.pollUnsafe()).toBeUndefined()
      expect(yield* only).toMatchObject({ state: "open", question: { expiresAt: 10_000 } })
      yield* queue.answer("owner", { value: "Joan", by: "bob" })
      yield* TestClock.adjust("1 second")
      expect((yield* Fiber.join(again)).value).toBe("Joan")
    }).pipe(Effect.provide(layer))
  )

  it.effect("of another id is not answered with it", () =>
    Effect.gen(function* () {
      const queue = yield* QuestionQueue.QuestionQueue
      const fibers = yield* Effect.all([ask(question("one"), fits), ask(question("two"), fits)])
      yield* queue.answer("two", { value: "2", by: "bob" })
      yield* TestClock.adjust("1 second")
      expect(fibers[0].pollUnsafe()).toBeUndefined()
      expect((yield* Fiber.join(fibers[1])).value).toBe("2")
      expect((yield* only).question.id).toBe("one")
      yield* Fiber.interrupt(fibers[0])
    }).pipe(Effect.provide(layer))
  )

  it.effect("fails where the queue gives no answer for as long as it is asked again, with what it said", () =>
    Effect.gen(function* () {
      for (const [patience, seconds] of [[undefined, 30], [0, 0], ["5 seconds", 5]] as const) {
        const fiber = yield* ask(question("owner"), fits).pipe(Effect.provide(Layer.provide(HumanInput.layerQueue({ patience }), outage(() => true))))
        if (seconds > 0) {
          yield* TestClock.adjust(seconds * 1_000 - 1_000)
          expect(fiber.pollUnsafe()).toBeUndefined()
        }
        yield* TestClock.adjust("2 seconds")
        const error = yield* Effect.flip(Fiber.join(fiber))
        expect(error).toMatchObject({ reason: "unavailable" })
        expect(error.message).toContain("the disk is full")
      }
    })
  )

  it.effect("waits on while the queue gives no answer, and is asked though it gave none at first", () =>
    Effect.gen(function* () {
      let isDown = true
      yield* Effect.gen(function* () {
        const fiber = yield* ask(question("owner"), fits)
        yield* TestClock.adjust("20 seconds")
        isDown = false
        yield* TestClock.adjust("1 second")
        expect(yield* open).toHaveLength(1)
        isDown = true
        // Much longer than it would be asked again at the start.
        yield* TestClock.adjust("1 hour")
        expect(fiber.pollUnsafe()).toBeUndefined()
        isDown = false
        yield* Effect.flatMap(QuestionQueue.QuestionQueue, (queue) => queue.answer("owner", { value: "Grace", by: "bob" }))
        yield* TestClock.adjust("1 second")
        expect((yield* Fiber.join(fiber)).value).toBe("Grace")
      }).pipe(Effect.provide(Layer.provideMerge(HumanInput.layerQueue(), outage(() => isDown))))
    })
  )

  it.effect("is looked at together with all others: the queue is asked as often for a thousand as for one", () =>
    Effect.gen(function* () {
      const asked: Array<string> = []
      const counted = Layer.effect(QuestionQueue.QuestionQueue)(
        Effect.map(QuestionQueue.QuestionQueue, (real) => ({
          ...real,
          get: (id: string) => Effect.andThen(Effect.sync(() => asked.push("get")), real.get(id)),
          list: (filter: QuestionQueue.Filter) => Effect.andThen(Effect.sync(() => asked.push("list")), real.list(filter))
        }))
      ).pipe(Layer.provide(QuestionQueue.layerMemory))
      yield* Effect.gen(function* () {
        const fibers = yield* Effect.forEach(Array.from({ length: 1_000 }, (_, n) => `q${n}`), (id) => ask(question(id), fits))
        asked.length = 0
        yield* TestClock.adjust("10 seconds")
        // Twice, because there are so many.
        expect(asked).toEqual(Array.from({ length: 20 }, () => "list"))
        const queue = yield* QuestionQueue.QuestionQueue
        yield* Effect.forEach([3, 999], (n) => queue.answer(`q${n}`, { value: n, by: "bob" }))
        yield* TestClock.adjust("1 second")
        expect([yield* Fiber.join(fibers[3]!), yield* Fiber.join(fibers[999]!)].map(({ value }) => value)).toEqual([3, 999])
        expect(fibers.filter((fiber) => fiber.pollUnsafe() !== undefined)).toHaveLength(2)
        yield* Effect.forEach(fibers, Fiber.interrupt)
        asked.length = 0
        yield* TestClock.adjust("1 minute")
        expect(asked).toEqual([])
      }).pipe(Effect.provide(HumanInput.layerQueue({ pollInterval: "1 second" }).pipe(Layer.provideMerge(counted))))
    })
  )
})

it.effect("nobody: every question fails at once with what to do instead", () =>
  Effect.gen(function* () {
    const fiber = yield* ask(question("owner"), fits).pipe(Effect.provide(HumanInput.layerNobody()))
    const error = yield* Effect.flip(Fiber.join(fiber))
    expect(error).toMatchObject({ reason: "nobody", questionName: "owner" })
    expect(error.message).toContain("HumanInput.layerQueue")
    const own = yield* Effect.flip(Fiber.join(yield* ask(question("owner"), fits).pipe(Effect.provide(HumanInput.layerNobody("start it with --ask")))))
    expect(own.message).toContain("start it with --ask")
  })
)

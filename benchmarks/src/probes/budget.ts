/** What reservations cost, in a process of its own: `node --expose-gc budget.ts '{"kind":"nested","size":10000}'`. */
import { Budget } from "@aria/orchestrator-core"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Latch from "effect/Latch"
import { median } from "../median.ts"
import { timed } from "../timing.ts"

const settled = (tokens: number, used: number) => Budget.reserve({ tokens, calls: 1 }, ({ settle }) => settle({ outputTokens: used, calls: 1 }))

/** One after the other, in four regions. */
const nested = (size: number) =>
  Effect.forEach(Array.from({ length: size }), () => settled(10, 8), { discard: true }).pipe(
    Budget.limit({ tokens: 1e9, usd: 1e6 }),
    Budget.limit({ tokens: 1e9, calls: 1e9 }),
    Budget.limit({ tokens: 1e9 }),
    Budget.limit({ calls: 1e9 })
  )

/** All wait for one that holds the whole limit; then they are admitted all at once, or one after the other. */
const waiters = (size: number, atOnce: boolean) => {
  // In turn, each asks for more than half of the limit, so that no two fit.
  const limit = atOnce ? size * 10 : size * 2 - 1
  return Effect.gen(function* () {
    const latch = yield* Latch.make()
    const holder = yield* Effect.forkChild(
      Budget.reserve({ tokens: limit }, ({ release }) => Effect.andThen(latch.await, release)),
      { startImmediately: true }
    )
    const allAsked = yield* Latch.make()
    let asked = 0
    let answered = 0
    const each = Effect.suspend(() => {
      const asking = Budget.reserve({ tokens: atOnce ? 10 : size, calls: 1 }, ({ settle }) => {
        answered++
        return settle({ outputTokens: 1, calls: 1 })
      })
      return ++asked === size ? Effect.andThen(allAsked.open, asking) : asking
    })
    const waiting = yield* Effect.forkChild(
      Effect.forEach(Array.from({ length: size }), () => each, { concurrency: "unbounded", discard: true }),
      { startImmediately: true }
    )
    yield* allAsked.await
    yield* Effect.yieldNow
    if (answered > 0) return yield* Effect.die(new Error(`${answered} were admitted at once: nothing was measured`))
    yield* latch.open
    yield* Fiber.join(holder)
    yield* Fiber.join(waiting)
  }).pipe(Budget.limit({ tokens: limit }))
}

const program = (kind: string, size: number) => {
  switch (kind) {
    case "nested":
      return nested(size)
    case "at once":
      return waiters(size, true)
    case "in turn":
      return waiters(size, false)
    default:
      throw new Error(`No probe of budgets is called ${kind}`)
  }
}

const main = Effect.gen(function* () {
  const { kind, rounds = 5, size } = JSON.parse(process.argv[2] ?? "{}")
  const warmUp = program(kind, 1_000)
  for (let round = 0; round < 20; round++) yield* warmUp
  const measured = program(kind, size)
  const runs = Math.max(1, Math.floor(10_000 / size))
  const millis: Array<number> = []
  for (let round = 0; round < rounds; round++) {
    millis.push((yield* timed(Effect.forEach(Array.from({ length: runs }), () => measured, { discard: true }))) / runs)
  }
  console.log(JSON.stringify({ microsPerCall: (median(millis) * 1000) / size }))
})

await Effect.runPromise(main)

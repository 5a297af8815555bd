/** Connections that are dead without anybody having said so: nothing comes through them, no error either. */
import { Orchestrator } from "@aria/orchestrator-core"
import { expect, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { forwarder } from "./forwarder.ts"
import { clientOf, database } from "./postgres.ts"
import { at, Line, runs, spending, worker, World } from "./workbench.ts"

it.live(
  "what a worker writes on connections that are dead is written on others, once, and its run goes on",
  () =>
    Effect.gen(function* () {
      const { url } = yield* database()
      const network = yield* forwarder(url)
      const world = new World()
      world.does = (text) => spending(10, Effect.as(text.startsWith("b") ? world.gate("b") : Effect.void, `${text}!`))
      const one = yield* worker(clientOf(network.url), world, { userLimits: { tokens: 1_000 } })
      const run = yield* Effect.forkChild(at(one)(Orchestrator.run(Line, { name: "x" })))
      yield* world.begun("b after a x!")
      yield* Effect.sleep(100)
      expect(yield* network.freeze).toBeGreaterThan(0)
      yield* world.open("b")
      const result = yield* Fiber.join(run)
      expect([result.allSucceeded, result.usage.tokens, world.called]).toEqual([true, 30, ["a x", "b after a x!", "c after b after a x!!"]])
      // A transaction that has begun on one of them cannot be ended before the network says so.
      yield* network.cut
      expect(yield* Effect.retry(runs(one).accounts, { times: 100 })).toMatchObject([{ used: { tokens: 30, calls: 3 }, held: { tokens: 0 } }])
    }).pipe(Effect.scoped),
  60_000
)

import { Budget, Orchestrator, Plan, Run, Task, Usage } from "@aria/orchestrator-core"
import { describe, expect, it } from "@effect/vitest"
import { Context, Effect, Fiber, Schema } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import { stores } from "./stores.ts"
import { at, Echo, givenUp, Line, One, runs, spending, until, withId, worker, World } from "./workbench.ts"

/** Numbers from 0 to 1 that a seed decides. */
const randomOf = (seed: number) => () => {
  seed = (seed + 0x6d2b79f5) | 0
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
}

const usd = (micro: number) => micro / 1_000_000

describe.each(stores)("limits in $name", ({ make }) => {
  it.live("what a user may spend is one for all workers, at every instant, whatever they do at once", () =>
    Effect.gen(function* () {
      const store = yield* make
      const world = new World()
      const random = randomOf(17)
      let spent = 0
      let settled = 0
      world.does = (text) => {
        const worst = 1 + Math.floor(random() * 12)
        const used = Math.floor(random() * (worst + 1))
        const [late, ending] = [random() * 8, random()]
        const work = Effect.sleep(late)
        return Budget.reserve({ tokens: worst, usd: usd(worst) }, (reservation) => {
          if (ending < 0.2) return Effect.as(Effect.andThen(work, reservation.release), text)
          // Nobody says what it took: it counts in full.
          spent += ending < 0.4 ? worst : used
          settled++
          return Effect.as(ending < 0.4 ? work : Effect.andThen(work, reservation.settle({ outputTokens: used, microUsd: used })), text)
        })
      }
      const limits = { userLimits: { tokens: 100, usd: usd(100) }, concurrency: 6 }
      const workers = [yield* worker(store, world, limits), yield* worker(store, world, limits)]
      const sampled: Array<string> = []
      const look = Effect.map(runs(workers[0]!).accounts, (all) => {
        for (const { held, id, used } of all) {
          if (used.tokens + held.tokens > 100 || used.usd + held.usd > usd(100)) sampled.push(`${id} ${used.tokens}+${held.tokens}`)
        }
      })
      const sampler = yield* Effect.forkChild(Effect.forever(Effect.andThen(look, Effect.sleep(1))))
      const ids = yield* Effect.forEach(
        Array.from({ length: 100 }, (_, index) => index),
        (index) => Orchestrator.run(One, { text: `${index}` }).pipe(Run.configure({ id: `${index}`, userId: "ada" }), at(workers[index % 2]!)),
        { concurrency: "unbounded" }
      )
      yield* Fiber.interrupt(sampler)
      expect(sampled).toEqual([])
      const ada = (yield* runs(workers[0]!).accounts).find(({ id }) => id === "user:ada")!
      expect(ada).toEqual({ id: "user:ada", used: { tokens: spent, calls: 0, usd: usd(spent) }, held: { tokens: 0, calls: 0, usd: 0 } })
      expect(spent).toBeLessThanOrEqual(100)
      expect(settled).toBeGreaterThan(5)
      const refused = ids.flatMap(({ results }) => results.flatMap((outcome) => (outcome._tag === "failed" ? [outcome.error] : [])))
      expect(refused.length).toBeGreaterThan(0)
      for (const error of refused) expect(error).toMatchObject({ _tag: "BudgetExceededError", owner: "user", scope: "ada" })
      expect(Usage.sum(ids.map(({ usage }) => usage)).tokens).toBe(spent)
      // Somebody else has an account of their own.
      world.does = (text) => spending(100, Effect.succeed(text))
      expect((yield* Orchestrator.run(One, { text: "bob" }).pipe(Run.configure({ userId: "bob" }), at(workers[1]!))).allSucceeded).toBe(true)
    })
  )

  it.live("what the orchestrator may spend is one for all workers, and goes on when all have ended", () =>
    Effect.gen(function* () {
      const store = yield* make
      const world = new World()
      world.does = (text) => spending(1, Effect.succeed(text))
      const limits = { limits: { calls: 5 } }
      const outcomes: Array<string> = []
      for (let life = 0; life < 3; life++) {
        yield* Effect.scoped(
          Effect.gen(function* () {
            const here = yield* worker(store, world, limits)
            for (let run = 0; run < 2; run++) outcomes.push((yield* Orchestrator.run(One, { text: "x" }).pipe(at(here))).results[0]!._tag)
          })
        )
      }
      expect(outcomes).toEqual(["succeeded", "succeeded", "succeeded", "succeeded", "succeeded", "failed"])
    })
  )

  it.live("who asks for what another worker holds waits until it is let go", () =>
    Effect.gen(function* () {
      const store = yield* make
      const world = new World()
      world.does = (text) => Budget.reserve({ tokens: 60 }, (reservation) => Effect.as(Effect.andThen(Effect.andThen(Effect.sync(() => world.called.push(`in ${text}`)), world.gate(text)), reservation.settle({ outputTokens: 10 })), text))
      const limits = { userLimits: { tokens: 100 } }
      const [here, there] = [yield* worker(store, world, limits), yield* worker(store, world, limits)]
      const first = yield* Orchestrator.start(One, { text: "first" }).pipe(at(here))
      yield* world.begun("in first")
      yield* world.open("second")
      const second = yield* Orchestrator.start(One, { text: "second" }).pipe(withId("second"), at(there))
      yield* world.begun("second")
      yield* until(Effect.flatMap(runs(there).inspect("second"), ({ run }) => Effect.succeed(run.status)), (status) => status === "running")
      yield* Effect.sleep(30)
      expect(world.called).not.toContain("in second")
      yield* world.open("first")
      expect([(yield* first.await).allSucceeded, (yield* second.await).allSucceeded]).toEqual([true, true])
      expect((yield* runs(here).accounts).find(({ id }) => id.startsWith("user:"))?.used.tokens).toBe(20)
    })
  )

  it.live("a region around a run holds in its next life, with all that was spent in it", () =>
    Effect.gen(function* () {
      const store = yield* make
      const world = new World()
      world.does = (text) => spending(20, text.startsWith("b") ? Effect.never : Effect.succeed(text))
      const here = yield* worker(store, world, { lease: "1 minute" })
      yield* Effect.forkChild(Orchestrator.run(Line, { name: "x" }).pipe(withId("r"), Budget.limit({ tokens: 50 }, { name: "cheap" }), at(here)))
      yield* world.begun("b after a x")
      yield* until(runs(here).accounts, (all) => all.some(({ held }) => held.tokens === 20))
      yield* givenUp(here)
      world.does = (text) => spending(20, Effect.succeed(text))
      const there = yield* worker(store, world)
      const result = yield* runs(there).wait("r")
      // What the dead worker held counts as spent: 20 for a, 20 for b that was lost, and 20 more do not fit.
      expect(result.results.map(({ _tag, usage }) => [_tag, usage.tokens])).toEqual([["succeeded", 20], ["failed", 20], ["skipped", 0]])
      expect(result.results[1]).toMatchObject({ error: { _tag: "BudgetExceededError", owner: "region", scope: "cheap", limit: 50, used: 40, held: 0, requested: 20 } })
      expect(result.usage.tokens).toBe(40)
      const region = (yield* runs(there).accounts).find(({ id }) => id.startsWith("region:"))
      expect(region).toMatchObject({ used: { tokens: 40 }, held: { tokens: 0 } })
    })
  )

  it.live("two runs in one region share it, wherever they are", () =>
    Effect.gen(function* () {
      const store = yield* make
      const world = new World()
      world.does = (text) => spending(20, Effect.succeed(text))
      const here = yield* worker(store, world)
      const results = yield* Effect.forEach([1, 2, 3], () => Orchestrator.run(One, { text: "x" }).pipe(at(here))).pipe(Budget.limit({ tokens: 50 }))
      expect(results.map(({ results: [outcome] }) => outcome!._tag)).toEqual(["succeeded", "succeeded", "failed"])
      expect((yield* runs(here).accounts).filter(({ id }) => id.startsWith("region:"))).toMatchObject([{ used: { tokens: 40 } }])
    })
  )

  it.live("what was charged counts once over all lives: in its task, in its run, in a nested run and its parent", () =>
    Effect.gen(function* () {
      const store = yield* make
      const world = new World()
      world.does = (text) => Effect.andThen(Budget.charge({ outputTokens: 7, calls: 1 }), text === "last" ? Effect.never : Effect.succeed(text))
      const Inner = Plan.make("inner", { version: "1", input: Schema.Struct({ text: Schema.String }) }, ({ text }) => [
        Task.make("x", Echo, { payload: { text } }),
        Task.make("y", Echo, { payload: { text: "y" } })
      ])
      const Outer = Plan.make("outer", { version: "1", input: Schema.Struct({ names: Schema.Array(Schema.String) }) }, ({ names }) => {
        const nested = Task.plan("nested", Inner, { input: { text: "x" } })
        const items = Task.forEach("items", Echo, { items: () => names.map((text) => ({ text })), key: ({ text }) => text })
        return [Task.make("last", Echo, { dependsOn: [nested, items], payload: { text: "last" } })]
      })
      const options = { plans: [Outer], lease: "1 minute" } as const
      const here = yield* worker(store, world, options)
      yield* Orchestrator.start(Outer, { names: ["1", "2"] }).pipe(withId("r"), at(here))
      yield* world.begun("last")
      // The charge of the last one is stored as well.
      yield* until(runs(here).inspect("r"), ({ usage }) => usage.calls === 5)
      yield* givenUp(here)
      world.does = (text) => Effect.as(Budget.charge({ outputTokens: 7, calls: 1 }), text)
      const there = yield* worker(store, world, options)
      const result = yield* runs(there).wait("r")
      expect(result.results.map(({ taskId, usage }) => [taskId, usage.calls])).toEqual([["nested", 2], ["items", 2], ["items/1", 1], ["items/2", 1], ["last", 2]])
      expect([result.usage.calls, result.usage.tokens]).toEqual([6, 42])
      expect((yield* runs(there).inspect("r")).usage.calls).toBe(6)
      const [nested] = result.results
      expect(nested?._tag === "succeeded" && nested.run?.usage.calls).toBe(2)
      expect(world.called.toSorted()).toEqual(["1", "2", "last", "last", "x", "y"])
    })
  )

  it.live("whatever part of a run is stored, the rest is done and nothing else, and the result is the same", () =>
    Effect.gen(function* () {
      const store = yield* make
      const world = new World()
      world.does = (text) => spending(1, Effect.succeed(`${text}!`))
      const Wide = Plan.make("wide", { version: "1", input: Schema.Struct({ names: Schema.Array(Schema.String) }) }, ({ names }) => {
        const first = Task.make("first", Echo, { payload: { text: "first" } })
        const items = Task.forEach("items", Echo, { dependsOn: [first], items: () => names.map((text) => ({ text })), key: ({ text }) => text })
        const sometimes = Task.make("sometimes", Echo, { dependsOn: [first], when: ({ first }) => first === "no", payload: { text: "never" } })
        return [Task.make("last", Echo, { dependsOn: [items, Task.optional(sometimes)], payload: ({ items }) => ({ text: items.join() }) })]
      })
      const here = yield* worker(store, world, { plans: [Wide] })
      const sql = Context.get(here, SqlClient)
      const whole = yield* Orchestrator.run(Wide, { names: ["1", "2", "3"] }).pipe(withId("r"), at(here))
      const all = (yield* runs(here).inspect("r")).units
      // In an order in which they may have been stored.
      const order = ["first", "sometimes#when", "items#items", "items%2F1", "items%2F2", "items%2F3", "last"]
      expect(all.map(({ key }) => key).toSorted()).toEqual(order.toSorted())
      const textOf: Readonly<Record<string, string>> = { first: "first", "items%2F1": "1", "items%2F2": "2", "items%2F3": "3", last: "1!,2!,3!" }
      const random = randomOf(5)
      for (let round = 0; round < 12; round++) {
        const items = order.slice(3, 6).toSorted(() => random() - 0.5)
        const kept = [...order.slice(0, 3), ...items, "last"].slice(0, Math.floor(random() * 8))
        const lost = order.filter((key) => !kept.includes(key))
        if (lost.length > 0) yield* sql`DELETE FROM aria_units WHERE run_id = 'r' AND ${sql.in("key", lost)}`
        yield* sql`DELETE FROM aria_events WHERE run_id = 'r'`
        world.called.length = 0
        yield* sql`UPDATE aria_runs SET status = 'running', owner = 'somebody dead', deaths = 0, ended = NULL, result = NULL WHERE id = 'r'`
        const again = yield* runs(here).wait("r")
        expect(yield* again.outputs).toEqual(yield* whole.outputs)
        expect(again.results.map(({ _tag, taskId }) => `${taskId} ${_tag}`)).toEqual(whole.results.map(({ _tag, taskId }) => `${taskId} ${_tag}`))
        expect([kept, world.called.toSorted()]).toEqual([kept, lost.flatMap((key) => textOf[key] ?? []).toSorted()])
      }
    })
  )
})

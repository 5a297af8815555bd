/**
 * What runs cost where they are kept, in a process of its own: `node --expose-gc durable.ts '{"store":{"kind":"memory"}}'`. Prints runs of
 * three steps a second, one at a time and 20 and 100 at once; the same with reservations, of each run's own and under a limit of their
 * user, 20 at once; microseconds a task of 1,000; and bytes a run.
 */
import { Orchestrator, type Plan, Run } from "@aria/orchestrator-core"
import * as Effect from "effect/Effect"
import { diskOf, orchestratorOn, type Store } from "../internal/durableStore.ts"
import { median } from "../median.ts"
import { Chain, Fan, handlersRun, Three, ThreeCalls } from "../plans/durablePlans.ts"
import { timed } from "../timing.ts"

interface Options {
  readonly store: Store
  /** How many runs are measured, one at a time, 20 at once and 100 at once. */
  readonly runs?: readonly [number, number, number]
}

const { runs = [150, 500, 1_000], store }: Options = JSON.parse(process.argv[2] ?? "{}")

/** Checked, because a run that does nothing is fast. */
const checked = <E, R>(handlers: number, work: Effect.Effect<unknown, E, R>): Effect.Effect<void, E, R> =>
  Effect.suspend(() => {
    const before = handlersRun()
    return Effect.flatMap(work, () => {
      const ran = handlersRun() - before
      return ran === handlers ? Effect.void : Effect.die(new Error(`${ran} handlers ran instead of ${handlers}`))
    })
  })

const succeeding = (plan: Plan.Any) => (result: { readonly allSucceeded: boolean }) =>
  result.allSucceeded ? Effect.void : Effect.die(new Error(`a run of "${plan.name}" did not succeed`))

const rateOf = <E, R>(run: (n: number) => Effect.Effect<void, E, R>, times: number, atOnce: number) => {
  const many = (count: number) =>
    checked(3 * count, Effect.forEach(Array.from({ length: count }), (_, n) => run(n), { concurrency: atOnce, discard: true }))
  // What is compared has to be compiled alike: half of each.
  return Effect.andThen(
    many(Math.ceil(times / 2)),
    Effect.map(timed(many(times)), (millis) => (times * 1_000) / millis)
  )
}

const three = (n: number) => Effect.flatMap(Orchestrator.run(Three, { n }), succeeding(Three))
const threeCalls = (n: number) => Effect.flatMap(Orchestrator.run(ThreeCalls, { n }), succeeding(ThreeCalls))

const rates = Effect.gen(function* () {
  const before = yield* diskOf(store)
  const one = yield* rateOf(three, runs[0], 1)
  const twenty = yield* rateOf(three, runs[1], 20)
  const hundred = yield* rateOf(three, runs[2], 100)
  const after = yield* diskOf(store)
  const all = runs.reduce((sum, times) => sum + times + Math.ceil(times / 2), 0)
  return { one, twenty, hundred, files: (after.files - before.files) / all, log: (after.log - before.log) / all }
})

const size = 1_000

const tasks = Effect.gen(function* () {
  const measure = (plan: typeof Chain | typeof Fan) => {
    const once = checked(size, Effect.flatMap(Orchestrator.run(plan, { tasks: size }).pipe(Run.configure({ concurrency: 20 })), succeeding(plan)))
    return Effect.gen(function* () {
      for (let round = 0; round < 2; round++) yield* once
      const millis: Array<number> = []
      for (let round = 0; round < 3; round++) millis.push(yield* timed(once))
      return (median(millis) * 1_000) / size
    })
  }
  return { chain: yield* measure(Chain), fan: yield* measure(Fan) }
})

const measured = Effect.gen(function* () {
  const free = yield* Effect.provide(
    Effect.gen(function* () {
      return { ...(yield* rates), ...(yield* tasks), reserved: yield* rateOf(threeCalls, runs[1], 20) }
    }),
    orchestratorOn(store)
  )
  const shared = yield* Effect.provide(rateOf(threeCalls, runs[1], 20), orchestratorOn(store, { userLimits: { tokens: 1e12 } }))
  return { ...free, shared }
})
console.log(JSON.stringify(await Effect.runPromise(measured)))

/**
 * What runs cost where they are kept, in a process of its own: `node --expose-gc durable.ts '{"store":{"kind":"memory"},"kind":"runs"}'`.
 * Prints runs a second, one at a time and 20 and 100 at once, and bytes a run; or, as `"tasks"`, microseconds a task.
 */
import { Orchestrator, type Plan, Run } from "@aria/orchestrator-core"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import { diskOf, orchestratorOn, type Store } from "../internal/durableStore.ts"
import { median } from "../median.ts"
import { Chain, Fan, handlersRun, Three, ThreeCalls } from "../plans/durablePlans.ts"
import { timed } from "../timing.ts"

interface Options {
  readonly store: Store
  readonly kind: "runs" | "reservations" | "reservations of a user" | "tasks"
  /** How many runs are measured, one at a time, 20 at once and 100 at once. */
  readonly runs?: readonly [number, number, number]
}

const { kind, runs = [150, 500, 1_000], store }: Options = JSON.parse(process.argv[2] ?? "{}")

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

const rates = <E, R>(run: (n: number) => Effect.Effect<void, E, R>) => {
  const many = (times: number, atOnce: number) =>
    checked(
      3 * times,
      Effect.forEach(Array.from({ length: times }), (_, n) => run(n), { concurrency: atOnce, discard: true })
    )
  return Effect.gen(function* () {
    // What is compared has to be compiled alike: half of each.
    for (const [index, atOnce] of [1, 20, 100].entries()) yield* many(Math.ceil((runs[index] ?? 0) / 2), atOnce)
    const before = yield* diskOf(store)
    const one = yield* timed(many(runs[0], 1))
    const twenty = yield* timed(many(runs[1], 20))
    const hundred = yield* timed(many(runs[2], 100))
    const after = yield* diskOf(store)
    const all = runs[0] + runs[1] + runs[2]
    return {
      one: (runs[0] * 1_000) / one,
      twenty: (runs[1] * 1_000) / twenty,
      hundred: (runs[2] * 1_000) / hundred,
      files: (after.files - before.files) / all,
      log: (after.log - before.log) / all
    }
  })
}

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

const program: Effect.Effect<object, unknown, Layer.Success<ReturnType<typeof orchestratorOn>>> =
  kind === "tasks"
    ? tasks
    : kind === "runs"
      ? rates((n) => Effect.flatMap(Orchestrator.run(Three, { n }), succeeding(Three)))
      : rates((n) => Effect.flatMap(Orchestrator.run(ThreeCalls, { n }), succeeding(ThreeCalls)))
const limits = kind === "reservations of a user" ? { userLimits: { tokens: 1e12 } } : {}
console.log(JSON.stringify(await Effect.runPromise(Effect.provide(program, orchestratorOn(store, limits)))))

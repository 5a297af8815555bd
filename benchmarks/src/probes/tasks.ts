/** What no-op tasks cost, in a process of its own: `node --expose-gc tasks.ts '{"kind":"goals","size":10000}'`. */
import { Orchestrator, Progress } from "@aria/orchestrator-core"
import * as Effect from "effect/Effect"
import { median } from "../median.ts"
import { Noop } from "../plans/Noop.ts"
import { chain, forEach, goals, graph } from "../plans/noopPlans.ts"
import { timed } from "../timing.ts"

/** What everybody is compared with: the same effect with a span for each item, and nothing else. */
const bare = (size: number, concurrency: number) => {
  const items = Array.from({ length: size }, (_, index) => index)
  const each = () => Effect.withSpan(Effect.void, "invoke_agent Noop", { kind: "internal" })
  return Effect.forEach(items, each, { concurrency }).pipe(Effect.withSpan("invoke_workflow noop"))
}

/** A run with a listener that hears all; checked, because a run that does nothing is fast. */
const run = (plan: ReturnType<typeof goals>, tasks: number) =>
  Effect.suspend(() => {
    let heard = 0
    return Orchestrator.run(plan).pipe(
      Progress.listen(() => void heard++),
      Effect.flatMap(({ successCount }) =>
        successCount === tasks && heard === 3 * tasks + 2
          ? Effect.void
          : Effect.die(new Error(`${successCount} of ${tasks} tasks succeeded, ${heard} events`))
      )
    )
  })

const program = (kind: string, size: number) => {
  switch (kind) {
    case "bare":
      return bare(size, 10)
    case "bare chain":
      return bare(size, 1)
    case "goals":
      return run(goals(size), size)
    case "forEach":
      return run(forEach(size), size + 1)
    case "chain":
      return run(chain(size), size)
    case "graph":
      return Effect.suspend(() => run(graph(size), size))
    default:
      throw new Error(`No probe of tasks is called ${kind}`)
  }
}

const main = Effect.gen(function* () {
  const { batch = 10_000, kind, rounds = 5, size } = JSON.parse(process.argv[2] ?? "{}")
  const measured = program(kind, size)
  // The same number of tasks for every size, so that all are compiled alike.
  const few = Math.min(size, 10_000)
  const warmUp = program(kind, few)
  for (let tasks = 0; tasks < Math.max(50_000, batch); tasks += few) yield* warmUp
  // A small size is measured several times in a row: sizes that are compared do the same number of tasks, equally compiled.
  const runs = Math.max(1, Math.floor(batch / size))
  const millis: Array<number> = []
  for (let round = 0; round < rounds; round++) {
    const all = Effect.forEach(Array.from({ length: runs }), () => measured, { discard: true })
    millis.push((yield* timed(all)) / runs)
  }
  console.log(JSON.stringify({ microsPerTask: (median(millis) * 1000) / size }))
})

await Effect.runPromise(main.pipe(Effect.provide([Noop.layer, Orchestrator.layer])))

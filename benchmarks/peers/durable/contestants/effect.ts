import * as ClusterWorkflowEngine from "effect/cluster/ClusterWorkflowEngine"
import * as SingleRunner from "effect/cluster/SingleRunner"
import * as Digest from "effect/crypto/Digest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Activity from "effect/workflow/Activity"
import * as Workflow from "effect/workflow/Workflow"
import type { WorkflowEngine } from "effect/workflow/WorkflowEngine"
import { clientOf } from "../../../../packages/adapters/cluster/test/postgres.ts"
import { versionOf } from "../../install.ts"
import { type Contestant, repeat, until } from "../Contestant.ts"
import { counted, halt, isHalted, last, stepsRun, trivial } from "../steps.ts"

const step = (name: string, run: () => Promise<number>) =>
  Activity.make({ name, success: Schema.Int, execute: Effect.promise(run) })

const Three = Workflow.make("three", {
  payload: { id: Schema.String, n: Schema.Int },
  success: Schema.Int,
  idempotencyKey: ({ id }) => id
})
const threeLayer = Three.toLayer(({ n }) =>
  Effect.gen(function* () {
    let sum = 0
    for (const name of ["a", "b", "c"]) sum += yield* step(name, () => trivial(n))
    return sum
  })
)

const Long = Workflow.make("long", {
  payload: { id: Schema.String, steps: Schema.Int },
  success: Schema.Int,
  idempotencyKey: ({ id }) => id
})
const longLayer = Long.toLayer(({ steps }) =>
  Effect.gen(function* () {
    for (let n = 0; n < steps; n++) yield* step(`step-${n}`, () => trivial(n))
    return yield* step("last", () => last(steps))
  })
)

const layer = (url: string) =>
  Layer.mergeAll(threeLayer, longLayer).pipe(
    Layer.provideMerge(ClusterWorkflowEngine.layer),
    Layer.provide(SingleRunner.layer()),
    Layer.provide([clientOf(url), Digest.layerWebCrypto]),
    Layer.orDie
  )

let runtime: ManagedRuntime.ManagedRuntime<WorkflowEngine, never>
let batches = 0

/** Effect's own engine, where each activity is a message of the cluster. */
export const contestant: Contestant = {
  name: "effect/workflow",
  version: versionOf("../node_modules/effect"),
  start: async (url) => {
    runtime = ManagedRuntime.make(layer(url))
    await runtime.context()
  },
  run: (times, atOnce) => {
    const batch = ++batches
    return counted(() => repeat(times, atOnce, (n) => runtime.runPromise(Three.execute({ id: `${batch}-${n}`, n }))))
  },
  begin: async (id, steps) => {
    halt()
    await runtime.runPromise(Long.execute({ id, steps }, { discard: true }))
    await until(isHalted)
  },
  ended: async (id) => {
    const executionId = await runtime.runPromise(Long.executionId({ id, steps: 1 }))
    await until(async () => {
      const result = await runtime.runPromise(Long.poll(executionId))
      return Option.isSome(result) && result.value._tag === "Complete"
    })
    return stepsRun()
  },
  stop: () => runtime.dispose()
}

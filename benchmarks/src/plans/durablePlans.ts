import { Agent, Budget, Plan, Run, Task } from "@aria/orchestrator-core"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"

/** How many handlers ran in this process. */
let ran = 0
export const handlersRun = (): number => ran

/** Does next to nothing: what is left is the cost of keeping it. */
export class Step extends Agent.make("Step", { description: "Does next to nothing", payload: { n: Schema.Int }, success: Schema.Int }) {
  static readonly layer = this.toLayer(({ n }) => Effect.sync(() => (ran++, n)))
}

/** The same, inside one reservation of budget. */
export class Call extends Agent.make("Call", { description: "Spends a little", payload: { n: Schema.Int }, success: Schema.Int }) {
  static readonly layer = this.toLayer(({ n }) =>
    Budget.reserve({ tokens: 10, calls: 1 }, ({ settle }) => Effect.andThen(settle({ outputTokens: 8, calls: 1 }), Effect.sync(() => (ran++, n))))
  )
}

export interface Begun {
  readonly run: string
  readonly task: string
}

/** What a worker does where a handler comes to its work: tells the benchmark, and stays for so long. */
export class Workplace {
  begun: (begun: Begun) => void = () => {}
  /** Milliseconds, or for ever. */
  stay: number | "forever" = 0
}
export const workplace = new Workplace()

/** Stays for a while, and says when it begins. */
export class Stay extends Agent.make("Stay", { description: "Stays for a while", payload: { n: Schema.Int }, success: Schema.Int }) {
  static readonly layer = this.toLayer(({ n }) =>
    Effect.gen(function* () {
      ran++
      const info = Option.getOrThrow(yield* Run.Current)
      workplace.begun({ run: info.rootRunId, task: info.taskId })
      if (workplace.stay === "forever") return yield* Effect.never
      if (workplace.stay > 0) yield* Effect.sleep(workplace.stay)
      return n
    })
  )
}

export const agents = Layer.mergeAll(Step.layer, Call.layer, Stay.layer)

const one = Schema.Struct({ n: Schema.Int })

/** Three steps, each made of the one before it. */
export const Three = Plan.make("three", { version: "1", input: one }, ({ n }) => {
  const a = Task.make("a", Step, { payload: { n } })
  const b = Task.make("b", Step, { dependsOn: [a], payload: ({ a }) => ({ n: a }) })
  return [Task.make("c", Step, { dependsOn: [b], payload: ({ b }) => ({ n: b }) })]
})

/** The same, where each step reserves. */
export const ThreeCalls = Plan.make("three calls", { version: "1", input: one }, ({ n }) => {
  const a = Task.make("a", Call, { payload: { n } })
  const b = Task.make("b", Call, { dependsOn: [a], payload: ({ a }) => ({ n: a }) })
  return [Task.make("c", Call, { dependsOn: [b], payload: ({ b }) => ({ n: b }) })]
})

const chained = (count: number) => {
  const first: string = "step-0"
  let last = Task.make(first, Step, { payload: { n: 0 } })
  for (let n = 1; n < count; n++) {
    const id: string = `step-${n}`
    last = Task.make(id, Step, { dependsOn: [last], payload: { n } })
  }
  return last
}

const size = Schema.Struct({ tasks: Schema.Int })

/** Each task after the one before it. */
export const Chain = Plan.make("chain", { version: "1", input: size }, ({ tasks }) => [chained(tasks)])

/** Independent tasks. */
export const Fan = Plan.make("fan", { version: "1", input: size }, ({ tasks }) => {
  const [first, ...rest] = Array.from({ length: tasks }, (_, n) => Task.make(`step-${n}`, Step, { payload: { n } }))
  if (first === undefined) throw new Error("a plan needs a task")
  return [first, ...rest]
})

/** A chain with a task at its end that says when it begins. */
export const Long = Plan.make("long", { version: "1", input: size }, ({ tasks }) => [
  Task.make("last", Stay, { dependsOn: [chained(tasks)], payload: { n: tasks } })
])

/** Tasks in a row that stay. */
export const Staying = Plan.make("staying", { version: "1", input: size }, ({ tasks }) => {
  const first: string = "step-0"
  let last = Task.make(first, Stay, { payload: { n: 0 } })
  for (let n = 1; n < tasks; n++) {
    const id: string = `step-${n}`
    last = Task.make(id, Stay, { dependsOn: [last], payload: { n } })
  }
  return [last]
})

export const plans = [Three, ThreeCalls, Chain, Fan, Long, Staying] as const

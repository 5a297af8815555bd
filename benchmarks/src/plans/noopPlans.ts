import { type Agent, Plan, Task } from "@aria/orchestrator-core"
import { Noop } from "./Noop.ts"

/** Independent tasks, each made and named by itself. */
export const goals = (size: number) => planOf(Array.from({ length: size }, (_, n) => Task.make(`task-${n}`, Noop, { payload: { n } })))

/** One fan-out. */
export const forEach = (size: number) =>
  planOf([Task.forEach("all", Noop, { items: () => Array.from({ length: size }, (_, n) => ({ n })), key: ({ n }) => String(n) })])

/** Each task after the one before it. */
export const chain = (size: number) => {
  const tasks: Array<NoopTask> = []
  for (let n = 0; n < size; n++) {
    tasks.push(Task.make(`task-${n}`, Noop, { dependsOn: tasks.slice(-1), payload: { n } }))
  }
  return planOf(tasks.slice(-1))
}

/** Each task after two of the fifty before it, drawn by a generator with a fixed seed: twice as many edges as tasks. */
export const graph = (size: number) => {
  const tasks: Array<NoopTask> = []
  const inner = new Set<NoopTask>()
  let seed = 42
  const draw = (below: number): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
    return seed % below
  }
  for (let n = 0; n < size; n++) {
    const recent = tasks.slice(-50)
    const first = draw(Math.max(1, recent.length))
    const second = (first + 1 + draw(Math.max(1, recent.length - 1))) % Math.max(1, recent.length)
    const dependsOn = [recent[first], recent[second]].filter((task) => task !== undefined)
    for (const task of dependsOn) inner.add(task)
    tasks.push(Task.make(`task-${n}`, Noop, { dependsOn, payload: { n } }))
  }
  return planOf(tasks.filter((task) => !inner.has(task)))
}

type NoopTask = Task.Task<string, unknown, never, Agent.Services<typeof Noop>>

const planOf = (tasks: ReadonlyArray<NoopTask>) => {
  const [first, ...rest] = tasks
  if (first === undefined) throw new Error("a plan needs a task")
  return Plan.make("noop", [first, ...rest])
}

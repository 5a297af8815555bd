/** What happens between workers, in processes of their own, once each on a store of its own. Times in milliseconds. */
import { DurableWorker, type Said } from "./DurableWorker.ts"
import type { Kept } from "./durableStore.ts"

const refuse = (message: string): never => {
  throw new Error(message)
}

const atOf = (what: Said["what"], said: ReadonlyArray<Said>): number | undefined => said.find((one) => one.what === what)?.at

const begunIn = (said: ReadonlyArray<Said>) => said.flatMap((one) => (one.what === "begun" ? [one] : []))

/** When the last of so many runs went on. */
const allBegun = (runs: number) => (said: ReadonlyArray<Said>): number | undefined => {
  const first = new Map<string, number>()
  for (const { at, run } of begunIn(said)) if (!first.has(run)) first.set(run, at)
  return first.size < runs ? undefined : Math.max(...first.values())
}

export interface Resume {
  /** From the moment when a worker has claimed the run until its end is stored. */
  readonly claimed: number
  /** From the start of that worker's process. */
  readonly process: number
}

/** A run with so many finished tasks, whose worker is killed at the last one. */
export const resume = async (store: Kept, tasks: number): Promise<Resume> => {
  {
    await using first = await DurableWorker.start(store)
    await first.call({ do: "stay", millis: "forever" })
    await first.call({ do: "submit", plan: "long", input: { tasks }, ids: ["long"] })
    await first.until((said) => atOf("begun", said))
    first.signal("SIGKILL")
    await first.ended()
  }
  await using second = await DurableWorker.start(store)
  const ended = await second.until((said) => atOf("stored an end", said))
  const ran = await second.call({ do: "wait", ids: ["long"] })
  if (ran !== 1) refuse(`${String(ran)} handlers ran again instead of the last one`)
  return { claimed: ended - (atOf("claimed", second.said) ?? Number.NaN), process: ended - second.startedAt }
}

const pause = (millis: number) => new Promise((done) => setTimeout(done, millis))
const ids = (runs: number) => Array.from({ length: runs }, (_, n) => `run-${n}`)

/** From the SIGKILL of a worker until another one has gone on with each of its five runs. */
export const takeOver = async (store: Kept, where: "here" | "elsewhere"): Promise<number> => {
  await using first = await DurableWorker.start(store)
  await first.call({ do: "stay", millis: "forever" })
  await first.call({ do: "submit", plan: "staying", input: { tasks: 1 }, ids: ids(5) })
  await first.until(allBegun(5))
  await using second = await DurableWorker.start(store)
  if (where === "elsewhere") await first.call({ do: "look as if elsewhere" })
  // At any point of its second, so that leases and looks are met at all their ages.
  await pause(1_000 + Math.random() * 1_000)
  const killed = first.signal("SIGKILL")
  return (await second.until(allBegun(5))) - killed
}

/**
 * From the SIGTERM of a worker with twenty runs, whose tasks take 200 ms each, until another one has gone on with the last of them. Refused
 * where a task ran twice or not at all.
 */
export const handOver = async (store: Kept): Promise<number> => {
  const runs = 20
  const tasks = 15
  await using first = await DurableWorker.start(store)
  await first.call({ do: "stay", millis: 200 })
  await first.call({ do: "submit", plan: "staying", input: { tasks }, ids: ids(runs) })
  await first.until(allBegun(runs))
  await using second = await DurableWorker.start(store)
  await second.call({ do: "stay", millis: 200 })
  await pause(Math.random() * 500)
  const asked = first.signal("SIGTERM")
  const last = await second.until(allBegun(runs))
  await first.ended()
  await second.call({ do: "wait", ids: ids(runs) })
  const begun = [...begunIn(first.said), ...begunIn(second.said)].map(({ run, task }) => `${run}/${task}`)
  const different = new Set(begun).size
  if (begun.length !== tasks * runs || different !== tasks * runs) refuse(`${begun.length} tasks ran instead of ${tasks * runs}, ${different} different ones`)
  return last - asked
}

/** What a worker without work asks for. */
export const idle = async (store: Kept): Promise<{ readonly cpu: number; readonly statements: number }> => {
  await using worker = await DurableWorker.start(store)
  await pause(1_000)
  return (await worker.call({ do: "idle", millis: 5_000 })) as { readonly cpu: number; readonly statements: number }
}

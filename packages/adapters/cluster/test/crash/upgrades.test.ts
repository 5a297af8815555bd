/** Other code for the same plans, agents and versions, while runs of the old one are under way. */
import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { isAlive, type Worker } from "./processes.ts"
import { type Scene, scene, until } from "./scene.ts"
import { kinds } from "./stores.ts"

const count = 10
/** No lease is over because the machine is busy. */
const leaseMillis = 30_000

const Stored = Schema.Struct({ _tag: Schema.Literal("succeeded"), output: Schema.Struct({ pid: Schema.Natural, code: Schema.String }) })

const submitted = ({ runs }: Scene) => Effect.forEach(Array.from({ length: count }), () => runs.submit({ plan: "relay" }))

/** What each task of a run came to, and with which code. */
const made = ({ runs }: Scene, id: string) =>
  Effect.map(runs.inspect(id), ({ units }) => Object.fromEntries(units.filter(({ kind }) => kind === "task").map(({ key, value }) => [key, Schema.decodeUnknownSync(Stored)(value).output])))

const isTheMiddleOf = ({ begun }: Scene, ids: ReadonlyArray<string>, { child }: Worker) =>
  Effect.sync(() => ids.every((id) => begun("middle", id).some(({ pid }) => pid === child.pid)))

/** The old one was in the middle of it, and the new one has done the rest with what was stored. */
const expectGoneOnWith = (it: Scene, id: string, old: Worker, next: Worker) =>
  Effect.gen(function* () {
    expect((yield* it.runs.wait(id)).allSucceeded).toBe(true)
    const [from, to] = [{ pid: old.child.pid, code: "old" }, { pid: next.child.pid, code: "new" }]
    expect(yield* made(it, id)).toEqual({ first: from, middle: to, last: to })
    expect(it.begun("first", id).map(({ pid }) => pid)).toEqual([from.pid])
    expect(it.begun("middle", id).map(({ name, pid }) => [pid, name])).toEqual([from, to].map(({ pid }) => [pid, `wait, saw ${from.pid}`]))
    expect(it.begun("last", id).map(({ name, pid }) => [pid, name])).toEqual([[to.pid, `quick, saw ${to.pid}`]])
    expect((yield* it.runs.get(id)).lives).toBe(2)
  })

for (const kind of kinds) {
  it.live(
    `${kind}: an upgrade of the code, one worker after the other: what the old one has stored stays, the new one does the rest`,
    () =>
      scene(kind, (it) =>
        Effect.gen(function* () {
          const old = yield* it.start("gate", { leaseMillis, drainMillis: 200 })
          const ids = yield* submitted(it)
          yield* until("the old one is in the middle of all", isTheMiddleOf(it, ids, old))
          old.child.kill("SIGTERM")
          expect(yield* Effect.promise(() => old.ended)).toEqual({ code: 0, signal: null })
          const stored = yield* Effect.forEach(ids, (id) => made(it, id))
          expect(stored).toEqual(ids.map(() => ({ first: { pid: old.child.pid, code: "old" } })))
          const next = yield* it.start("newCode", { leaseMillis })
          yield* until("the new one is in the middle of all", isTheMiddleOf(it, ids, next))
          yield* it.open()
          for (const id of ids) yield* expectGoneOnWith(it, id, old, next)
        })
      ),
    120_000
  )

  it.live(
    `${kind}: an upgrade of the code, side by side: neither takes from the other, and when the old one is gone the new one does the rest`,
    () =>
      scene(kind, (it) =>
        Effect.gen(function* () {
          // Neither has room for all.
          const old = yield* it.start("gate", { leaseMillis, maxRuns: count })
          const ofOld = yield* submitted(it)
          yield* until("the old one is in the middle of its own", isTheMiddleOf(it, ofOld, old))
          const next = yield* it.start("newCode", { leaseMillis, maxRuns: 3 * count })
          const ofNext = yield* submitted(it)
          yield* until("the new one is in the middle of its own", isTheMiddleOf(it, ofNext, next))
          // Nobody takes anything from one that is alive.
          expect(ofOld.flatMap((id) => it.begun("middle", id)).map(({ pid }) => pid)).toEqual(ofOld.map(() => old.child.pid))
          old.child.kill("SIGKILL")
          yield* until("the new one is in the middle of all", isTheMiddleOf(it, ofOld, next))
          yield* it.open()
          for (const id of ofOld) yield* expectGoneOnWith(it, id, old, next)
          for (const id of ofNext) {
            expect((yield* it.runs.wait(id)).allSucceeded).toBe(true)
            const all = { pid: next.child.pid, code: "new" }
            expect(yield* made(it, id)).toEqual({ first: all, middle: all, last: all })
          }
          expect(isAlive(next)).toBe(true)
        })
      ),
    120_000
  )
}

import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { own } from "../postgres.ts"
import { urlOf } from "../postgresServer.ts"
import { poisoned } from "./gatePlans.ts"
import { isAlive } from "./processes.ts"
import { scene, until } from "./scene.ts"
import { kinds } from "./stores.ts"

const patience = 120_000

for (const kind of kinds) {
  it.live(
    `${kind}: a worker that was frozen for longer than its lease has lost its runs, writes nothing, and goes on as a new one`,
    () =>
      scene(kind, ({ begun, freeze, open, runs, seen, sql, start }) =>
        Effect.gen(function* () {
          const stored = Effect.map(seen, ({ units }) => units.map(({ fence, key }) => [key, Number(fence)]))
          const frozen = yield* start()
          const id = yield* runs.submit({ plan: "gate" })
          yield* until("the frozen one is in the middle of it", Effect.sync(() => begun("middle").length > 0))
          yield* freeze(frozen)
          // On a machine that is very busy it may have been cut off before.
          const [{ fence, owner } = { fence: 0, owner: "nobody" }] = yield* sql<{ readonly fence: number; readonly owner: string }>`SELECT fence, owner FROM aria_runs`
          const before = yield* stored
          expect(before.map(([key]) => key)).toEqual(["first"])
          // Its own lease is not to be over before all has been looked at.
          const other = yield* start("gate", { leaseMillis: 60_000 })
          yield* until("another one looks for work", Effect.sync(other.wasReady))
          yield* until("another one has taken over", Effect.sync(() => begun("middle").some(({ pid }) => pid === other.child.pid)))
          frozen.child.kill("SIGCONT")
          // Its handler ends now, while the other one is in the middle of it; it would like to store that and to go on.
          yield* open(frozen)
          yield* until("it has found out", Effect.map(runs.workers, (all) => all.filter(({ state }) => state === "active").length === 2 && !all.some((worker) => worker.id === owner && worker.state === "active")))
          expect(yield* stored).toEqual(before)
          yield* open()
          yield* runs.wait(id)
          expect(yield* stored).toEqual([...before, ["middle", Number(fence) + 1], ["last", Number(fence) + 1]])
          expect(begun("last").map(({ pid }) => pid)).toEqual([other.child.pid])
          other.child.kill("SIGKILL")
          yield* Effect.promise(() => other.ended)
          const next = yield* runs.submit({ plan: "gate" })
          yield* runs.wait(next)
          expect(begun("last", next).map(({ pid }) => pid)).toEqual([frozen.child.pid])
          expect(isAlive(frozen)).toBe(true)
        })
      ),
    patience
  )

  it.live(
    `${kind}: a run whose plan has changed stands still and says what differs; with the old plan it goes on`,
    () =>
      scene(kind, ({ begun, open, runs, start }) =>
        Effect.gen(function* () {
          const first = yield* start()
          const id = yield* runs.submit({ plan: "gate" })
          yield* until("it is in the middle of it", Effect.sync(() => begun("middle").length === 1))
          first.child.kill("SIGKILL")
          const second = yield* start("changed")
          yield* until("it stands still", Effect.map(runs.get(id), ({ status }) => status === "planChanged"))
          const { reason } = yield* runs.get(id)
          expect(reason).toContain('it has the task "other: Actor after first" now')
          expect(yield* Effect.flip(runs.wait(id))).toMatchObject({ _tag: "PlanChangedError", runId: id, plan: "gate" })
          second.child.kill("SIGKILL")
          yield* start()
          yield* open()
          yield* runs.resume(id)
          const result = yield* runs.wait(id)
          expect(result.allSucceeded).toBe(true)
          expect(begun("first")).toHaveLength(1)
          expect((yield* runs.get(id)).lives).toBe(3)
        })
      ),
    patience
  )

  it.live(
    `${kind}: what an agent of another version has done is not taken for that of this one`,
    () =>
      scene(kind, ({ begun, open, runs, start }) =>
        Effect.gen(function* () {
          const first = yield* start()
          const id = yield* runs.submit({ plan: "gate" })
          yield* until("it is in the middle of it", Effect.sync(() => begun("middle").length === 1))
          first.child.kill("SIGKILL")
          const second = yield* start("newAgent")
          yield* until("it stands still", Effect.map(runs.get(id), ({ status }) => status === "planChanged"))
          expect((yield* runs.get(id)).reason).toContain("the task first is stored for another agent, version, policy version or payload")
          expect(begun("middle")).toHaveLength(1)
          second.child.kill("SIGKILL")
          yield* start()
          yield* open()
          yield* runs.resume(id)
          expect((yield* runs.wait(id)).allSucceeded).toBe(true)
          expect(begun("first")).toHaveLength(1)
        })
      ),
    patience
  )

  it.live(
    `${kind}: a run that ends its workers again and again is given up with the reason, and goes on after a fix`,
    () =>
      scene(kind, ({ begun, fix, runs, start }) =>
        Effect.gen(function* () {
          const id = yield* runs.submit({ plan: "poisoned" })
          const ends: Array<number | null> = []
          const isGivenUp = Effect.map(runs.get(id), ({ status }) => status === "deadLetter")
          for (let starts = 0; starts < 6 && !(yield* isGivenUp); starts++) {
            const worker = yield* start("gate", { leaseMillis: 1_000, maxDeaths: 2 })
            const end = Effect.map(Effect.promise(() => worker.ended), ({ code }) => ends.push(code))
            yield* Effect.raceFirst(end, until("it is given up", isGivenUp))
          }
          expect(ends.every((code) => code === poisoned)).toBe(true)
          const { reason, status } = yield* runs.get(id)
          expect([status, ends.length]).toEqual(["deadLetter", begun("middle").length])
          expect(reason).toContain("middle")
          expect(yield* Effect.flip(runs.wait(id))).toMatchObject({ _tag: "DeadRunError", runId: id })
          yield* fix
          yield* runs.resume(id)
          yield* start()
          expect((yield* runs.wait(id)).allSucceeded).toBe(true)
          expect(begun("first")).toHaveLength(1)
        })
      ),
    patience
  )

  it.live(
    `${kind}: a worker that dies as soon as a task has seen what came before it has stored that`,
    () =>
      scene(kind, ({ begun, fix, runs, start }) =>
        Effect.gen(function* () {
          const ids = yield* Effect.forEach(Array.from({ length: 3 }), () => runs.submit({ plan: "sight" }))
          for (let lives = 0; lives < 3; lives++) {
            const worker = yield* start("gate", { leaseMillis: 1_000, maxDeaths: 100 })
            expect(yield* Effect.promise(() => worker.ended)).toEqual({ code: null, signal: "SIGKILL" })
          }
          yield* fix
          yield* start()
          for (const id of ids) {
            yield* runs.wait(id)
            expect(new Set(begun("last", id).map(({ name }) => name)).size).toBe(1)
          }
          expect(begun("last").length).toBeGreaterThan(ids.length)
        })
      ),
    patience
  )

  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    it.live(
      `${kind}: after ${signal} the runs of a worker are another one's, and what was stored is not done again`,
      () =>
        scene(kind, ({ begun, open, runs, start }) =>
          Effect.gen(function* () {
            const options = { leaseMillis: 4_000, drainMillis: 500 }
            const first = yield* start("gate", options)
            yield* Effect.promise(() => first.ready)
            const ids = yield* Effect.forEach(Array.from({ length: 20 }), () => runs.submit({ plan: "gate" }))
            yield* until("all are in the middle of it", Effect.sync(() => begun("middle").length === ids.length))
            const second = yield* start("gate", options)
            const other = yield* Effect.promise(() => second.ready)
            const at = performance.now()
            first.child.kill(signal)
            yield* until("all have been taken over", Effect.map(runs.list({ status: ["running"] }), (all) => all.length === ids.length && all.every(({ worker }) => worker === other)))
            console.log(`${kind}: 20 runs were taken over ${((performance.now() - at) / 1_000).toFixed(2)} s after ${signal}`)
            yield* open()
            for (const id of ids) expect((yield* runs.wait(id)).allSucceeded).toBe(true)
            for (const task of ["first", "last"]) expect(begun(task).map(({ run }) => run).toSorted()).toEqual(ids.toSorted())
            const end = yield* Effect.promise(() => first.ended)
            expect(end).toEqual(signal === "SIGTERM" ? { code: 0, signal: null } : { code: null, signal })
          })
        ),
      patience
    )
  }
}

for (const [what, pauseMillis] of [["shorter", 300], ["longer", 6_000]] as const) {
  it.live(
    `a database that is away for ${what} than a lease costs no run`,
    () =>
      Effect.scoped(
        Effect.gen(function* () {
          const server = yield* own()
          yield* scene(
            "postgres",
            ({ begun, open, runs, start }) =>
              Effect.gen(function* () {
                const workers = [yield* start(), yield* start()]
                yield* Effect.promise(() => Promise.all(workers.map(({ ready }) => ready)))
                const ids = yield* Effect.forEach(Array.from({ length: 10 }), () => runs.submit({ plan: "gate" }))
                yield* until("all are in the middle of it", Effect.sync(() => begun("middle").length >= ids.length))
                yield* Effect.promise(() => server.stop())
                yield* Effect.sleep(pauseMillis)
                yield* Effect.promise(() => server.start())
                yield* open()
                // The client has lost its connections too.
                for (const id of ids) expect((yield* Effect.retry(runs.wait(id), { times: 20 })).allSucceeded).toBe(true)
                expect(begun("first").map(({ run }) => run).toSorted()).toEqual(ids.toSorted())
                expect(workers.every(isAlive)).toBe(true)
              }),
            { _tag: "postgres", url: urlOf(server) }
          )
        })
      ),
    patience
  )
}

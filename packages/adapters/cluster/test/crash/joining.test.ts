/** Workers that come while there is work to do: each takes its part, and none what another one has. */
import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { isAlive } from "./processes.ts"
import { scene, until } from "./scene.ts"
import { kinds } from "./stores.ts"

/** What one worker has room for: nobody can do all of it alone. */
const maxRuns = 20

for (const kind of kinds) {
  it.live(
    `${kind}: two workers that join at once and one that joins in the middle share the work, and nothing is claimed twice`,
    () =>
      scene(kind, ({ begun, open, runs, seen, start }) =>
        Effect.gen(function* () {
          const ids = yield* Effect.forEach(Array.from({ length: 100 }), () => runs.submit({ plan: "gate" }))
          const inTheMiddle = () => Object.values(Object.groupBy(begun("middle"), ({ pid }) => pid)).map((all) => all?.length)
          const both = [yield* start("gate", { maxRuns }), yield* start("gate", { maxRuns })]
          // Runs stand still in the middle until the gate is opened, so that whoever comes first cannot do what is the other one's.
          yield* until("both have their part", Effect.sync(() => begun("middle").length >= 2 * maxRuns))
          expect(inTheMiddle()).toEqual([maxRuns, maxRuns])
          const late = yield* start("gate", { maxRuns })
          yield* until("a third one has its part", Effect.sync(() => begun("middle").length >= 3 * maxRuns))
          expect(inTheMiddle()).toEqual([maxRuns, maxRuns, maxRuns])
          expect((yield* runs.list({ status: ["queued"] })).length).toBe(ids.length - 3 * maxRuns)
          // From here on three ask for what is left at once.
          yield* open()
          for (const id of ids) expect((yield* runs.wait(id)).allSucceeded).toBe(true)
          for (const task of ["first", "middle", "last"]) expect(begun(task).map(({ run }) => run).toSorted()).toEqual(ids.toSorted())
          for (const { child } of [...both, late]) expect(begun("last").filter(({ pid }) => pid === child.pid).length).toBeGreaterThanOrEqual(maxRuns)
          const claims = (yield* seen).runs.filter(({ owner, result }) => owner !== null && result === null)
          expect(claims.map(({ fence, id }) => `${id} ${fence}`).toSorted()).toEqual(ids.map((id) => `${id} 1`).toSorted())
          expect([...both, late].every(isAlive)).toBe(true)
        })
      ),
    120_000
  )
}

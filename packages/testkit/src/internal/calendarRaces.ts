/** Several writers at once. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { broken, type Check, check, expect, expectEvent, filled, hour, listed, range, type Scene, show } from "./calendarCheck.ts"

const rounds = 8
const writers = 4

/** What each of some writers came to that all try the same at once. */
const race = <A, E>(attempt: (writer: number) => Effect.Effect<A, E>) =>
  Effect.forEach(Array.from({ length: writers }, (_, index) => index), (writer) => Effect.result(attempt(writer)), { concurrency: "unbounded" })

/** Adds a letter to a description, as often as it takes. */
const append = ({ calendar }: Scene, id: string, letter: string) =>
  Effect.gen(function* () {
    for (let attempt = 0; attempt < 1_000; attempt++) {
      const event = yield* calendar.get({ id })
      const done = yield* Effect.result(calendar.update({ ...event, change: { description: `${event.description ?? ""}${letter}` } }))
      if (Result.isSuccess(done)) return
      if (done.failure._tag !== "StaleVersionError") return yield* done.failure
    }
    return yield* broken(`a writer was refused a thousand times`)
  })

export const checks: ReadonlyArray<Check> = [
  check("Races: of several updates of one version one wins, the others are stale", (scene) =>
    Effect.gen(function* () {
      const { calendar } = scene
      for (let round = 0; round < rounds; round++) {
        const event = yield* calendar.create({ event: hour(scene, `update-${round}`) })
        const results = yield* race((writer) => calendar.update({ ...event, change: { title: `Writer ${writer}` } }))
        const won = results.flatMap((result, writer) => (Result.isSuccess(result) ? [writer] : []))
        yield* expect(won.length === 1, () => `${won.length} of ${writers} updates of one version succeeded`)
        const others = results.flatMap((result) => (Result.isFailure(result) ? [result.failure] : []))
        const odd = others.find(({ _tag }) => _tag !== "StaleVersionError")
        yield* expect(odd === undefined, () => `an update that lost failed with ${odd?._tag}: ${odd?.message}`)
        yield* expectEvent(yield* calendar.get(event), { ...filled(hour(scene, `update-${round}`)), title: `Writer ${won[0]}` }, "an event after a race")
      }
    })
  ),
  check("Races: of several creations with one id one wins, the others find that it exists", (scene) =>
    Effect.gen(function* () {
      const { calendar } = scene
      for (let round = 0; round < rounds; round++) {
        const draft = (writer: number) => hour(scene, `create-${round}`, { title: `Writer ${writer}` })
        const results = yield* race((writer) => calendar.create({ event: draft(writer) }))
        const won = results.flatMap((result, writer) => (Result.isSuccess(result) ? [writer] : []))
        const [winner] = won
        if (winner === undefined || won.length > 1) return yield* broken(`${won.length} of ${writers} creations with one id succeeded`)
        const others = results.flatMap((result) => (Result.isFailure(result) ? [result.failure] : []))
        const odd = others.find(({ _tag }) => _tag !== "EventExistsError")
        yield* expect(odd === undefined, () => `a creation that lost failed with ${odd?._tag}: ${odd?.message}`)
        yield* expectEvent(yield* calendar.get({ id: `${scene.prefix}-create-${round}` }), filled(draft(winner)), "an event after a race of creations")
      }
      const all = yield* listed(scene, range("2041-06-03T00:00:00Z", "2041-06-04T00:00:00Z"))
      yield* expect(all.length === rounds, () => `${all.length} events are listed after ${rounds} races of creations: ${show(all.map(({ eventId }) => eventId))}`)
    })
  ),
  check("Races: of several removals and updates of one version one wins", (scene) =>
    Effect.gen(function* () {
      const { calendar } = scene
      for (let round = 0; round < rounds; round++) {
        const event = yield* calendar.create({ event: hour(scene, `remove-${round}`) })
        const results = yield* race((writer) => (writer % 2 === 0 ? Effect.asVoid(calendar.remove(event)) : Effect.asVoid(calendar.update({ ...event, change: { title: "Writer" } }))))
        const won = results.filter(Result.isSuccess).length
        yield* expect(won === 1, () => `${won} of ${writers} removals and updates of one version succeeded`)
        const odd = results.flatMap((result) => (Result.isFailure(result) ? [result.failure] : [])).find(({ _tag }) => _tag !== "StaleVersionError" && _tag !== "EventNotFoundError")
        yield* expect(odd === undefined, () => `a write that lost failed with ${odd?._tag}: ${odd?.message}`)
      }
    })
  ),
  check("Races: writers that read again when they are stale lose nothing", (scene) =>
    Effect.gen(function* () {
      const event = yield* scene.calendar.create({ event: hour(scene, "shared", { description: "" }) })
      const letters = Array.from({ length: 12 }, (_, index) => String.fromCharCode(97 + index))
      yield* Effect.forEach(letters, (letter) => append(scene, event.id, letter), { concurrency: writers, discard: true })
      const { description = "" } = yield* scene.calendar.get(event)
      yield* expect([...description].sort().join("") === letters.join(""), () => `written were ${letters.join("")}, there is ${show(description)}`)
    })
  )
]

import { Orchestrator, SideEffect } from "@aria/orchestrator-core"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { stores } from "./stores.ts"
import { at, givenUp, One, runs, withId, worker, World } from "./workbench.ts"

/** A handler that tells what it may do to the outside world. */
const telling = (world: World) => {
  world.does = (text) => (text === "hold" ? Effect.never : Effect.map(SideEffect.given, (lists) => JSON.stringify(lists)))
}

describe.each(stores)("What runs in $name may do to the outside world", ({ make }) => {
  it.live("is what whoever started them was given, also where another worker goes on with more", () =>
    Effect.gen(function* () {
      const store = yield* make
      const [first, second] = [new World(), new World()]
      first.does = () => Effect.never
      telling(second)
      const here = yield* worker(store, first)
      yield* Orchestrator.start(One, { text: "x" }).pipe(withId("narrow"), SideEffect.allow(["calendar.create"]), SideEffect.allow(["calendar.*"]), at(here))
      yield* Orchestrator.start(One, { text: "y" }).pipe(withId("nothing"), at(here))
      yield* first.begun("x")
      yield* first.begun("y")
      yield* givenUp(here)
      const there = yield* worker(store, second).pipe(SideEffect.allow(["*"]))
      const { fork, submit, wait } = runs(there)
      expect(yield* (yield* wait("narrow")).outputs).toEqual({ only: JSON.stringify([["calendar.*"], ["calendar.create"]]) })
      expect(yield* (yield* wait("nothing")).outputs).toEqual({ only: "[[]]" })
      const again = yield* fork("narrow", { input: { text: "z" } })
      expect(yield* (yield* wait(again)).outputs).toEqual({ only: JSON.stringify([["calendar.*"], ["calendar.create"]]) })
      // Nobody started this one: it has what the worker was built with.
      const handedIn = yield* submit({ plan: "one", input: { text: "z" } })
      expect(yield* (yield* wait(handedIn)).outputs).toEqual({ only: JSON.stringify([["*"]]) })
    })
  )

  it.live("is nothing in a rehearsal, which is not stored and so not gone on with", () =>
    Effect.gen(function* () {
      const store = yield* make
      const world = new World()
      world.does = () => Effect.map(SideEffect.isRehearsal, String)
      const here = yield* worker(store, world)
      const { result } = yield* Orchestrator.run(One, { text: "x" }).pipe(withId("r"), SideEffect.rehearse, at(here))
      expect(result).toMatchObject({ _tag: "Success", success: { results: [{ output: "true" }] } })
      expect(yield* runs(here).list()).toEqual([])
      const { events } = yield* Orchestrator.start(One, { text: "x" }).pipe(withId("r"), at(here))
      yield* Stream.runDrain(events)
      expect(yield* (yield* runs(here).wait("r")).outputs).toEqual({ only: "false" })
    })
  )
})

import { SignalSource } from "@aria/connectors"
import { expect, expectTypeOf, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"

const item = (id: string, source: string) => new SignalSource.SignalItem({ id, source, title: `Title ${id}`, text: "" })

const read = (source: string, ...ids: ReadonlyArray<string>): SignalSource.SourceReport => ({
  _tag: "read",
  source,
  items: ids.map((id) => item(id, source)),
  warnings: []
})

const down = (source: string): SignalSource.SourceReport => ({
  _tag: "down",
  source,
  error: new SignalSource.SourceError({ source, reason: "timeout", message: `${source} did not answer` })
})

const ask = (terms: ReadonlyArray<string> = []) =>
  Effect.flatMap(SignalSource.SignalSource, (source) => source.read({ terms }))

it.effect("layerOf gives the same reports, or makes them from the request", () =>
  Effect.gen(function* () {
    const fixed = yield* Effect.provide(ask(), SignalSource.layerOf([read("a", "1"), down("b")]))
    expect(fixed.map(({ _tag, source }) => [_tag, source])).toEqual([
      ["read", "a"],
      ["down", "b"]
    ])
    const made = yield* Effect.provide(
      ask(["Acme"]),
      SignalSource.layerOf(({ terms = [] }) => [read("a", ...terms)])
    )
    expect(SignalSource.items(made).map(({ id }) => id)).toEqual(["Acme"])
  })
)

it.effect("layerCombined reads all at the same time and keeps the order of the list", () =>
  Effect.gen(function* () {
    const second = yield* Deferred.make<void>()
    // the first waits for the second: one after the other would never end
    const waiting = Layer.succeed(SignalSource.SignalSource)({
      read: () => Effect.as(Deferred.await(second), [read("a", "1")])
    })
    const opening = Layer.succeed(SignalSource.SignalSource)({
      read: () => Effect.as(Deferred.succeed(second, undefined), [down("b"), read("c", "2")])
    })
    const reports = yield* Effect.provide(ask(), SignalSource.layerCombined([waiting, opening]))
    expect(reports.map(({ source }) => source)).toEqual(["a", "b", "c"])
    expect(SignalSource.items(reports).map(({ id }) => id)).toEqual(["1", "2"])
  })
)

it.effect("a combination that cannot be built fails with the error of its part", () =>
  Effect.gen(function* () {
    const broken: Layer.Layer<SignalSource.SignalSource, "broken"> = Layer.effect(SignalSource.SignalSource)(
      Effect.fail("broken" as const)
    )
    const combined = SignalSource.layerCombined([SignalSource.layerOf([]), broken])
    expectTypeOf(combined).toEqualTypeOf<Layer.Layer<SignalSource.SignalSource, "broken">>()
    expect(yield* Effect.flip(Effect.provide(ask(), combined))).toBe("broken")
  })
)

it.effect("reports survive JSON", () =>
  Effect.gen(function* () {
    const dated = new SignalSource.SignalItem({
      id: "1",
      source: "a",
      title: "T",
      text: "",
      publishedAt: DateTime.makeUnsafe("2026-11-23T09:00:00Z")
    })
    const reports: ReadonlyArray<SignalSource.SourceReport> = [
      { _tag: "read", source: "a", items: [dated], warnings: [] },
      down("b")
    ]
    const codec = Schema.fromJsonString(Schema.Array(SignalSource.SourceReport))
    const json = yield* Schema.encodeEffect(codec)(reports)
    expect(yield* Schema.decodeEffect(codec)(json)).toEqual(reports)
  })
)

it("a combination has the errors and requirements of all its parts", () => {
  class Path extends Context.Service<Path, string>()("test/Path") {}
  class Key extends Context.Service<Key, string>()("test/Key") {}
  const empty = { read: () => Effect.succeed([]) }
  const files = Layer.effect(SignalSource.SignalSource)(
    Path.pipe(
      Effect.filterOrFail(
        (path) => path !== "",
        () => "path" as const
      ),
      Effect.as(empty)
    )
  )
  const filings = Layer.effect(SignalSource.SignalSource)(
    Key.pipe(
      Effect.filterOrFail(
        (key) => key !== "",
        () => "key" as const
      ),
      Effect.as(empty)
    )
  )
  const combined = SignalSource.layerCombined([files, filings, SignalSource.layerOf([])])
  expectTypeOf(combined).toEqualTypeOf<Layer.Layer<SignalSource.SignalSource, "path" | "key", Path | Key>>()
})

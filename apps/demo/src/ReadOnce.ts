/** One reading for all: the first task that asks reads the sources, and is charged for it; the others get the same. */
import { SignalSource } from "@aria/connectors"
import { Run } from "@aria/orchestrator-core"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Semaphore from "effect/Semaphore"

const make = Effect.fn("ReadOnce.make")(function* (inner: SignalSource.SignalSource["Service"]) {
  const reading = yield* Semaphore.make(1)
  let known: ReadonlyArray<SignalSource.SourceReport> | undefined
  // feeds give all they have whatever they are asked for; a reader that was stopped leaves it to the next one
  const read = Effect.suspend(() => {
    if (known !== undefined) return Effect.succeed(known)
    return Effect.tap(inner.read({}), (reports) =>
      Effect.sync(() => {
        known = reports
      })
    )
  })
  return SignalSource.SignalSource.of({
    read: () =>
      Effect.suspend(() => {
        if (known !== undefined) return Effect.succeed(known)
        return Effect.flatMap(reading.withPermitsIfAvailable(1)(read), (reports) =>
          // who waits for another's reading holds no permit of the run
          reports._tag === "Some" ? Effect.succeed(reports.value) : Run.waiting("sources")(reading.withPermits(1)(read))
        )
      })
  })
})

/** The sources of a layer, read once as long as it lives. */
export const layer = <E, R>(sources: Layer.Layer<SignalSource.SignalSource, E, R>): Layer.Layer<SignalSource.SignalSource, E, R> =>
  Layer.provide(Layer.effect(SignalSource.SignalSource, Effect.flatMap(SignalSource.SignalSource, make)), sources)

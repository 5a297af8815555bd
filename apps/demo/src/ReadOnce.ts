/** One reading for all of a run: the first task that asks reads the sources, and is charged for it; the others get the same. */
import { SignalSource } from "@aria/connectors"
import { Run } from "@aria/orchestrator-core"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Semaphore from "effect/Semaphore"

type Reports = ReadonlyArray<SignalSource.SourceReport>

/** Of as many runs the reading is kept; a task of an older one reads again. */
const most = 8

interface Reading {
  readonly turn: Semaphore.Semaphore
  known: Reports | undefined
}

const make = (inner: SignalSource.SignalSource["Service"]) => {
  const readings = new Map<string, Reading>()
  const readingOf = (runId: string): Reading => {
    const reading = readings.get(runId) ?? { turn: Semaphore.makeUnsafe(1), known: undefined }
    readings.delete(runId)
    readings.set(runId, reading)
    for (const id of Array.from(readings.keys()).slice(0, -most)) readings.delete(id)
    return reading
  }
  return SignalSource.SignalSource.of({
    read: () =>
      Effect.flatMap(Run.Current, (run) => {
        const reading = readingOf(Option.match(run, { onNone: () => "", onSome: ({ rootRunId }) => rootRunId }))
        if (reading.known !== undefined) return Effect.succeed(reading.known)
        // feeds give all they have whatever they are asked for; a reader that was stopped leaves it to the next one
        const read = Effect.suspend(() => {
          if (reading.known !== undefined) return Effect.succeed(reading.known)
          return Effect.tap(inner.read({}), (reports) =>
            Effect.sync(() => {
              reading.known = reports
            })
          )
        })
        return Effect.flatMap(reading.turn.withPermitsIfAvailable(1)(read), (reports) =>
          // who waits for another's reading holds no permit of the run
          reports._tag === "Some" ? Effect.succeed(reports.value) : Run.waiting("sources")(reading.turn.withPermits(1)(read))
        )
      })
  })
}

/** The sources of a layer, read once a run. */
export const layer = <E, R>(sources: Layer.Layer<SignalSource.SignalSource, E, R>): Layer.Layer<SignalSource.SignalSource, E, R> =>
  Layer.provide(Layer.effect(SignalSource.SignalSource, Effect.map(SignalSource.SignalSource, make)), sources)

/** What the checks of stores of receipts and of queues of questions are made of. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import { format } from "effect/Formatter"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import type { CheckResult } from "../Contract.ts"
import { chosen, resultOf } from "./contract.ts"

/** What was seen and should not have been. */
export class Broken extends Schema.TaggedError<Broken>()("Broken", { message: Schema.String }) {}

/** A place where things are kept: the layer may be built on it several times, one after another and at once. */
export type Place<R, E> = Effect.Effect<Layer.Layer<R, E>, E, Scope.Scope>

/** A check of a service of its own, or of several over the same place. */
export type Check<R> = { readonly name: string; readonly places: boolean; readonly run: <E>(place: Place<R, E>) => Effect.Effect<void, Broken | E> }

interface Told {
  readonly message: string
}

/** A check with the service alone, in a place of its own. */
export const check = <R>(name: string, run: Effect.Effect<void, Told, R>): Check<R> => ({
  name,
  places: false,
  run: (place) => told(Effect.flatMap(place, (layer) => Effect.provide(run, layer, { local: true })))
})

/** A check that builds the service several times. Only for stores that keep what was written. */
export const placed = <R>(
  name: string,
  run: (within: <A, E2>(self: Effect.Effect<A, E2, R>) => Effect.Effect<A, E2 | Told>) => Effect.Effect<void, Told>
): Check<R> => ({
  name,
  places: true,
  run: (place) => told(Effect.flatMap(place, (layer) => run((self) => Effect.provide(self, layer as Layer.Layer<R, Told>, { local: true }))))
})

/** In a scope that ends with the check; whatever goes wrong is told of as a sentence. */
const told = (self: Effect.Effect<void, unknown, Scope.Scope>): Effect.Effect<void, Broken> =>
  Effect.scoped(self).pipe(
    Effect.catchDefect((defect) => broken(`it died: ${format(defect)}`)),
    Effect.mapError((error) => (error instanceof Broken ? error : new Broken({ message: error instanceof Error ? error.message : format(error) })))
  )

/** Runs the checks one after another; those that build the service several times only where there is a place to build it on. */
export const examine = <R, E>(
  contract: string,
  all: ReadonlyArray<Check<R>>,
  { check, layer, place }: { readonly check?: string | undefined; readonly layer: Layer.Layer<R, E>; readonly place?: Place<R, E> | undefined }
): Effect.Effect<ReadonlyArray<CheckResult>> =>
  Effect.flatMap(chosen(contract, all, check), (found) =>
    Effect.forEach(
      found.filter(({ places }) => place !== undefined || !places),
      ({ name, run }) => Effect.map(Effect.result(run(place ?? Effect.succeed(Layer.fresh(layer)))), (result) => resultOf(name, result))
    )
  )

export const broken = (message: string): Effect.Effect<never, Broken> => Effect.fail(new Broken({ message }))

export const show = (value: unknown): string => {
  const text = format(value)
  return text.length > 400 ? `${text.slice(0, 400)}...` : text
}

export const expect = (holds: boolean, message: () => string): Effect.Effect<void, Broken> => (holds ? Effect.void : broken(message()))

export const expectSame = (received: unknown, wanted: unknown, what: string): Effect.Effect<void, Broken> =>
  expect(Equal.equals(received, wanted), () => `${what}: received ${show(received)}, should be ${show(wanted)}`)

/** The failure of what has to fail, as its tag and reason. */
export const expectRefusal = <A, E extends { readonly _tag: string }>(self: Effect.Effect<A, E>, wanted: string, what: string): Effect.Effect<void, Broken> =>
  Effect.flatMap(Effect.result(self), (result) => {
    if (Result.isSuccess(result)) return broken(`${what}: succeeded with ${show(result.success)}, should be refused as ${wanted}`)
    const { failure } = result
    const reason = "reason" in failure ? String(failure.reason) : failure._tag
    return expect(reason === wanted, () => `${what}: refused as ${reason}, should be ${wanted}`)
  })

/** A clock that stands still until it is set. */
export class SetClock {
  now: number
  constructor(now: number) {
    this.now = now
  }
  readonly at = <A, E, R>(now: number, self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.suspend(() => {
      this.now = now
      return this.standing(self)
    })
  readonly standing = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> => {
    const real = Clock.Clock.defaultValue()
    return Effect.provideService(self, Clock.Clock, {
      currentTimeMillisUnsafe: () => this.now,
      currentTimeMillis: Effect.sync(() => this.now),
      currentTimeNanosUnsafe: () => BigInt(this.now) * 1_000_000n,
      currentTimeNanos: Effect.sync(() => BigInt(this.now) * 1_000_000n),
      monotonicTimeNanosUnsafe: () => real.monotonicTimeNanosUnsafe(),
      monotonicTimeNanos: real.monotonicTimeNanos,
      sleep: (duration) => real.sleep(duration)
    })
  }
}

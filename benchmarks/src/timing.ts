import * as Effect from "effect/Effect"

/** Collects garbage, so that one measurement does not pay for the one before it; needs `node --expose-gc`. */
export const collect = (): void => {
  if (globalThis.gc === undefined) throw new Error("run this with node --expose-gc")
  globalThis.gc()
  globalThis.gc()
}

/** How long an effect takes, in milliseconds. */
export const timed = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<number, E, R> =>
  Effect.suspend(() => {
    collect()
    const started = performance.now()
    return Effect.map(effect, () => performance.now() - started)
  })

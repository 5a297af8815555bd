import * as Effect from "effect/Effect"

const step = Effect.fnUntraced(function* (n: number) {
  return yield* Effect.promise(async () => n)
})

export const fanOut = (size: number) => {
  const items = Array.from({ length: size }, (_, n) => n)
  return async () => (await Effect.runPromise(Effect.forEach(items, step, { concurrency: 10 }))).length
}

export const chain = (size: number) => {
  const items = Array.from({ length: size }, (_, n) => n)
  return async () => (await Effect.runPromise(Effect.forEach(items, step))).length
}

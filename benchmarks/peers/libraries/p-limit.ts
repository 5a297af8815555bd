import pLimit from "p-limit"

const step = async (n: number): Promise<number> => n

export const fanOut = (size: number) => {
  const items = Array.from({ length: size }, (_, n) => n)
  return async () => {
    const limit = pLimit(10)
    return (await Promise.all(items.map((n) => limit(step, n)))).length
  }
}

/** A chain has no library function: one awaits after the other. */
export const chain = (size: number) => async () => {
  const limit = pLimit(1)
  let done = 0
  for (let n = 0; n < size; n++) {
    await limit(step, n)
    done++
  }
  return done
}

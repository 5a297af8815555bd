/** The steps of all contestants, and the count of those that have run in this process. */
let ran = 0
let halts = false
let hasHalted = false

export const trivial = async (n: number): Promise<number> => {
  ran++
  return n
}

/** Never ends in a process that was told to `halt`. */
export const last = (n: number): Promise<number> => {
  hasHalted = true
  return halts ? new Promise(() => {}) : trivial(n)
}
export const halt = (): void => void (halts = true)
export const isHalted = (): boolean => hasHalted
export const stepsRun = (): number => ran

/** How many steps ran meanwhile. */
export const counted = async (work: () => Promise<unknown>): Promise<number> => {
  const before = ran
  await work()
  return ran - before
}

import * as Effect from "effect/Effect"

/** The keys that a key is beneath. */
export const above = (key: string): ReadonlyArray<string> => Array.from(key.matchAll(/[/#]/g), ({ index }) => key.slice(0, index))

/** The tasks of a run that are under way in this process, and which of them do nothing but wait. */
export class UnderWay {
  private readonly keys = new Set<string>()
  /** Those that wait for one that is not started any more. */
  private readonly forOther = new Set<string>()
  /** How many waits for an answer or a time are all that goes on at a key, or beneath it. */
  private readonly lasting = new Map<string, number>()
  private onRest: (() => void) | undefined
  private resting = false

  /** Whether no further task is to be started. */
  get isResting(): boolean {
    return this.resting
  }

  begin(key: string): void {
    this.keys.add(key)
  }

  end(key: string): void {
    this.keys.delete(key)
    this.quietened()
  }

  /** A task that is not started any more: those that it is beneath wait for it. */
  leaveOut(key: string): void {
    for (const waiting of above(key)) this.forOther.add(waiting)
    this.quietened()
  }

  /** A wait begins; gives what ends it. */
  wait(key: string): () => void {
    const keys = [key, ...above(key)]
    for (const at of keys) this.lasting.set(at, (this.lasting.get(at) ?? 0) + 1)
    this.quietened()
    return () => {
      for (const at of keys) {
        const count = this.lasting.get(at)! - 1
        if (count === 0) this.lasting.delete(at)
        else this.lasting.set(at, count)
      }
    }
  }

  /** Whether all that goes on is to wait, for answers and times. */
  isWaiting(): boolean {
    return this.lasting.size > 0 && this.isQuiet()
  }

  /** Starts no further task; done when those that were under way have ended, or only wait for what another worker can wait for as well. */
  readonly rest: Effect.Effect<void> = Effect.callback((resume) => {
    this.resting = true
    if (this.isQuiet()) return resume(Effect.void)
    this.onRest = () => resume(Effect.void)
    return undefined
  })

  /** Whether each task under way only waits: for others beneath it, for an answer or a time, or for one that is not started any more. */
  private isQuiet(): boolean {
    const keys = Array.from(this.keys)
    const waiting = new Set(keys.flatMap(above))
    return keys.every((key) => waiting.has(key) || this.lasting.has(key) || this.forOther.has(key))
  }

  /** Not in this very step: it may be the first one of a task, which nobody can end before it is over. */
  private quietened(): void {
    if (this.onRest === undefined) return
    queueMicrotask(() => {
      if (this.isQuiet()) this.onRest?.()
    })
  }
}

import * as Effect from "effect/Effect"
import type { Life } from "./life.ts"

/** The runs that a worker carries out. */
export class Residents {
  private readonly lives = new Map<string, Life>()
  /** Those that are about to be carried out here. */
  private readonly arriving = new Set<string>()
  /** Lives that were given up here, by run: what ends those runs is on its way. */
  private readonly given = new Map<string, number>()

  get size(): number {
    return this.lives.size
  }

  get(id: string): Life | undefined {
    return this.lives.get(id)
  }

  all(): ReadonlyArray<Life> {
    return Array.from(this.lives.values())
  }

  /** How many do nothing but wait. */
  waiting(): number {
    return this.all().filter(({ isWaiting }) => isWaiting()).length
  }

  /** From its beginning until its end. */
  keep(life: Life): Effect.Effect<void> {
    this.lives.set(life.runId, life)
    const watch = Effect.map(life.end, ({ _tag }) => {
      if (this.lives.get(life.runId) !== life) return
      this.lives.delete(life.runId)
      if (_tag === "lost") this.given.set(life.runId, life.fence)
    })
    return Effect.asVoid(Effect.forkDetach(watch, { startImmediately: true }))
  }

  whileArriving<A, E, R>(id: string, self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> {
    return Effect.suspend(() => {
      this.arriving.add(id)
      return Effect.ensuring(self, Effect.sync(() => this.arriving.delete(id)))
    })
  }

  /** Those that the store says are here and that nobody here knows of. */
  strangers(owned: ReadonlyMap<string, number>): ReadonlyArray<string> {
    for (const [id, fence] of this.given) if (owned.get(id) !== fence) this.given.delete(id)
    return Array.from(owned.keys()).filter((id) => this.isStranger(id))
  }

  isStranger(id: string): boolean {
    return !this.lives.has(id) && !this.arriving.has(id) && !this.given.has(id)
  }

  /** None of them is here any more; gives them. */
  clear(): ReadonlyArray<Life> {
    const all = this.all()
    this.lives.clear()
    return all
  }
}

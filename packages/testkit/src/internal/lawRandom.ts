/** A small seeded generator (mulberry32): the same seed makes the same scenario on every machine. */
export class Random {
  private state: number

  constructor(seed: number) {
    // Neighbouring seeds start alike; one multiplication takes them apart.
    this.state = Math.imul(seed + 1, 0x9e3779b1) >>> 0
  }

  /** From 0 up to, without, 1. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0
    let t = this.state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }

  /** A whole number between both, both included. */
  between(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1))
  }

  chance(probability: number): boolean {
    return this.next() < probability
  }

  pick<A>(choices: ReadonlyArray<A>): A {
    return choices[Math.floor(this.next() * choices.length)]!
  }

  /** One of the choices, each as often as its weight says. */
  weighted<A>(choices: ReadonlyArray<readonly [number, A]>): A {
    let at = this.next() * choices.reduce((sum, [weight]) => sum + weight, 0)
    for (const [weight, choice] of choices) {
      at -= weight
      if (at < 0) return choice
    }
    return choices[choices.length - 1]![1]
  }
}

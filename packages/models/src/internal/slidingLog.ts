/** What a window counts: a minute. */
export const windowMillis = 60_000

/** One call, or an amount that was reported for one later on; the same object in all lanes that count it. */
export interface Entry {
  /** When it was sent, in milliseconds; `undefined` from its admission until then, and counted all the same. */
  startedAt: number | undefined
  requests: number
  tokens: number
}

/**
 * What was sent in the last minute. It is exact: an entry leaves when it is more than a minute old, so that no window of a minute,
 * wherever it begins, both ends included, holds more than what was admitted with it.
 */
export class SlidingLog {
  requests = 0
  tokens = 0
  private entries: Array<Entry> = []
  private head = 0

  get isEmpty(): boolean {
    return this.head === this.entries.length && this.requests === 0
  }

  /** Counts an entry that is not sent yet; it does not age. */
  admit(entry: Entry): void {
    this.requests += entry.requests
    this.tokens += entry.tokens
  }

  /** The entry was sent now: it ages from here on. */
  start(entry: Entry): void {
    this.entries.push(entry)
  }

  /** Lets go what is older than a minute. */
  purge(now: number): void {
    const { entries } = this
    while (this.head < entries.length && now - entries[this.head]!.startedAt! > windowMillis) {
      const { requests, tokens } = entries[this.head++]!
      this.requests -= requests
      this.tokens -= tokens
    }
    if (this.head > 64 && this.head * 2 > entries.length) {
      this.entries = entries.slice(this.head)
      this.head = 0
    }
  }

  /** When so much will have left that `requests` and `tokens` fit under the limits; `Infinity` where that needs more than time. */
  fitsAt(limit: { readonly requests: number; readonly tokens: number }, requests: number, tokens: number): number {
    let requestsLeft = this.requests + requests - limit.requests
    let tokensLeft = this.tokens + tokens - limit.tokens
    for (let index = this.head; index < this.entries.length; index++) {
      const entry = this.entries[index]!
      requestsLeft -= entry.requests
      tokensLeft -= entry.tokens
      if (requestsLeft <= 0 && tokensLeft <= 0) return entry.startedAt! + windowMillis
    }
    return Infinity
  }
}

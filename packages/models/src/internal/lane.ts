import type { Rates, Scope } from "../Limiter.ts"
import { type Entry, SlidingLog, windowMillis } from "./slidingLog.ts"

/** One call on its way through the lanes. */
export interface Passage {
  readonly entry: Entry
  readonly reserved: number
  /** For each lane that cools down: in which of its periods the call was admitted. */
  readonly periods: Map<Lane, number>
}

const recoveryMillis = 3_600_000

/** What one name of one scope may do: a provider, a host, an agent, a user; or all together. */
export class Lane {
  readonly scope: Scope
  readonly name: string
  readonly concurrency: number
  readonly limit: { readonly requests: number; readonly tokens: number }
  /** Whether there are limits in time: only then a log is kept. */
  private readonly isLogged: boolean
  /** Whether it stands for somebody outside who says when it is too much. */
  readonly isExternal: boolean
  readonly log = new SlidingLog()
  inFlight = 0
  lastUsed = 0
  waiting = 0
  coolUntil = 0
  /** Rises with each cool-down, so that the answers to one burst count once. */
  private period = 0
  private throttles = 0
  /** After a cool-down one call at a time goes out, until one of them succeeds. */
  private isRecovering = false
  private probing = 0

  constructor(scope: Scope, name: string, rates: Rates) {
    this.scope = scope
    this.name = name
    this.concurrency = rates.concurrency ?? Infinity
    this.limit = { requests: rates.requestsPerMinute ?? Infinity, tokens: rates.tokensPerMinute ?? Infinity }
    this.isLogged = this.limit.requests !== Infinity || this.limit.tokens !== Infinity
    this.isExternal = scope === "provider" || scope === "host"
  }

  isIdle(now: number): boolean {
    this.log.purge(now)
    if (this.inFlight > 0 || this.waiting > 0 || !this.log.isEmpty || this.coolUntil > now) return false
    // Whoever asked for time, and was not called for an hour since, may have been left for good.
    return !this.isRecovering || now - Math.max(this.coolUntil, this.lastUsed) > recoveryMillis
  }

  /**
   * When there is room, as far as it is known: now or earlier where there is, `Infinity` where somebody else has to end first.
   * `pledged` is room that is kept for another.
   */
  roomAt(now: number, tokens: number, pledged: { readonly requests: number; readonly tokens: number }): number {
    let at = this.coolUntil > now ? this.coolUntil : now
    if (this.inFlight + 1 + pledged.requests > this.concurrency) return Infinity
    if (this.isRecovering && this.probing > 0) return Infinity
    if (this.isLogged) {
      this.log.purge(now)
      const { limit, log } = this
      const requests = 1 + pledged.requests
      const wanted = tokens + pledged.tokens
      if (log.requests + requests > limit.requests || log.tokens + wanted > limit.tokens) {
        // An entry leaves when it is *more* than a minute old.
        at = Math.max(at, log.fitsAt(limit, requests, wanted) + 1)
      }
    }
    return at
  }

  admit(passage: Passage): void {
    this.inFlight++
    if (this.isLogged) this.log.admit(passage.entry)
    if (this.isExternal) {
      passage.periods.set(this, this.period)
      this.probing++
    }
  }

  start(passage: Passage): void {
    if (this.isLogged) this.log.start(passage.entry)
  }

  /** The call has ended, however it did. */
  end(passage: Passage, now: number): void {
    this.inFlight--
    this.lastUsed = now
    if (passage.periods.get(this) === this.period) this.probing--
  }

  succeed(passage: Passage): void {
    if (passage.periods.get(this) !== this.period) return
    this.isRecovering = false
    this.throttles = 0
  }

  /** Nobody goes out for a while: as long as was asked for, else 1 second and twice as long each time. */
  coolDown(passage: Passage, now: number, retryAfterMillis: number | undefined, maxMillis: number): void {
    const isNew = passage.periods.get(this) === this.period
    if (isNew) {
      this.throttles++
      this.period++
      this.probing = 0
      this.isRecovering = true
    }
    if (retryAfterMillis === undefined && !isNew) return
    const millis = retryAfterMillis ?? 1_000 * 2 ** Math.min(this.throttles - 1, 6)
    this.coolUntil = Math.max(this.coolUntil, now + Math.min(millis, maxMillis))
  }

  /** The call takes part in the window with another amount; what is beyond its reservation counts from now on. */
  recount(passage: Passage, now: number, tokens: number): void {
    if (!this.isLogged) return
    this.log.purge(now)
    const { entry } = passage
    const isCounted = entry.startedAt === undefined || now - entry.startedAt <= windowMillis
    if (isCounted) this.log.tokens += Math.min(tokens, passage.reserved) - entry.tokens
  }

  countExtra(extra: Entry): void {
    if (!this.isLogged) return
    this.log.admit(extra)
    this.log.start(extra)
  }

  /** The request was never sent. */
  forget(entry: Entry, now: number): void {
    if (!this.isLogged) return
    this.log.purge(now)
    if (entry.startedAt !== undefined && now - entry.startedAt > windowMillis) return
    this.log.requests -= entry.requests
    this.log.tokens -= entry.tokens
  }
}

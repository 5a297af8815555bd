import type * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import * as Scheduler from "effect/Scheduler"
import type * as TestClock from "effect/testing/TestClock"

/** Counts what still has to run, so that the driver knows when nothing moves any more. */
export class CountingScheduler implements Scheduler.Scheduler {
  readonly executionMode = "async"
  private readonly inner = new Scheduler.MixedScheduler()
  pending = 0
  ran = 0

  shouldYield(fiber: Fiber.Fiber<unknown, unknown>) {
    return this.inner.shouldYield(fiber)
  }

  makeDispatcher(): Scheduler.SchedulerDispatcher {
    const dispatcher = this.inner.makeDispatcher()
    return {
      scheduleTask: (task, priority) => {
        this.pending++
        dispatcher.scheduleTask(() => {
          this.pending--
          this.ran++
          task()
        }, priority)
      },
      flush: () => dispatcher.flush()
    }
  }
}

const ownTurns = new Scheduler.MixedScheduler().makeDispatcher()
/** One turn of the real event loop. */
export const turn: Effect.Effect<void> = Effect.callback<void>((resume) => ownTurns.scheduleTask(() => resume(Effect.void), 0))

/** The clock of a scenario: `TestClock`, and with it the instants at which somebody wakes. */
export class Instants {
  private readonly wakes: Array<number> = []
  readonly clock: Clock.Clock
  private readonly test: TestClock.TestClock
  added = 0

  constructor(test: TestClock.TestClock) {
    this.test = test
    this.clock = Object.assign(Object.create(test), {
      sleep: (duration: Duration.Duration) => {
        this.added++
        const at = test.currentTimeMillisUnsafe() + Duration.toMillis(duration)
        if (Number.isFinite(at)) this.push(at)
        return test.sleep(duration)
      }
    })
  }

  private push(at: number): void {
    let low = 0
    let high = this.wakes.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.wakes[middle]! > at) low = middle + 1
      else high = middle
    }
    if (this.wakes[low] !== at) this.wakes.splice(low, 0, at)
  }

  get now(): number {
    return this.test.currentTimeMillisUnsafe()
  }

  /** Goes to the next instant at which somebody wakes; none is left where it gives `false`. */
  readonly advance: Effect.Effect<boolean> = Effect.suspend(() => {
    let at = this.wakes.pop()
    while (at !== undefined && at <= this.now) at = this.wakes.pop()
    return at === undefined ? Effect.succeed(false) : Effect.as(this.test.setTime(at), true)
  })
}

import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as Progress from "../Progress.ts"
import { Gap } from "./gap.ts"
import { type Listener, ListenersRef } from "./listener.ts"

/**
 * Events on their way to one reader. Nothing but updates is ever dropped, so it may grow beyond its capacity by what
 * starts and ends tasks.
 */
export class Mailbox implements Listener {
  private readonly capacity: number
  private readonly blocking: boolean
  private events: Array<Progress.Event> = []
  private readonly gap = new Gap()
  private reader: ((events: Array<Progress.Event>) => void) | undefined
  private readonly writers: Array<() => void> = []
  private ended = false
  private waking = false

  constructor(options: Progress.ListenOptions | undefined) {
    const capacity = options?.capacity ?? 1024
    // A capacity that is none is taken as the smallest: a listener must never be what fails a run.
    this.capacity = capacity >= 1 ? capacity : 1
    this.blocking = options?.onFull === "block"
  }

  offer(event: Progress.Event): void {
    if (this.ended) return
    if (event._tag === "update" && !this.blocking && this.events.length >= this.capacity) {
      this.gap.leaveOut(event)
      return
    }
    this.gap.close(this.events)
    this.events.push(event)
    this.wakeReader()
  }

  readonly isFull = (): boolean => this.events.length >= this.capacity

  get room(): Effect.Effect<void> | undefined {
    if (!this.blocking) return undefined
    return Effect.suspend(() => {
      if (!this.isFull() || this.ended) return Effect.void
      return Effect.callback<void>((resume) => {
        const writer = () => resume(Effect.void)
        this.writers.push(writer)
        return Effect.sync(() => {
          const at = this.writers.indexOf(writer)
          if (at >= 0) this.writers.splice(at, 1)
        })
      })
    })
  }

  end(): void {
    this.ended = true
    this.wakeReader()
    for (const writer of this.writers.splice(0)) writer()
  }

  private wakeReader(): void {
    if (this.reader === undefined || this.waking) return
    this.waking = true
    void Promise.resolve().then(() => {
      this.waking = false
      const { reader } = this
      if (reader === undefined) return
      this.reader = undefined
      reader(this.take())
    })
  }

  private take(): Array<Progress.Event> {
    const events = this.events
    this.events = []
    for (const writer of this.writers.splice(0)) writer()
    return events
  }

  /** All events that wait; waits for the first one. An empty list means that there will be no more. */
  readonly takeAll: Effect.Effect<Array<Progress.Event>> = Effect.suspend(() => {
    if (this.events.length > 0 || this.ended) return Effect.succeed(this.take())
    return Effect.callback<Array<Progress.Event>>((resume) => {
      this.reader = (events) => resume(Effect.succeed(events))
      return Effect.sync(() => {
        this.reader = undefined
      })
    })
  })
}

type Callback<R> = (event: Progress.Event) => void | Promise<unknown> | Effect.Effect<unknown, unknown, R>

/** Calls back for each event from `first` on; a callback that returns at once costs no more than its call. */
const callEach = <R>(callback: Callback<R>, events: ReadonlyArray<Progress.Event>, first: number): Effect.Effect<void, never, R> =>
  Effect.suspend(() => {
    for (let index = first; index < events.length; index++) {
      let made: ReturnType<Callback<R>>
      try {
        made = callback(events[index]!)
      } catch (error) {
        return Effect.andThen(warn(Cause.die(error)), callEach(callback, events, index + 1))
      }
      if (Effect.isEffect(made) || made instanceof Promise) {
        const waited: Effect.Effect<unknown, unknown, R> = made instanceof Promise ? Effect.promise(() => made) : made
        return Effect.andThen(Effect.catchCause(Effect.asVoid(waited), warn), callEach(callback, events, index + 1))
      }
    }
    return Effect.void
  })

const warn = (cause: Cause.Cause<unknown>): Effect.Effect<void> =>
  Cause.hasInterruptsOnly(cause) ? Effect.interrupt : Effect.logWarning("A progress callback failed; the run goes on", cause)

export const listen = <A, E, R, R2>(
  self: Effect.Effect<A, E, R>,
  callback: Callback<R2>,
  options: Progress.ListenOptions | undefined
): Effect.Effect<A, E, R | R2> =>
  Effect.suspend(() => {
    const mailbox = new Mailbox(options)
    const read: Effect.Effect<void, never, R2> = Effect.flatMap(mailbox.takeAll, (events) =>
      events.length === 0 ? Effect.void : Effect.andThen(callEach(callback, events, 0), read)
    )
    const listening = Effect.updateContext(self, (context: Context.Context<R>) =>
      Context.add(context, ListenersRef, [...Context.get(context, ListenersRef), mailbox])
    )
    return Effect.uninterruptibleMask((restore) =>
      Effect.gen(function* () {
        const reader = yield* Effect.forkDetach(Effect.interruptible(read), { startImmediately: true })
        const exit = yield* Effect.exit(restore(listening))
        mailbox.end()
        const drained = yield* Effect.timeoutOption(Effect.interruptible(Fiber.await(reader)), options?.drainMillis ?? 5_000)
        if (drained._tag === "None") {
          reader.interruptUnsafe()
          yield* Effect.logWarning("A progress callback did not keep up; what it had not heard is lost to it")
        }
        return yield* exit
      })
    )
  })

import * as Effect from "effect/Effect"

interface Ticket {
  turn: boolean
  resume: ((effect: Effect.Effect<void>) => void) | undefined
}

/** One at a time for each key, first come, first served. `busy` is put around the wait of those who are not first. */
export class KeyedLock {
  private readonly queues = new Map<string, Array<Ticket>>()

  hold<A, E, R>(key: string, busy: (wait: Effect.Effect<void>) => Effect.Effect<void>, effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> {
    return Effect.uninterruptibleMask((restore) => {
      const queue = this.queues.get(key) ?? []
      if (queue.length === 0) this.queues.set(key, queue)
      const ticket: Ticket = { turn: queue.length === 0, resume: undefined }
      queue.push(ticket)
      const wait = ticket.turn
        ? Effect.void
        : busy(
            Effect.callback<void>((resume) => {
              if (ticket.turn) resume(Effect.void)
              else ticket.resume = resume
            })
          )
      return Effect.ensuring(
        restore(Effect.andThen(wait, effect)),
        Effect.sync(() => this.leave(key, queue, ticket))
      )
    })
  }

  private leave(key: string, queue: Array<Ticket>, ticket: Ticket): void {
    queue.splice(queue.indexOf(ticket), 1)
    if (queue.length === 0) {
      this.queues.delete(key)
    } else if (!queue[0]!.turn) {
      queue[0]!.turn = true
      queue[0]!.resume?.(Effect.void)
    }
  }
}

const locks = new WeakMap<object, KeyedLock>()

/** The lock that goes with a store: whoever writes to it in this process takes it. */
export const lockOf = (store: object): KeyedLock => {
  let lock = locks.get(store)
  if (lock === undefined) locks.set(store, (lock = new KeyedLock()))
  return lock
}

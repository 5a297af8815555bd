import { Agent, type Budget, Journal, Usage } from "@aria/orchestrator-core"
import { Deferred, Effect, Schema } from "effect"
import { storing } from "../storing.ts"

/** What is kept of a run over its lives, in memory: each life gets a journal that knows what the lives before have stored. */
export class Book {
  readonly units = new Map<string, { readonly kind: Journal.Unit["kind"]; readonly hash: string | undefined; readonly value: string }>()
  readonly spends: Array<{ readonly key: string; state: "open" | "settled"; usage: Usage.Usage }> = []
  /** What happened, in order. */
  readonly log: Array<string> = []
  /** Holds up what is stored: nothing may go on meanwhile. */
  gate: Deferred.Deferred<void> | undefined
  /** What an account says to a reservation that is to be stored. */
  room: (request: Journal.Request) => Effect.Effect<void, Budget.BudgetExceededError> = () => Effect.void
  private lives = 0

  /** A life of the run; what the lives before have written late is lost. */
  life(): Journal.Journal {
    const life = ++this.lives
    const isOver = () => life !== this.lives
    const past = new Map(this.units)
    // A reservation that was open when a life ended settles at its worst.
    for (const spend of this.spends) spend.state = "settled"
    const spent = this.spends.map(({ key, usage }) => ({ key, usage }))
    return storing({
      unit: ({ hash, key, kind }, effect) =>
        Effect.suspend(() => {
          const known = past.get(key)
          if (known !== undefined) return known.hash === hash ? Effect.succeed(known.value) : Effect.die(`changed: ${key}`)
          return Effect.gen({ self: this }, function* () {
            const value = yield* effect
            if (this.gate !== undefined) yield* Deferred.await(this.gate)
            if (isOver()) return yield* Effect.interruptible(Effect.never)
            this.units.set(key, { kind, hash, value })
            this.log.push(`stored ${key}`)
            return value
          })
        }),
      known: (key) => past.get(key)?.value,
      isReached: (key) => [...past.keys(), ...spent.map((spend) => spend.key)].some((other) => other.startsWith(`${key}/`) || other.startsWith(`${key}#`)),
      spent: (key) =>
        Usage.sum(spent.flatMap((spend) => (key === "" || spend.key === key || (key.endsWith("%2F") && spend.key.startsWith(key)) || spend.key.startsWith(`${key}/`) || spend.key.startsWith(`${key}#`) ? [spend.usage] : []))),
      reserve: (request) => {
        const spend = { key: request.key, state: "open" as "open" | "settled", usage: request.worst }
        return {
          acquire: Effect.andThen(
            this.room(request),
            Effect.sync(() => {
              this.spends.push(spend)
              this.log.push(`acquired ${request.key} ${request.worst.tokens}`)
            })
          ),
          settle: (usage) => {
            this.log.push(`settled ${request.key} ${usage.tokens}`)
            if (isOver()) return
            spend.state = "settled"
            spend.usage = usage
          },
          release: () => {
            this.log.push(`released ${request.key}`)
            const at = this.spends.indexOf(spend)
            if (at >= 0 && !isOver()) this.spends.splice(at, 1)
          }
        }
      },
      charge: ({ key, usage }) => Effect.sync(() => void this.spends.push({ key, state: "settled", usage }))
    })
  }
}

export class SayError extends Schema.TaggedError<SayError>()("SayError", { text: Schema.String }) {}

/** Does what the test says for a text. */
export class Say extends Agent.make("Say", { description: "Says it", payload: { text: Schema.String }, success: Schema.String, error: SayError }) {}

/** What the handlers do, and which were called. */
export class Stage {
  readonly called: Array<string> = []
  does: (text: string) => Effect.Effect<string, any, any> = (text) => Effect.succeed(`${text}!`)
  readonly layer = Say.toLayer(({ text }) =>
    Effect.suspend(() => {
      this.called.push(text)
      return this.does(text)
    })
  )
}

/** A life of a run: everything inside is stored in the book. */
export const inLife =
  (book: Book) =>
  <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.suspend(() => Effect.provideService(self, Journal.Current, book.life()))

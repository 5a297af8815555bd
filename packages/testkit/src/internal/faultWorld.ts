/** A world that writes down what arrives in it, the actions on it, and a store that fails. */
import * as ReceiptStore from "@aria/orchestrator-core/ReceiptStore"
import * as SideEffect from "@aria/orchestrator-core/SideEffect"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { Random } from "./lawRandom.ts"
import type { Scenario } from "./faultScenario.ts"

export class AnswerError extends Schema.TaggedError<AnswerError>()("AnswerError", { ambiguous: Schema.Boolean }) {}

export interface Arrival {
  readonly receiptId: string
  readonly key: string
  readonly input: string
  readonly at: number
}

type Store = ReceiptStore.ReceiptStore["Service"]

export const kind = "notes.create"
export const valueOf = (key: string, input: string): string => `${key} is ${input}`

export class World {
  readonly arrivals: Array<Arrival> = []
  readonly undone: Array<Arrival> = []
  /** How many calls were begun. */
  calls = 0
  /** From then on nothing fails any more. */
  quiet = false
  private readonly random: Random
  private readonly scenario: Scenario
  /** Runs what goes on without whoever began it. */
  private readonly detach: (effect: Effect.Effect<void>) => void

  constructor(scenario: Scenario, detach: (effect: Effect.Effect<void>) => void) {
    this.scenario = scenario
    this.detach = detach
    this.random = new Random(scenario.seed + 1_000_000)
  }

  /** Whether a process has been killed. */
  private readonly isDead = (process: number): Effect.Effect<boolean> =>
    Effect.map(Clock.currentTimeMillis, (now) => now >= (this.scenario.kills.get(process) ?? Infinity))

  /** What a process does, unless it is gone, before or after. */
  private readonly alive = <A, E>(process: number, self: Effect.Effect<A, E>): Effect.Effect<A, E> => {
    const unlessDead = Effect.flatMap(this.isDead(process), (dead) => (dead ? Effect.never : Effect.void))
    return Effect.flatMap(Effect.exit(Effect.andThen(unlessDead, self)), (exit) => Effect.andThen(unlessDead, exit))
  }

  /** From here on it is on its way: it arrives whatever becomes of who sent it, and in time. */
  private readonly send = (into: Array<Arrival>, what: Omit<Arrival, "at">): Effect.Effect<number> =>
    Effect.sync(() => {
      const delay = this.quiet ? 0 : this.random.pick([0, 0, this.random.between(1, 500), this.random.between(1, this.scenario.settleAfter - 1)])
      const arrive = Effect.map(Clock.currentTimeMillis, (at) => void into.push({ ...what, at }))
      this.detach(Effect.andThen(Effect.sleep(delay), arrive))
      return delay
    })

  private readonly exchange = (process: number, into: Array<Arrival>, what: Omit<Arrival, "at">): Effect.Effect<void, AnswerError> => {
    const { random } = this
    return Effect.suspend(() => {
      this.calls++
      const how = this.quiet ? "answered" : random.weighted([[5, "answered"], [2, "refused"], [2, "lost"], [1, "timed out"], [1, "died"], [1, "interrupted"], [1, "long"]] as const)
      const sent = this.quiet || how === "answered" || (how !== "refused" && random.chance(0.6))
      const before = this.quiet ? 0 : how === "long" ? random.between(20_000, 80_000) : random.pick([0, random.between(0, 2_000)])
      const end: Effect.Effect<void, AnswerError> =
        how === "answered" || (how === "long" && sent)
          ? Effect.void
          : how === "timed out"
            ? (Effect.fail(new Cause.TimeoutError()) as Effect.Effect<never, never>)
            : how === "died"
              ? Effect.die("a bug")
              : how === "interrupted"
                ? Effect.interrupt
                : Effect.fail(new AnswerError({ ambiguous: how === "lost" }))
      const waits = how === "answered" || how === "long"
      return this.alive(process, Effect.sleep(before)).pipe(
        Effect.andThen(this.alive(process, sent ? this.send(into, what) : Effect.succeed(0))),
        Effect.flatMap((delay) => this.alive(process, Effect.sleep(waits ? delay + random.between(0, 200) : random.between(0, 3_000)))),
        Effect.andThen(end)
      )
    })
  }

  private readonly lookUp = (receiptId: string): Effect.Effect<SideEffect.Verdict<string>, AnswerError> =>
    Effect.suspend(() => {
      const fails = !this.quiet && this.scenario.verify === "fails at times"
      const how = fails ? this.random.pick(["works", "undecided", "fails", "dies"] as const) : "works"
      const found = this.arrivals.find((arrival) => arrival.receiptId === receiptId)
      const verdict: SideEffect.Verdict<string> = how === "undecided" ? SideEffect.undecided : found === undefined ? SideEffect.notDone : SideEffect.done(valueOf(found.key, found.input))
      const slow = this.quiet ? 0 : this.random.pick([0, 0, this.random.between(1, 5_000), this.random.between(1, 100_000)])
      return Effect.andThen(Effect.sleep(slow), how === "fails" ? Effect.fail(new AnswerError({ ambiguous: false })) : how === "dies" ? Effect.die("a bug") : Effect.succeed(verdict))
    })

  /** The action, as a process does it. */
  readonly action = (process: number) =>
    SideEffect.make(kind, {
      input: Schema.String,
      success: Schema.String,
      error: AnswerError,
      once: "global",
      settleAfter: this.scenario.settleAfter,
      call: (input, { key, receiptId }) => Effect.as(this.exchange(process, this.arrivals, { key, input, receiptId }), valueOf(key, input)),
      undo: { within: "1 day", call: (input, _, { key, receiptId }) => this.exchange(process, this.undone, { key, input, receiptId }) },
      ...(this.scenario.verify === "none" && !this.quiet ? {} : { verify: (_: string, { receiptId }: SideEffect.Call) => this.alive(process, this.lookUp(receiptId)) })
    })

  /** The store, as a process reaches it. */
  readonly view = (process: number, store: Store): Store => {
    const { random, scenario } = this
    const operation = <A>(name: ReceiptStore.ReceiptStoreError["operation"], self: Effect.Effect<A, ReceiptStore.ReceiptStoreError>) =>
      Effect.gen({ self: this }, function* () {
        if (this.quiet) return yield* self
        const failed = new ReceiptStore.ReceiptStoreError({ operation: name, message: "the store did not answer" })
        if (scenario.slowStore && random.chance(0.3)) yield* this.alive(process, Effect.sleep(random.pick([1, random.between(1, 50), random.between(1, 2 * scenario.lease)])))
        const now = yield* Clock.currentTimeMillis
        const out = scenario.outages.some((outage) => outage.process === process && outage.from <= now && now < outage.to)
        if (out || random.chance(scenario.failure)) return yield* this.alive(process, failed)
        const result = yield* this.alive(process, self)
        return random.chance(scenario.failure) ? yield* failed : result
      })
    return {
      get: (id) => operation("read", store.get(id)),
      put: (receipt, expected, event) => operation("write", store.put(receipt, expected, event)),
      renew: (id, owner, until) => operation("renew", store.renew(id, owner, until)),
      record: (event) => operation("record", store.record(event)),
      list: (filter) => operation("list", store.list(filter)),
      audit: store.audit
    }
  }
}

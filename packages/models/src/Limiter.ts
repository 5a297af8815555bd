/**
 * How much may go out at once and in a minute: one limiter for a whole tree of runs, for model calls and for requests.
 *
 * @since 0.1.0
 */
import { Budget, Run } from "@aria/orchestrator-core"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { LimiterState } from "./internal/limiterState.ts"
import { RegionRef } from "./internal/limiterRegion.ts"
import { millisUpTo, validateOptions } from "./internal/limiterOptions.ts"
import { agentsOf } from "./internal/whoAsks.ts"

/**
 * Limits of one lane; what is left out is not limited. Each is a whole number from 1.
 *
 * In no minute, wherever it begins, are more requests or tokens sent than this.
 *
 * @category models
 * @since 0.1.0
 */
export interface Rates {
  /** Calls in flight at once. */
  readonly concurrency?: number | undefined
  readonly requestsPerMinute?: number | undefined
  /** Input and output tokens: what was reserved while a call is open, what was reported once it has ended. */
  readonly tokensPerMinute?: number | undefined
}

/**
 * What a lane is for.
 *
 * @category models
 * @since 0.1.0
 */
export type Scope = "global" | "provider" | "host" | "agent" | "user"

/**
 * Limits by scope. In a record `"*"` stands for each name that is not in it: each has a lane of its own.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** For everything that goes through this limiter. */
  readonly global?: Rates | undefined
  /** By the name that the model was metered with. */
  readonly provider?: Readonly<Record<string, Rates>> | undefined
  /** Of HTTP clients, by host and port as in an address: `"api.example.org"`, `"localhost:8080"`. */
  readonly host?: Readonly<Record<string, Rates>> | undefined
  /** By the tags of the agents at work, and by the names that `Limiter.within` gives. */
  readonly agent?: Readonly<Record<string, Rates>> | undefined
  /** By the user of the run; `"anonymous"` outside of one. */
  readonly user?: Readonly<Record<string, Rates>> | undefined
  /** The longest that a provider's `retry-after` is heeded before one call tries again. Default 1 hour. */
  readonly maxCooldown?: Duration.Input | undefined
}

/**
 * What a call needs.
 *
 * @category models
 * @since 0.1.0
 */
export interface Request {
  readonly provider?: string | undefined
  readonly host?: string | undefined
  /** The most that the call can take, input and output together. Default 0. */
  readonly tokens?: number | undefined
}

/**
 * A call that was admitted. It leaves its lanes when its effect ends; its tokens stay in the window as reserved unless they are
 * settled.
 *
 * @category models
 * @since 0.1.0
 */
export interface Permit {
  /** What was reported: the window is corrected. What is beyond the reservation counts from now on and holds up what follows. */
  readonly settle: (tokens: number) => Effect.Effect<void>
  /** Gives request and tokens back: only for a call that was provably not sent. */
  readonly release: Effect.Effect<void>
  /** It was too much: nobody calls this provider or host until the time is over, then one at a time until one succeeds. */
  readonly coolDown: (retryAfter?: Duration.Input) => Effect.Effect<void>
}

/**
 * A call that is larger than what its lane lets through in a minute: it would wait for ever.
 *
 * @category errors
 * @since 0.1.0
 */
export class TooLargeError extends Schema.TaggedError<TooLargeError>()("TooLargeError", {
  scope: Schema.Literals(["global", "provider", "host", "agent", "user"]),
  /** Its name in that scope; `""` for `"global"`. */
  lane: Schema.String,
  limit: Schema.Finite,
  requested: Schema.Finite
}) {
  override get message(): string {
    const who = this.scope === "global" ? "All calls together" : `The ${this.scope} "${this.lane}"`
    return `${who} may have ${this.limit} tokens in a minute, and one call asked for ${this.requested}: shorten it, lower its maxOutputTokens, count with a tokenizer, or raise tokensPerMinute`
  }
}

/**
 * How one lane stands.
 *
 * @category models
 * @since 0.1.0
 */
export interface LaneState {
  readonly scope: Scope
  readonly name: string
  readonly inFlight: number
  readonly waiting: number
  /** Of the last minute. */
  readonly requests: number
  readonly tokens: number
  /** How long nobody may go out yet, in milliseconds; 0 where the provider has not asked for it. */
  readonly coolingMillis: number
}

/**
 * The limiter. Whoever shares it, shares its limits: give one layer to the whole program.
 *
 * @category services
 * @since 0.1.0
 */
export class Limiter extends Context.Service<
  Limiter,
  {
    /**
     * Waits for room in all lanes of the call, then makes it. First come, first served in each lane; who waits for a lane does not
     * hold up those who don't use it. Waiting holds no permit of the run and can be interrupted; nothing polls.
     *
     * The user is the run's, or that of `Limiter.within`. In a run the call counts for the agent whose handler makes it and for all
     * agents that called that one, in nested runs as well; and for those of `Limiter.within`. For each of them once.
     */
    readonly withPermit: <A, E, R>(
      request: Request,
      use: (permit: Permit) => Effect.Effect<A, E, R>
    ) => Effect.Effect<A, E | TooLargeError, R>
    /** All lanes that were used in the last minute or are in use. */
    readonly lanes: Effect.Effect<ReadonlyArray<LaneState>>
  }
>()("@aria/models/Limiter/Limiter") {}

/**
 * Calls inside the effect count for this agent, and for this user: outside of runs, where nobody else says it, and to give several
 * agents a lane together. Regions nest: a call counts for all agents around it, so that an agent does not get more by asking others;
 * the innermost user is the one.
 *
 * @example
 * ```ts
 * const slow = Orchestrator.run(plan).pipe(Limiter.within({ agent: "research" }))
 * ```
 *
 * @category regions
 * @since 0.1.0
 */
export const within =
  (names: { readonly agent?: string | undefined; readonly user?: string | undefined }) =>
  <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.updateService(self, RegionRef, ({ agents, user }) => ({
      agents: names.agent === undefined || agents.includes(names.agent) ? agents : [...agents, names.agent],
      user: names.user ?? user
    }))

/**
 * A limiter in a scope. Errors: `InvalidLimitError` where a limit is 0, negative, not finite or not whole.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function* (options: Options = {}) {
  yield* validateOptions(options)
  const state = new LimiterState({
    options,
    maxCooldown: millisUpTo(options.maxCooldown),
    clock: yield* Clock.Clock,
    services: yield* Effect.context<never>(),
    tooLarge: ({ limit, name, scope }, requested) => new TooLargeError({ scope, lane: name, limit: limit.tokens, requested })
  })
  yield* Effect.addFinalizer(() => Effect.sync(() => state.close()))

  const withPermit = <A, E, R>(
    request: Request,
    use: (permit: Permit) => Effect.Effect<A, E, R>
  ): Effect.Effect<A, E | TooLargeError, R> =>
    Effect.contextWith((context: Context.Context<R>) => {
      const { user } = Context.get(context, RegionRef)
      const run = Context.get(context, Run.Current)
      return state.admitted(
        { ...request, agents: agentsOf(context), user: user ?? (run._tag === "Some" ? run.value.userId : "anonymous") },
        use
      )
    })

  return Limiter.of({ withPermit, lanes: Effect.sync(() => state.lanes) })
})

/**
 * The limiter as a layer.
 *
 * @example
 * ```ts
 * const limits = Limiter.layer({
 *   global: { concurrency: 20 },
 *   provider: { openai: { requestsPerMinute: 60, tokensPerMinute: 200_000 } },
 *   user: { "*": { requestsPerMinute: 30 } }
 * })
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (options: Options = {}): Layer.Layer<Limiter, Budget.InvalidLimitError> =>
  Layer.effect(Limiter, make(options))

/**
 * An HTTP client whose every request is reserved against `calls`, limited per host, and made again when it can help.
 *
 * @since 0.1.0
 */
import { Budget } from "@aria/orchestrator-core"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as HttpClient from "effect/http/HttpClient"
import type * as HttpClientError from "effect/http/HttpClientError"
import type * as HttpClientRequest from "effect/http/HttpClientRequest"
import type * as HttpClientResponse from "effect/http/HttpClientResponse"
import type * as HttpMethod from "effect/http/HttpMethod"
import * as Layer from "effect/Layer"
import { isBearable, type RetryOptions, validate, wait } from "./internal/backoff.ts"
import { answerOf, hostOf, retryAfterOf } from "./internal/httpAnswer.ts"
import { Limiter, type Permit } from "./Limiter.ts"
import { RetryBudget } from "./RetryBudget.ts"

/**
 * How requests are made again.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options extends RetryOptions {
  /**
   * Requests with these methods are made again after a lost connection, 408, 429, 500, 502, 503 or 504. Default: `GET`, `HEAD`,
   * `OPTIONS` and `QUERY`, which change nothing. Add `PUT` and `DELETE` where the server means them as the standard does; a `POST` that
   * was lost may have been done.
   */
  readonly retryMethods?: ReadonlyArray<HttpMethod.HttpMethod> | undefined
  /**
   * Whether each request counts in `calls`. `false` beneath a connector that counts for itself, as the feeds and CalDAV adapters do:
   * requests are then limited and made again, and not counted twice. Default `true`.
   */
  readonly countsCalls?: boolean | undefined
}

const safe: ReadonlyArray<HttpMethod.HttpMethod> = ["GET", "HEAD", "OPTIONS", "QUERY"]

type Response = HttpClientResponse.HttpClientResponse
type HttpError = HttpClientError.HttpClientError

/**
 * The same client, metered. Each attempt is one call in all budgets around it and one request in the lane of its host; a request that
 * could not be sent is given back. A 429, and any answer with `retry-after`, holds up all who use the host. It is in flight until the
 * head of its answer has come.
 *
 * When no attempt is left, what came last is given, answer or error. Errors, when it is made: `InvalidLimitError`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function* <R>(
  client: HttpClient.HttpClient.With<HttpError, R>,
  options: Options = {}
): Effect.fn.Return<HttpClient.HttpClient.With<HttpError, R>, Budget.InvalidLimitError, Limiter | RetryBudget> {
  const backoff = yield* validate("MeteredHttpClient", options)
  const limiter = yield* Limiter
  const budget = yield* RetryBudget
  const methods: ReadonlySet<string> = new Set(options.retryMethods ?? safe)

  /** The request in the lane of its host; `count` is told whether it was sent. */
  const limited = (
    effect: Effect.Effect<Response, HttpError, R>,
    host: string | undefined,
    count: (wasSent: boolean) => Effect.Effect<void>
  ): Effect.Effect<Response, HttpError, R> => {
    let wasAdmitted = false
    const admitted = limiter.withPermit({ host }, (permit) =>
      Effect.suspend(() => {
        wasAdmitted = true
        return Effect.onExit(effect, (exit) => settle(exit, permit, count))
      })
    )
    return Effect.onExit(admitted, () => (wasAdmitted ? Effect.void : count(false))).pipe(
      // A request without tokens fits into every lane.
      Effect.catchIf((error) => error._tag === "TooLargeError", Effect.die)
    )
  }

  const exchange = (
    effect: Effect.Effect<Response, HttpError, R>,
    host: string | undefined
  ): Effect.Effect<Response, HttpError, R> =>
    options.countsCalls === false
      ? limited(effect, host, () => Effect.void)
      : Budget.reserve({ calls: 1 }, (reservation) =>
          limited(effect, host, (wasSent) => (wasSent ? reservation.settle({ calls: 1 }) : reservation.release))
        )

  const attempt = (
    effect: Effect.Effect<Response, HttpError, R>,
    request: HttpClientRequest.HttpClientRequest,
    host: string | undefined,
    number: number
  ): Effect.Effect<Response, HttpError, R> =>
    Effect.flatMap(Effect.exit(exchange(effect, host)), (exit) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) => {
        const answer = answerOf(exit)
        const retryAfter = retryAfterOf(answer, now)
        // A body that is a stream may be read only once.
        const isRepeatable = methods.has(request.method) && request.body._tag !== "Stream"
        if (!answer.isTransient || !isRepeatable || number > backoff.times || !isBearable(backoff, retryAfter))
          return exit
        const target = host ?? "unknown"
        return Effect.flatMap(budget.take(target), (isTaken) =>
          isTaken
            ? Effect.andThen(wait(backoff, target, number, retryAfter), attempt(effect, request, host, number + 1))
            : exit
        )
      })
    )

  return HttpClient.transform(client, (effect: Effect.Effect<Response, HttpError, R>, request) =>
    Effect.andThen(budget.called, attempt(effect, request, hostOf(request), 1))
  )
})

const settle = (
  exit: Exit.Exit<Response, HttpError>,
  permit: Permit,
  count: (wasSent: boolean) => Effect.Effect<void>
): Effect.Effect<void> =>
  Effect.flatMap(Clock.currentTimeMillis, (now) => {
    const answer = answerOf(exit)
    if (!answer.wasSent) return Effect.andThen(count(false), permit.release)
    const retryAfter = retryAfterOf(answer, now)
    return answer.status === 429 || retryAfter !== undefined
      ? Effect.andThen(permit.coolDown(retryAfter), count(true))
      : count(true)
  })

/**
 * Meters the client beneath it: every connector that asks for an `HttpClient` gets the metered one.
 *
 * @example
 * ```ts
 * const http = MeteredHttpClient.layer().pipe(
 *   Layer.provide([FetchHttpClient.layer, Limiter.layer({ host: { "*": { requestsPerMinute: 60 } } }), RetryBudget.layer()])
 * )
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (
  options: Options = {}
): Layer.Layer<HttpClient.HttpClient, Budget.InvalidLimitError, HttpClient.HttpClient | Limiter | RetryBudget> =>
  Layer.effect(
    HttpClient.HttpClient,
    Effect.flatMap(HttpClient.HttpClient, (client) => make(client, options))
  )

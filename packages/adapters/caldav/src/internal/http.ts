/**
 * Exchanges with the server: credentials only for hosts that may have them, redirects by hand, a body within its limit, a time
 * limit, and a second try for what is safe.
 */
import * as Budget from "@aria/orchestrator-core/Budget"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { Base64 } from "effect/encoding"
import {
  FetchHttpClient,
  Headers,
  HttpClient,
  type HttpClientError,
  type HttpClientResponse,
  type HttpMethod,
  HttpClientRequest
} from "effect/http"
import * as Redacted from "effect/Redacted"
import { collectText } from "./body.ts"
import { causeOf, unavailable, type Unavailable, wasNotSent } from "./failures.ts"
import type { Settings } from "./settings.ts"

/** Methods of HTTP and WebDAV; PUT and DELETE are the writes. */
export interface Call {
  readonly method: "OPTIONS" | "PROPFIND" | "REPORT" | "GET" | "PUT" | "DELETE"
  readonly url: URL
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: { readonly type: string; readonly text: string }
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly text: string
  /** Where it came from in the end. */
  readonly url: URL
}

export type Send = (call: Call) => Effect.Effect<Answer, Unavailable>

const maxRedirects = 5

export const isWrite = ({ method }: Call): boolean => method === "PUT" || method === "DELETE"

/** As it may stand in messages: addresses here never hold credentials. */
export const nameOf = ({ method, url }: Call): string => `${method} ${url.href}`

const isRedirect = (status: number) => [301, 302, 303, 307, 308].includes(status)

/** The named origin, its secure twin, and the hosts that the user trusts: those may see the password. */
export const mayHaveCredentials = (settings: Settings, to: URL): boolean => {
  const { origin, hostname, port, protocol } = settings.url
  if (to.protocol !== "https:" && to.protocol !== "http:") return false
  if (to.origin === origin) return true
  // never from a secure address to one that anybody on the way can read
  if (protocol === "https:" && to.protocol !== "https:") return false
  if (to.hostname === hostname && port === "" && to.port === "" && to.protocol === "https:") return true
  return settings.trustedHosts.some((host) =>
    host.startsWith("*.") ? to.hostname.endsWith(host.slice(1)) : to.hostname === host
  )
}

export const refusedHost = (what: string, to: URL): Unavailable =>
  unavailable(
    "forbidden",
    `${what} leads to ${to.origin}, which is not the server that the credentials are for, so nothing was sent there. If it is meant, add ${JSON.stringify(to.hostname)} to trustedHosts.`
  )

/** A failure, and what a second try needs to know of it. */
interface Failed {
  readonly error: Unavailable
  /** The server surely did not act on it. */
  readonly notDone: boolean
  readonly transient: boolean
  readonly retryAfter?: number
}

const retryAfter = (answer: Answer, now: number): number | undefined => {
  const value = answer.headers["retry-after"]?.trim()
  if (value === undefined || value === "") return undefined
  const wait = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now
  return Number.isFinite(wait) ? Math.max(0, wait) : undefined
}

/** Longer than that is for the caller to decide about. */
const patience = 10_000

export const makeSend = (settings: Settings, client: HttpClient.HttpClient): Send => {
  const scoped = HttpClient.withScope(client)
  const { maxBytes, timeout } = settings

  const authorization = () =>
    `Basic ${Base64.encode(new TextEncoder().encode(`${settings.username}:${Redacted.value(settings.password)}`))}`

  const exchange = (call: Call, url: URL): Effect.Effect<Answer, Failed> => {
    const fail = (reason: Unavailable["reason"], message: string, notDone: boolean, transient: boolean): Failed => ({
      error: unavailable(reason, message, isWrite(call) && !notDone),
      notDone,
      transient
    })
    const lost = (error: HttpClientError.HttpClientError, notDone: boolean) =>
      fail(
        "unreachable",
        `${nameOf(call)}: ${notDone ? "the server could not be reached" : "the answer was lost"} (${causeOf(error)}).`,
        notDone,
        true
      )
    const receive = ({ headers, status, stream }: HttpClientResponse.HttpClientResponse) =>
      collectText(stream, maxBytes).pipe(
        Effect.catchTags({
          TooLarge: () =>
            Effect.fail(
              fail(
                "tooLarge",
                `${nameOf(call)}: the answer is larger than ${maxBytes} bytes (maxBytes); the reading was stopped there.`,
                false,
                false
              )
            ),
          HttpClientError: (error) =>
            error.reason._tag === "EmptyBodyError" ? Effect.succeed("") : Effect.fail(lost(error, false))
        }),
        Effect.map((text): Answer => ({ status, headers, text, url }))
      )
    const request = HttpClientRequest.make(call.method as HttpMethod.HttpMethod)(url.href, {
      headers: {
        ...call.headers,
        authorization: authorization(),
        // proxies that pack give other ETags than servers know
        "accept-encoding": "identity",
        "user-agent": settings.userAgent
      }
    })
    return scoped
      .execute(call.body === undefined ? request : HttpClientRequest.bodyText(request, call.body.text, call.body.type))
      .pipe(
        Effect.mapError((error) => lost(error, wasNotSent(error))),
        Effect.flatMap(receive),
        // ends the exchange: an answer that is not wanted any more is not read
        Effect.scoped
      )
  }

  const follow = Effect.fnUntraced(function* (call: Call): Effect.fn.Return<Answer, Failed> {
    const refuse = (error: Unavailable): Failed => ({ error, notDone: true, transient: false })
    let url = call.url
    for (let hops = 0; ; hops++) {
      if (!mayHaveCredentials(settings, url)) return yield* Effect.fail(refuse(refusedHost(nameOf(call), url)))
      const answer = yield* exchange(call, url)
      const location = answer.headers["location"]
      if (!isRedirect(answer.status) || location === undefined) return answer
      const next = URL.parse(location, url.href)
      if (next === null || hops === maxRedirects) {
        const why =
          next === null
            ? `to ${JSON.stringify(location.slice(0, 200))}, which is no address`
            : `more than ${maxRedirects} times`
        return yield* Effect.fail(refuse(unavailable("status", `${nameOf(call)}: the server redirects ${why}.`)))
      }
      next.username = next.password = next.hash = ""
      url = next
    }
  })

  const once = (call: Call): Effect.Effect<Answer, Failed> =>
    follow(call).pipe(
      Effect.timeoutOrElse({
        duration: timeout,
        orElse: () =>
          Effect.fail<Failed>({
            error: unavailable(
              "timeout",
              `${nameOf(call)}: no full answer within ${Duration.format(timeout)} (timeout).`,
              isWrite(call)
            ),
            notDone: false,
            transient: false
          })
      }),
      // waiting for the budget does not count as waiting for the server
      (effect) => Budget.reserve({ calls: 1 }, () => effect)
    )

  /** A read may be made again; a write only where the server surely saw nothing of it. */
  const attempt = (call: Call, left: number, wait: number): Effect.Effect<Answer, Unavailable> =>
    once(call).pipe(
      Effect.flatMap((answer) =>
        Effect.flatMap(Clock.currentTimeMillis, (now) => {
          const asked = retryAfter(answer, now)
          const busy = [429, 502, 503, 504].includes(answer.status) && !isWrite(call)
          return busy && left > 0 && (asked ?? 0) <= patience
            ? Effect.andThen(Effect.sleep(asked ?? wait), attempt(call, left - 1, wait * 2))
            : Effect.succeed(answer)
        })
      ),
      Effect.catch((failure) =>
        "error" in failure
          ? failure.transient && left > 0 && (failure.notDone || !isWrite(call))
            ? Effect.andThen(Effect.sleep(wait), attempt(call, left - 1, wait * 2))
            : Effect.fail(failure.error)
          : Effect.fail(failure)
      )
    )

  return (call) =>
    attempt(call, settings.retries, 200).pipe(
      // `fetch` would follow redirects itself, wherever they lead
      Effect.provideService(FetchHttpClient.RequestInit, { redirect: "manual" }),
      // strangers' servers learn nothing about our traces
      Effect.provideService(HttpClient.TracerPropagationEnabled, false),
      Effect.updateService(Headers.CurrentRedactedNames, (names) => [...names, "authorization", "location"])
    )
}

/** The sentence for an answer that says no. `ambiguous` only for a write that may have been carried out. */
export const refusal = (call: Call, { headers, status }: Answer): Unavailable => {
  const asks = headers["www-authenticate"]
  const what = `${nameOf(call)}: the server answered with status ${status}`
  if (status === 401) {
    const other =
      asks === undefined || /\bbasic\b/i.test(asks)
        ? ""
        : `; it asks for ${asks.split(/\s/)[0]}, and only Basic can be given`
    return unavailable("unauthorized", `${what}. Look at username and password${other}.`)
  }
  if (status === 403) return unavailable("forbidden", `${what}: this user may not do that.`)
  if (status === 429) return unavailable("rateLimited", `${what}: it wants fewer requests. Try again later.`)
  if (status === 413 || status === 507)
    return unavailable("tooLarge", `${what}: it has no room for that.`, status >= 500 && isWrite(call))
  return unavailable("status", `${what}.`, isWrite(call) && status >= 500)
}

/** One http(s) source: redirects by hand, a body within its limit, and every way that it can go wrong as a sentence. */
import { SignalSource } from "@aria/connectors"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { FetchHttpClient, HttpClient, HttpClientError, HttpClientRequest, type HttpClientResponse } from "effect/http"
import { mayRedirect } from "./addresses.ts"
import { collect, unpacked } from "./body.ts"
import { metered } from "./metered.ts"
import type { Settings } from "./settings.ts"

export interface Page {
  readonly bytes: Uint8Array
  /** Where it was found in the end, without credentials. */
  readonly address: string
  readonly contentType: string | undefined
}

const accept =
  "application/atom+xml, application/rss+xml, application/rdf+xml, application/feed+json, application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, */*;q=0.1"

/** The name in reports: a password in an address would end in logs. */
export const nameOf = (source: string): string => {
  const url = new URL(source)
  if (url.username === "" && url.password === "") return source
  url.username = ""
  url.password = ""
  return url.href
}

/** The innermost cause says what happened: "connect ECONNREFUSED 127.0.0.1:9". */
const causeOf = (error: unknown, depth = 0): string => {
  if (error instanceof HttpClientError.HttpClientError)
    return causeOf(
      "cause" in error.reason && error.reason.cause !== undefined ? error.reason.cause : error.message,
      depth
    )
  if (!(error instanceof Error)) return String(error)
  if (depth < 5 && error.cause !== undefined) return causeOf(error.cause, depth + 1)
  if (error instanceof AggregateError && error.errors.length > 0) return causeOf(error.errors[0], depth + 1)
  return error.message === "" ? error.name : error.message
}

const megabytes = (bytes: number) =>
  bytes >= 1024 * 1024 ? `${Number((bytes / 1024 / 1024).toFixed(1))} MiB` : `${bytes} bytes`

export const tooLarge = (source: string, maxBytes: number) =>
  new SignalSource.SourceError({
    source,
    reason: "tooLarge",
    message: `${source} is larger than ${megabytes(maxBytes)} (maxBytes); the reading was stopped there.`
  })

/** Where a redirect wants to go. */
interface Hop {
  readonly location: string
}

const isRedirect = (status: number) =>
  status === 301 || status === 302 || status === 303 || status === 307 || status === 308

export const readWeb = Effect.fn("Feeds.readWeb")(function* (written: string, settings: Settings) {
  const source = nameOf(written)
  const { maxBytes, maxRedirects, timeout } = settings
  const client = HttpClient.withScope(yield* HttpClient.HttpClient)
  const named = new URL(written)
  const fail = (reason: SignalSource.SourceError["reason"], message: string) =>
    new SignalSource.SourceError({ source, reason, message })

  const receive = Effect.fnUntraced(function* (
    response: HttpClientResponse.HttpClientResponse,
    at: URL
  ): Effect.fn.Return<Hop | Page, SignalSource.SourceError> {
    const { headers, status } = response
    const location = headers["location"]
    if (isRedirect(status) && location !== undefined) return { location } satisfies Hop
    if (status < 200 || status > 299) {
      return yield* fail(
        "httpStatus",
        `${source} answered with status ${status}${at.href === named.href ? "" : ` at ${at.href}`}; a feed comes with 200.`
      )
    }
    if (headers["content-encoding"] === undefined && Number(headers["content-length"]) > maxBytes)
      return yield* tooLarge(source, maxBytes)
    const packed = yield* collect(response.stream, maxBytes).pipe(
      Effect.catchTags({
        TooLarge: () => Effect.fail(tooLarge(source, maxBytes)),
        HttpClientError: (error) =>
          error.reason._tag === "EmptyBodyError"
            ? Effect.succeed(new Uint8Array())
            : Effect.fail(fail("unreachable", `${source} broke off while it was read: ${causeOf(error)}.`))
      })
    )
    const bytes = yield* unpacked(packed, headers["content-encoding"], maxBytes).pipe(
      Effect.catchTags({
        TooLarge: () => Effect.fail(tooLarge(source, maxBytes)),
        BrokenCompression: () =>
          Effect.fail(fail("unreadable", `${source} says that it is compressed with gzip and cannot be unpacked.`))
      })
    )
    return { bytes, address: at.href, contentType: headers["content-type"] } satisfies Page
  })

  /** The scope ends each exchange: whatever is left of a body is not read, its connection is closed. */
  const exchange = (at: URL) => {
    let request = HttpClientRequest.get(at.href, {
      headers: { accept, "accept-encoding": "gzip", "user-agent": settings.userAgent }
    })
    // credentials stay where the user put them
    if (at.origin === named.origin && (named.username !== "" || named.password !== ""))
      request = HttpClientRequest.basicAuth(
        request,
        decodeURIComponent(named.username),
        decodeURIComponent(named.password)
      )
    return client.execute(request).pipe(
      Effect.catchTag("HttpClientError", (error) =>
        Effect.fail(
          fail(
            "unreachable",
            `${source} could not be reached${at.origin === named.origin ? "" : ` (redirected to ${at.href})`}: ${causeOf(error)}.`
          )
        )
      ),
      Effect.flatMap((response) => receive(response, at)),
      Effect.scoped
    )
  }

  const follow = Effect.gen(function* () {
    let at = new URL(nameOf(written))
    const visited = [at.href]
    while (true) {
      const answer = yield* exchange(at)
      if ("bytes" in answer) return answer
      const next = URL.parse(answer.location, at.href)
      if (next === null)
        return yield* fail(
          "unreachable",
          `${source} redirects to ${JSON.stringify(answer.location.slice(0, 200))}, which is no address.`
        )
      next.hash = ""
      next.username = ""
      next.password = ""
      if (visited.includes(next.href))
        return yield* fail("unreachable", `${source} redirects in a circle (${next.href}).`)
      if (visited.length > maxRedirects)
        return yield* fail(
          "unreachable",
          `${source} redirects more than ${maxRedirects} times (maxRedirects), at last to ${next.href}.`
        )
      const verdict = yield* mayRedirect(named, next, settings.allowPrivateAddresses)
      if (verdict._tag === "refused") {
        return yield* fail(
          "addressRefused",
          `${source} redirects to ${next.href}, and ${verdict.why}. Name that address as a source of its own, or set allowPrivateAddresses, if it is meant.`
        )
      }
      if (verdict._tag === "unknown")
        return yield* fail("unreachable", `${source} redirects to ${next.href}, and ${verdict.why}.`)
      visited.push(next.href)
      at = next
    }
  })

  return yield* follow.pipe(
    Effect.timeoutOrElse({
      duration: timeout,
      orElse: () =>
        Effect.fail(fail("timeout", `${source} did not answer in full within ${Duration.format(timeout)} (timeout).`))
    }),
    // waiting for the budget does not count as waiting for the source
    metered,
    // `fetch` would follow redirects itself, wherever they lead
    Effect.provideService(FetchHttpClient.RequestInit, { redirect: "manual" }),
    // strangers' servers learn nothing about our traces
    Effect.provideService(HttpClient.TracerPropagationEnabled, false)
  )
})

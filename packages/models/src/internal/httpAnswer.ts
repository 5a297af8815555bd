import * as Duration from "effect/Duration"
import type * as Exit from "effect/Exit"
import * as Cause from "effect/Cause"
import type * as HttpClientError from "effect/http/HttpClientError"
import type * as HttpClientRequest from "effect/http/HttpClientRequest"
import type * as HttpClientResponse from "effect/http/HttpClientResponse"

/** What is to be known of one attempt. */
export interface Answer {
  readonly status: number | undefined
  /** The `retry-after` header, as it came. */
  readonly retryAfter: string | undefined
  /** Whether the request may have reached the server. */
  readonly wasSent: boolean
  /** Whether another attempt may end otherwise. */
  readonly isTransient: boolean
}

const transientStatuses: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504])

const ofResponse = ({ headers, status }: HttpClientResponse.HttpClientResponse): Answer => ({
  status,
  retryAfter: headers["retry-after"],
  wasSent: true,
  isTransient: transientStatuses.has(status)
})

const lost: Answer = { status: undefined, retryAfter: undefined, wasSent: true, isTransient: false }

export const answerOf = (
  exit: Exit.Exit<HttpClientResponse.HttpClientResponse, HttpClientError.HttpClientError>
): Answer => {
  if (exit._tag === "Success") return ofResponse(exit.value)
  const reason = exit.cause.reasons.find(Cause.isFailReason)?.error.reason
  switch (reason?._tag) {
    case "EncodeError":
    case "InvalidUrlError":
      return { ...lost, wasSent: false }
    case "TransportError":
      return { ...lost, isTransient: true }
    case undefined:
      return lost
    default:
      return ofResponse(reason!.response)
  }
}

/** Seconds or a date, as a duration from now; nothing where it is neither, or over already. */
export const retryAfterOf = ({ retryAfter }: Answer, nowMillis: number): Duration.Duration | undefined => {
  if (retryAfter === undefined) return undefined
  const text = retryAfter.trim()
  const isCount = /^\d+(?:\.\d+)?$/.test(text)
  // What is no count may still be read as a date by the platform, such as "-1"; dates here have names of months.
  if (!isCount && !/[a-z]/i.test(text)) return undefined
  // More than can be counted is long, and not nothing.
  const millis = isCount ? Math.min(Number(text) * 1_000, Number.MAX_SAFE_INTEGER) : Date.parse(text) - nowMillis
  return Number.isFinite(millis) && millis > 0 ? Duration.millis(millis) : undefined
}

const authority = /^(https?):\/\/(?:[^/?#]*@)?([^/?#]+)/i

/** Host and port, as the lane of a request is named; `undefined` where the address has none. */
export const hostOf = ({ url }: HttpClientRequest.HttpClientRequest): string | undefined => {
  const found = authority.exec(url)
  if (found === null) return undefined
  const [, scheme = "", host = ""] = found
  const standard = scheme.toLowerCase() === "https" ? ":443" : ":80"
  const name = host.toLowerCase()
  return name.endsWith(standard) ? name.slice(0, -standard.length) : name
}

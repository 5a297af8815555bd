/** What goes wrong between us and a server, as the errors of the contract. */
import { CalendarError } from "@aria/connectors"
import { HttpClientError } from "effect/http"

export type Unavailable = CalendarError.CalendarUnavailableError

/** Said of every failure: of a write, whether it may have been carried out. */
export const unavailable = (reason: Unavailable["reason"], message: string, ambiguous = false): Unavailable =>
  new CalendarError.CalendarUnavailableError({ reason, ambiguous, message })

/** What comes after a write was carried out: the caller cannot know how far it got. */
export const afterWrite = (error: Unavailable): Unavailable =>
  error.ambiguous
    ? error
    : unavailable(
        error.reason,
        `${error.message} The write before it was carried out: read the event to see what there is.`,
        true
      )

const chain = (error: unknown, depth = 0): ReadonlyArray<Error> => {
  if (!(error instanceof Error) || depth > 5) return []
  const causes =
    error instanceof HttpClientError.HttpClientError
      ? ["cause" in error.reason ? error.reason.cause : undefined]
      : [error.cause, ...(error instanceof AggregateError ? error.errors : [])]
  return [error, ...causes.flatMap((cause) => chain(cause, depth + 1))]
}

/** "connect ECONNREFUSED 127.0.0.1:9": what the innermost cause says. */
export const causeOf = (error: unknown): string => {
  const said = chain(error).findLast(({ message }) => message !== "")
  return (said?.message ?? String(error)).replace(/\.+$/, "")
}

/** Found before a byte of the request is sent: no address, no connection, no trust in the other end. */
const beforeSending = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EAI_FAIL",
  "EHOSTUNREACH",
  "EHOSTDOWN",
  "ENETUNREACH",
  "ENETDOWN",
  "EADDRNOTAVAIL",
  "EACCES",
  "EPROTO",
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_INVALID_ARG",
  "CERT_HAS_EXPIRED",
  "CERT_NOT_YET_VALID",
  "CERT_UNTRUSTED",
  "CERT_REVOKED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "ERR_TLS_CERT_ALTNAME_INVALID"
])

const codeOf = (error: Error): string | undefined =>
  "code" in error && typeof error.code === "string" ? error.code : undefined

/** Whether the server surely did not see the request. */
export const wasNotSent = (error: HttpClientError.HttpClientError): boolean => {
  if (error.reason._tag === "InvalidUrlError" || error.reason._tag === "EncodeError") return true
  const codes = chain(error).flatMap((cause) => codeOf(cause) ?? [])
  // every one of the addresses that were tried
  return codes.length > 0 && codes.every((code) => beforeSending.has(code))
}

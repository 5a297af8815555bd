/** Whatever a provider throws or rejects with, as an `AiError` that says what to do. */
import { AISDKError, APICallError } from "@ai-sdk/provider"
import * as AiError from "effect/ai/AiError"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { Spent } from "../Spent.ts"
import { remember } from "./accounts.ts"
import { type Answered, reasonOf } from "./httpStatus.ts"
import { toJson } from "./json.ts"
import type { Scrub } from "./secrets.ts"

/** Whose call it was. */
export interface Caller {
  readonly provider: string
  readonly model: string
  readonly scrub: Scrub
}

/** What a provider threw, on its way to become an `AiError`. */
export class Thrown {
  readonly cause: unknown
  constructor(cause: unknown) {
    this.cause = cause
  }
}

const shown = 2_000

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null

/** An error and the causes behind it, of any depth: causes that cause themselves end the chain. */
const chain = (error: unknown): ReadonlyArray<Readonly<Record<string, unknown>>> => {
  const seen = new Set<Readonly<Record<string, unknown>>>()
  for (let current = error; isRecord(current) && !seen.has(current); current = current["cause"]) seen.add(current)
  return [...seen]
}

const codesOf = (error: unknown): ReadonlyArray<string> =>
  chain(error).flatMap(({ code, errors }) => [
    ...(typeof code === "string" ? [code] : []),
    // a name with several addresses fails with the errors of all of them
    ...(Array.isArray(errors) ? errors.flatMap(codesOf) : [])
  ])

const namesOf = (error: unknown): ReadonlyArray<string> =>
  chain(error).flatMap(({ name }) => (typeof name === "string" ? [name] : []))

/** Errors that quote what they could not read: that may be the text of an answer, which is nobody's to log. */
const unreadable = new Set(["AI_JSONParseError", "AI_TypeValidationError"])

const messageOf = ({ message, name }: Readonly<Record<string, unknown>>): ReadonlyArray<string> =>
  typeof name === "string" && unreadable.has(name)
    ? [name === "AI_JSONParseError" ? "no JSON" : "not of the expected form"]
    : // the platform's parser quotes, too
      name === "SyntaxError" || typeof message !== "string" || message === ""
      ? []
      : [message]

const textOf = (error: unknown): string => {
  const texts: Array<string> = []
  for (const link of chain(error)) {
    texts.push(...messageOf(link))
    // what is behind it are its details: lists of issues, with values in them
    if (typeof link["name"] === "string" && unreadable.has(link["name"])) break
  }
  const unique = texts.filter((text, index) => !texts.slice(0, index).some((earlier) => earlier.includes(text)))
  return (unique.length === 0 ? [...codesOf(error), typeof error === "string" ? error : ""] : unique).join(": ")
}

/** No connection was made, so nothing was sent. */
const unconnected = new Set(
  ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH", "UND_ERR_CONNECT_TIMEOUT"].concat([
    "CERT_HAS_EXPIRED",
    "DEPTH_ZERO_SELF_SIGNED_CERT",
    "ERR_TLS_CERT_ALTNAME_INVALID",
    "SELF_SIGNED_CERT_IN_CHAIN",
    "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    "ERR_INVALID_URL"
  ])
)

const address = (url: string): string => {
  if (!URL.canParse(url)) return url
  const { host, pathname, protocol } = new URL(url)
  return `${protocol}//${host}${pathname}`
}

type Found = readonly [reason: AiError.AiErrorReason, spent: Spent]
const unknown: Spent = { _tag: "unknown" }

const network = (error: unknown, url: string, scrub: Scrub): Found => {
  const codes = codesOf(error)
  const sent = !codes.some((code) => unconnected.has(code))
  return [
    new AiError.NetworkError({
      reason: codes.includes("ERR_INVALID_URL") ? "InvalidUrlError" : "TransportError",
      method: "POST",
      url: scrub(address(url)),
      description: scrub(textOf(error)).slice(0, shown)
    }),
    sent ? unknown : { _tag: "notSent" }
  ]
}

/** The end of a stream before the provider said that the answer was complete. */
export const cut = (caller: Caller): AiError.AiError =>
  failed(caller, "streamText", [
    new AiError.NetworkError({
      reason: "TransportError",
      method: "POST",
      url: caller.provider,
      description: "The stream ended before the provider said that its answer was complete."
    }),
    unknown
  ])

const redirected = (error: APICallError, status: number, scrub: Scrub): Found => {
  const { location = "" } = error.responseHeaders ?? {}
  const target = URL.canParse(location, error.url)
    ? address(new URL(location, error.url).href)
    : "an address that cannot be read"
  const description = `${address(error.url)} answered ${status} and points to ${target}. Redirects are not followed, since the key would go along: if it is right, make it the base URL.`
  return [
    new AiError.InvalidRequestError({
      parameter: "baseUrl",
      description: scrub(description),
      // The provider's own answer: another provider may give another one.
      http: { response: { status, headers: {} } }
    }),
    { _tag: "refused" }
  ]
}

const fromCall = (error: APICallError, now: number, scrub: Scrub): Found => {
  if (error.statusCode !== undefined && error.statusCode >= 400) {
    return answered(
      {
        status: error.statusCode,
        message: error.message,
        body: error.responseBody ?? "",
        headers: error.responseHeaders ?? {},
        url: address(error.url)
      },
      now,
      scrub
    )
  }
  if (error.statusCode !== undefined && error.statusCode >= 300) return redirected(error, error.statusCode, scrub)
  if (error.statusCode === undefined || !namesOf(error).some((name) => unreadable.has(name))) {
    return network(error, error.url, scrub)
  }
  return [
    new AiError.InvalidResponseError({
      description:
        scrub(
          `${address(error.url)} answered ${error.statusCode} with something else than this provider's answers: ${textOf(error)}`
        ).slice(0, shown) + ". Check the base URL, and that the server speaks this provider's protocol."
    }),
    unknown
  ]
}

const answered = (call: Answered, now: number, scrub: Scrub): Found => [
  reasonOf(call, now, scrub),
  call.status < 500 && call.status !== 408 ? { _tag: "refused" } : unknown
]

/** Errors within a stream are plain objects: the provider's words and, mostly, the status they stand for. */
const streamed = (error: Readonly<Record<string, unknown>>, now: number, scrub: Scrub): Found | undefined => {
  const { code, message, statusCode, type } = error
  if (typeof message !== "string") return undefined
  const words = `${String(code)} ${String(type)}`.toLowerCase()
  const status =
    typeof statusCode === "number"
      ? statusCode
      : typeof code === "number" && code >= 400 && code <= 599
        ? code
        : /rate_limit|quota/.test(words)
          ? 429
          : /auth|api_key/.test(words)
            ? 401
            : /invalid|not_supported/.test(words)
              ? 400
              : 500
  const [reason] = answered(
    { status, message, body: JSON.stringify({ error: { code, message, type } }), headers: {}, url: "the stream" },
    now,
    scrub
  )
  // it had begun to answer
  return [reason, unknown]
}

const named = (error: AISDKError, scrub: Scrub): Found => {
  const description = scrub(textOf(error)).slice(0, shown)
  switch (error.name) {
    case "AI_LoadAPIKeyError":
      return [new AiError.AuthenticationError({ kind: "MissingKey", description }), { _tag: "notSent" }]
    case "AI_UnsupportedFunctionalityError":
    case "AI_InvalidPromptError":
    case "AI_InvalidArgumentError":
    case "AI_LoadSettingError":
    case "AI_NoSuchModelError":
    case "AI_NoSuchProviderReferenceError":
    case "AI_TooManyEmbeddingValuesForCallError":
      return [new AiError.InvalidRequestError({ description }), { _tag: "notSent" }]
    case "AI_InvalidResponseDataError":
      return /ended without/.test(description)
        ? network(error, "the stream", scrub)
        : [new AiError.InvalidResponseError({ description }), unknown]
    case "AI_EmptyResponseBodyError":
      return network(error, "an empty answer", scrub)
    case "AI_JSONParseError":
    case "AI_TypeValidationError":
    case "AI_NoContentGeneratedError":
      return [new AiError.InvalidResponseError({ description }), unknown]
    default:
      return [new AiError.UnknownError({ description }), unknown]
  }
}

const found = (error: unknown, now: number, scrub: Scrub): Found => {
  if (APICallError.isInstance(error)) return fromCall(error, now, scrub)
  if (AISDKError.isInstance(error)) return named(error, scrub)
  const description = scrub(textOf(error)).slice(0, shown)
  if (error instanceof TypeError) {
    // thrown before anything is sent; other errors may have the word "header" in them, too
    if (/invalid header|ByteString/i.test(error.message)) {
      const advice =
        "A header, most likely the one with the key, holds a character that headers cannot hold, such as a line break or a curly quote."
      return [
        new AiError.InvalidRequestError({ parameter: "headers", description: `${advice} ${description}` }),
        { _tag: "notSent" }
      ]
    }
    if (codesOf(error).length > 0 || /terminated|fetch failed/.test(error.message)) {
      return network(error, "the provider", scrub)
    }
  }
  if (error instanceof Error) {
    // a time limit that a provider was given where it was made
    const late = namesOf(error).some((name) => name === "TimeoutError" || name === "AbortError")
    return late || codesOf(error).some((code) => /^(E[A-Z]+|UND_ERR_)/.test(code))
      ? network(error, "the provider", scrub)
      : [new AiError.UnknownError({ description }), unknown]
  }
  return (
    (isRecord(error) ? streamed(isRecord(error["error"]) ? error["error"] : error, now, scrub) : undefined) ?? [
      new AiError.UnknownError({
        description: description === "" ? scrub(JSON.stringify(toJson(error))).slice(0, shown) : description
      }),
      unknown
    ]
  )
}

const failed = (caller: Caller, method: string, [reason, spent]: Found): AiError.AiError =>
  remember(AiError.make({ module: `AiSdk(${caller.provider}/${caller.model})`, method, reason }), spent)

/** A refusal of our own, before anything is sent. */
export const refused = (caller: Caller, method: string, reason: AiError.AiErrorReason): AiError.AiError =>
  failed(caller, method, [reason, { _tag: "notSent" }])

/** An answer that came and cannot be used. */
export const unusable = (
  caller: Caller,
  method: string,
  reason: AiError.AiErrorReason,
  spent: Spent
): AiError.AiError => failed(caller, method, [reason, spent])

/** `retry-after` may be a date, so the clock is asked. */
export const fail =
  (caller: Caller, method: string) =>
  (error: Thrown | AiError.AiError): Effect.Effect<never, AiError.AiError> =>
    error instanceof Thrown
      ? Effect.flatMap(Clock.currentTimeMillis, (now) =>
          Effect.fail(failed(caller, method, found(error.cause, now, caller.scrub)))
        )
      : Effect.fail(error)

/** Calls a provider; interruption aborts the call. */
export const attempt = <A>(
  caller: Caller,
  method: string,
  call: (signal: AbortSignal) => PromiseLike<A>
): Effect.Effect<A, AiError.AiError> =>
  Effect.tryPromise({ try: (signal) => call(signal), catch: (cause) => new Thrown(cause) }).pipe(
    Effect.catch(fail(caller, method))
  )

/** The answers with which servers refuse, told apart by what one can do about them. */
import * as AiError from "effect/ai/AiError"
import * as Duration from "effect/Duration"
import type { Scrub } from "./secrets.ts"

export interface Answered {
  readonly status: number
  readonly message: string
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
  readonly url: string
}

/** Headers that help to find or pace a request; others may hold cookies or name the account. */
const isTold = (name: string): boolean =>
  /^(retry-after(-ms)?|content-type|request-id|x-request-id|(x|anthropic)-ratelimit-.+)$/i.test(name)

export const toldHeaders = (headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => isTold(name)))

type Detail = { readonly "@type"?: unknown; readonly retryDelay?: unknown }
interface Body {
  readonly code: string
  readonly type: string
  readonly param: string
  readonly details: ReadonlyArray<Detail>
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null

/** OpenAI, Anthropic and Google all have `error` in it; so do those who follow them. */
const parse = (body: string): Body => {
  const text = (value: unknown) => (typeof value === "string" ? value : "")
  try {
    const parsed: unknown = JSON.parse(body)
    const first: unknown = Array.isArray(parsed) ? parsed[0] : parsed
    const error = isRecord(first) && isRecord(first["error"]) ? first["error"] : first
    if (!isRecord(error)) return parse("{}")
    const details = Array.isArray(error["details"]) ? error["details"].filter(isRecord) : []
    return { code: text(error["code"]), type: text(error["type"]), param: text(error["param"]), details }
  } catch {
    return { code: "", type: "", param: "", details: [] }
  }
}

/** How long to wait, as the server said it: in milliseconds, seconds or as a date, or in Google's own way. */
const retryAfter = (
  headers: Readonly<Record<string, string>>,
  body: Body,
  now: number
): Duration.Duration | undefined => {
  const header = (name: string) =>
    Object.entries(headers)
      .find(([key]) => key.toLowerCase() === name)?.[1]
      .trim() || undefined
  const milliseconds = Number(header("retry-after-ms"))
  if (Number.isFinite(milliseconds) && milliseconds >= 0) return Duration.millis(milliseconds)
  const value = header("retry-after")
  if (value !== undefined) {
    const seconds = Number(value)
    if (Number.isFinite(seconds) && seconds >= 0) return Duration.millis(seconds * 1_000)
    const date = Date.parse(value)
    if (!Number.isNaN(date) && Number.isNaN(seconds)) return Duration.millis(Math.max(0, date - now))
  }
  for (const { retryDelay } of body.details) {
    const seconds = typeof retryDelay === "string" ? /^(\d+(?:\.\d+)?)s$/.exec(retryDelay)?.[1] : undefined
    if (seconds !== undefined) return Duration.millis(Number(seconds) * 1_000)
  }
  return undefined
}

const unpaid = /^(insufficient_quota|billing_error|billing_hard_limit_reached|insufficient_balance|payment_required)$/
const harmful = /^(content_policy_violation|content_filter|responsibleaipolicyviolation)$/i

const shown = 2_000

/** Read first, scrubbed afterwards: in JSON a secret may be written in other letters than its own. */
export const reasonOf = (call: Answered, now: number, scrub: Scrub): AiError.AiErrorReason => {
  const { status } = call
  const [message, url] = [scrub(call.message).slice(0, shown), scrub(call.url)]
  const body = parse(call.body)
  const is = (words: RegExp) => words.test(body.code) || words.test(body.type)
  const wait = retryAfter(call.headers, body, now)
  const headers = Object.fromEntries(
    Object.entries(toldHeaders(call.headers)).map(([name, value]) => [name, scrub(value)])
  )
  const http = {
    response: { status, headers },
    ...(call.body === "" ? {} : { body: scrub(call.body).slice(0, shown) })
  }
  const description = message === "" ? `${url} answered ${status}` : message
  const invalid = (parameter: string | undefined, text: string) =>
    new AiError.InvalidRequestError({ ...(parameter === undefined ? {} : { parameter }), description: text, http })

  if (status === 402 || (status < 500 && is(unpaid))) return new AiError.QuotaExhaustedError({ http })
  if (status === 429 || ((status === 503 || status === 529) && wait !== undefined)) {
    return new AiError.RateLimitError({ http, ...(wait === undefined ? {} : { retryAfter: wait }) })
  }
  if (status >= 500 || status === 408 || status === 409 || status === 425) {
    return new AiError.InternalProviderError({ description: `${url} answered ${status}: ${description}`, http })
  }
  if (status === 401) return new AiError.AuthenticationError({ kind: "InvalidKey", description, http })
  if (status === 403) return new AiError.AuthenticationError({ kind: "InsufficientPermissions", description, http })
  if (status === 404 || is(/^model_not_found$/)) {
    return invalid(
      "model",
      `${url} answered ${status}: ${description.replace(/[.\s]+$/, "")}. Check the model's name, that the key may use it, and the base URL.`
    )
  }
  if (is(harmful)) return new AiError.ContentPolicyError({ description, http })
  if (
    is(/schema/) ||
    /\b(response_format|text\.format|json_schema|output_config|input_schema)\b/.test(body.param + description)
  ) {
    return new AiError.UnsupportedSchemaError({
      description: `The provider refused a schema: ${description.replace(/[.\s]+$/, "")}. Make it smaller or plainer: fewer unions, no recursion, no patterns.`
    })
  }
  return invalid(body.param === "" ? undefined : scrub(body.param).slice(0, shown), description)
}

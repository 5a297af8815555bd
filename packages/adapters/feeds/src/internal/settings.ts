/** The options of a layer, checked and with their defaults. */
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { Options } from "../Feeds.ts"

export interface Settings {
  readonly sources: ReadonlyArray<string>
  readonly maxBytes: number
  readonly maxItems: number
  readonly maxRedirects: number
  readonly concurrency: number
  readonly timeout: Duration.Duration
  readonly allowPrivateAddresses: boolean
  readonly userAgent: string
}

export interface Refusal {
  readonly option: string
  readonly received: string
  readonly allowed: string
}

const atLeast = (minimum: number) => Schema.is(Schema.Int.check(Schema.isGreaterThanOrEqualTo(minimum)))
const isPositive = atLeast(1)
const isNatural = atLeast(0)

const show = (value: unknown): string =>
  typeof value === "string"
    ? JSON.stringify(value)
    : Array.isArray(value)
      ? `[${value.map(show).join(", ")}]`
      : String(value)

const refuse = (option: string, received: unknown, allowed: string) =>
  Result.fail<Refusal>({ option, received: show(received), allowed })

/** A drive letter is no scheme. */
const scheme = /^([a-z][a-z\d+.-]+):(?:\/\/|$)/i

const isReadable = (source: string): boolean => {
  const found = scheme.exec(source)?.[1]?.toLowerCase()
  return (
    source.trim() !== "" &&
    (found === undefined || ((found === "http" || found === "https" || found === "file") && URL.canParse(source)))
  )
}

export const isWeb = (source: string): boolean => /^https?:\/\//i.test(source)

export const check = (options: Options): Result.Result<Settings, Refusal> => {
  const {
    allowPrivateAddresses = false,
    concurrency = 8,
    maxBytes = 10 * 1024 * 1024,
    maxItems = 1_000,
    maxRedirects = 5,
    sources,
    userAgent = "aria-adapter-feeds"
  } = options
  if (sources.length === 0) return refuse("sources", sources, "at least one http(s) address, file or folder")
  for (const source of sources)
    if (!isReadable(source)) return refuse("sources", source, "http(s) addresses, file: addresses, files and folders")
  for (const [option, value] of Object.entries({ concurrency, maxBytes, maxItems })) {
    if (!isPositive(value)) return refuse(option, value, "a whole number from 1")
  }
  if (!isNatural(maxRedirects)) return refuse("maxRedirects", maxRedirects, "a whole number from 0")
  const timeout = Option.getOrUndefined(Duration.fromInput(options.timeout ?? "30 seconds"))
  if (timeout === undefined || !Duration.isFinite(timeout) || !(Duration.toMillis(timeout) >= 1))
    return refuse("timeout", options.timeout, 'a finite duration from 1 millisecond, such as "30 seconds"')
  // header values with line ends would be other headers
  // oxlint-disable-next-line no-control-regex
  if (/[^\u0020-\u007e]/.test(userAgent) || userAgent.trim() === "")
    return refuse("userAgent", userAgent, "visible ASCII characters on one line")
  return Result.succeed({
    sources: [...new Set(sources)],
    maxBytes,
    maxItems,
    maxRedirects,
    concurrency,
    timeout,
    allowPrivateAddresses,
    userAgent
  })
}

/** The options of the layer, checked and with their defaults. */
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import type * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { Options } from "../CalDav.ts"
import { zoneNamed } from "./wallClock.ts"

export interface Settings {
  readonly url: URL
  readonly username: string
  readonly password: Redacted.Redacted
  readonly trustedHosts: ReadonlyArray<string>
  readonly scheduling: "none" | "server"
  readonly defaultCalendar: string | undefined
  readonly floatingZone: string
  readonly timeout: Duration.Duration
  readonly retries: number
  readonly maxBytes: number
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

const refuse = (option: string, received: string, allowed: string) =>
  Result.fail<Refusal>({ option, received, allowed })

// oxlint-disable-next-line no-control-regex
const control = /[\u0000-\u001f\u007f]/

export const check = (options: Options): Result.Result<Settings, Refusal> => {
  const {
    floatingZone = "UTC",
    maxBytes = 10 * 1024 * 1024,
    retries = 2,
    scheduling = "none",
    trustedHosts = [],
    userAgent = "aria-adapter-caldav",
    username
  } = options
  const url = URL.parse(options.url)
  const web = 'an http(s) address, such as "https://dav.example.com/"'
  // neither of the two may show what is in it: it may be a password
  if (url === null) return refuse("url", `${options.url.length} characters that are no address`, web)
  if (url.username !== "" || url.password !== "")
    return refuse("url", "an address with credentials in it", "an address without: give username and password")
  if (url.protocol !== "http:" && url.protocol !== "https:") return refuse("url", `${url.protocol}`, web)
  if (username === "" || username.includes(":") || control.test(username))
    return refuse("username", JSON.stringify(username), "a name without a colon and control characters")
  for (const host of trustedHosts) {
    if (!/^(\*\.)?[a-z\d.-]+$/i.test(host))
      return refuse(
        "trustedHosts",
        JSON.stringify(host),
        'names of hosts, such as "p01-caldav.example.com" or "*.example.com"'
      )
  }
  if (scheduling !== "none" && scheduling !== "server")
    return refuse("scheduling", String(scheduling), '"none" or "server"')
  if (zoneNamed(floatingZone) === undefined)
    return refuse("floatingZone", JSON.stringify(floatingZone), 'a zone of the IANA database, such as "Europe/Berlin"')
  if (!isPositive(maxBytes)) return refuse("maxBytes", String(maxBytes), "a whole number from 1")
  if (!isNatural(retries)) return refuse("retries", String(retries), "a whole number from 0")
  const timeout = Option.getOrUndefined(Duration.fromInput(options.timeout ?? "30 seconds"))
  if (timeout === undefined || !Duration.isFinite(timeout) || !(Duration.toMillis(timeout) >= 1))
    return refuse("timeout", String(options.timeout), 'a finite duration from 1 millisecond, such as "30 seconds"')
  // header values with line ends would be other headers
  if (!/^[\u0020-\u007e]*[\u0021-\u007e][\u0020-\u007e]*$/.test(userAgent))
    return refuse("userAgent", JSON.stringify(userAgent), "visible ASCII characters on one line")
  url.hash = ""
  return Result.succeed({
    url,
    username,
    password: options.password,
    trustedHosts: trustedHosts.map((host) => host.toLowerCase()),
    scheduling,
    defaultCalendar: options.defaultCalendar,
    floatingZone,
    timeout,
    retries,
    maxBytes,
    userAgent
  })
}

/**
 * A `Calendar` over CalDAV (RFC 4791): Radicale, Xandikos, Nextcloud, SOGo, iCloud, Fastmail and others.
 *
 * @since 0.1.0
 */
import { Calendar } from "@aria/connectors"
import * as Config from "effect/Config"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { HttpClient } from "effect/http"
import * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { makeSend } from "./internal/http.ts"
import { makeService } from "./internal/service.ts"
import { check } from "./internal/settings.ts"

/**
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /**
   * An http(s) address: of the server, of the user, of a place with calendars, or of one calendar, which then is the only one. Without
   * credentials in it.
   */
  readonly url: string
  /** For Basic authentication; without a colon. */
  readonly username: string
  /** The user's password, better one that the server made for this program alone. */
  readonly password: Redacted.Redacted
  /** The id of the calendar that is meant where none is named. Default: the first that can be written, by id. */
  readonly defaultCalendar?: string | undefined
  /**
   * Other hosts that may be given the credentials, where the server redirects or points there: `"p01-caldav.example.com"`, or
   * `"*.example.com"` for all below it. Default: none but the host of `url`.
   */
  readonly trustedHosts?: ReadonlyArray<string> | undefined
  /**
   * Whether the server may write to attendees when events change. With `"none"`, the default, those that are made say
   * `SCHEDULE-AGENT=CLIENT`, and changing an event that the server would write about is refused.
   */
  readonly scheduling?: "none" | "server" | undefined
  /** The zone of times that name none. Default `"UTC"`. */
  readonly floatingZone?: string | undefined
  /** For each request, redirects and body included; waiting for a budget does not count. Default 30 seconds, minimum 1 ms. */
  readonly timeout?: Duration.Input | undefined
  /** How often a read is made again, and a write that surely was not sent. Default 2, minimum 0. */
  readonly retries?: number | undefined
  /** The most that one answer may have, in bytes. Reading stops there. Default 10 MiB, minimum 1. */
  readonly maxBytes?: number | undefined
  /** What servers see as `User-Agent`. Default `"aria-adapter-caldav"`. */
  readonly userAgent?: string | undefined
}

/**
 * An option that no server could be asked with. It holds no password.
 *
 * @category errors
 * @since 0.1.0
 */
export class InvalidCalDavOptionError extends Schema.TaggedError<InvalidCalDavOptionError>()(
  "InvalidCalDavOptionError",
  {
    option: Schema.String,
    received: Schema.String,
    allowed: Schema.String
  }
) {
  override get message(): string {
    return `CalDav option ${this.option}: received ${this.received}, allowed is ${this.allowed}.`
  }
}

/**
 * The service itself, where a layer is not wanted.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = Effect.fn("CalDav.make")(function* (options: Options) {
  const settings = yield* Result.match(check(options), {
    onFailure: (refusal) => Effect.fail(new InvalidCalDavOptionError(refusal)),
    onSuccess: Effect.succeed
  })
  const service = yield* makeService(settings, makeSend(settings, yield* HttpClient.HttpClient))
  return Calendar.Calendar.of(service)
})

/**
 * The calendars of one user. Nothing is asked of the server before the first operation; where the calendars are is then remembered.
 *
 * Versions are ETags. Ids of calendars are their paths on the server. What other programs wrote into an event stays when it is
 * changed. A request is one call of the run's budget.
 *
 * **Example**
 *
 * ```ts
 * import { CalDav } from "@aria/adapter-caldav"
 * import { NodeHttpClient } from "@effect/platform-node"
 * import * as Layer from "effect/Layer"
 * import * as Redacted from "effect/Redacted"
 *
 * const CalendarLive = CalDav.layer({
 *   url: "https://dav.example.com/",
 *   username: "aria",
 *   password: Redacted.make("app password")
 * }).pipe(Layer.provide(NodeHttpClient.layerUndici))
 * ```
 *
 * Errors: `InvalidCalDavOptionError`.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (
  options: Options
): Layer.Layer<Calendar.Calendar, InvalidCalDavOptionError, HttpClient.HttpClient> =>
  Layer.effect(Calendar.Calendar)(make(options))

/**
 * `layer` with options from the configuration, the password as `Config.Redacted` gives it.
 *
 * **Example**
 *
 * ```ts
 * const CalendarLive = CalDav.layerConfig({
 *   url: Config.String("CALDAV_URL"),
 *   username: Config.String("CALDAV_USERNAME"),
 *   password: Config.Redacted("CALDAV_PASSWORD")
 * })
 * ```
 *
 * Errors: `ConfigError` where one is missing, `InvalidCalDavOptionError`.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerConfig = (
  options: Config.Wrap<Options>
): Layer.Layer<Calendar.Calendar, Config.ConfigError | InvalidCalDavOptionError, HttpClient.HttpClient> =>
  Layer.effect(Calendar.Calendar)(Effect.flatMap(Config.unwrap(options), make))

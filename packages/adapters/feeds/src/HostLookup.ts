/**
 * How the host names that redirects lead to become addresses, which are checked before anything is sent there.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { lookup } from "node:dns/promises"

/**
 * A name without an address, or a resolver that did not answer.
 *
 * @category errors
 * @since 0.1.0
 */
export class HostLookupError extends Schema.TaggedError<HostLookupError>()("HostLookupError", {
  host: Schema.String,
  message: Schema.String
}) {}

/**
 * All addresses of a host, IPv4 and IPv6, as text. The default asks the system, as Node's http clients do. Replace it where yours
 * asks somebody else, or the check and the request may see different addresses.
 *
 * @category references
 * @since 0.1.0
 */
export const HostLookup = Context.Reference<(host: string) => Effect.Effect<ReadonlyArray<string>, HostLookupError>>(
  "@aria/adapter-feeds/HostLookup/HostLookup",
  {
    defaultValue: () => (host) =>
      Effect.tryPromise({
        try: () => lookup(host, { all: true }).then((found) => found.map(({ address }) => address)),
        catch: (cause) => new HostLookupError({ host, message: cause instanceof Error ? cause.message : String(cause) })
      })
  }
)

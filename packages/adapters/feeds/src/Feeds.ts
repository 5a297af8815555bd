/**
 * A `SignalSource` over RSS, Atom and JSON Feed, from files, folders and http(s) addresses.
 *
 * @since 0.1.0
 */
import { SignalSource } from "@aria/connectors"
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import { HttpClient } from "effect/http"
import * as Layer from "effect/Layer"
import * as Path from "effect/Path"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Feed from "./Feed.ts"
import { charsetOf } from "./internal/encoding.ts"
import { expand, readFile } from "./internal/files.ts"
import { check, isWeb, type Settings } from "./internal/settings.ts"
import { nameOf, readWeb } from "./internal/web.ts"

/**
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /**
   * At least one: http(s) addresses, files, folders. A folder is every file in it that ends in `.xml`, `.rss`, `.atom`, `.rdf` or
   * `.json`, at any depth, in order of their paths, and gives one report for each. It is listed at each reading. A source that is
   * named twice is read once.
   */
  readonly sources: ReadonlyArray<string>
  /** The most that one document may have, in bytes, unpacked. Reading stops there. Default 10 MiB, minimum 1. */
  readonly maxBytes?: number | undefined
  /** How many items of one document are taken, from the top; a warning mentions the rest. Default 1,000, minimum 1. */
  readonly maxItems?: number | undefined
  /** For one web source, redirects and body included; waiting for a budget does not count. Default 30 seconds, minimum 1 ms. */
  readonly timeout?: Duration.Input | undefined
  /** How many redirects one source may make. Default 5, minimum 0. */
  readonly maxRedirects?: number | undefined
  /** How many documents are read at the same time. Default 8, minimum 1. */
  readonly concurrency?: number | undefined
  /**
   * Lets redirects lead to loopback, private and link-local addresses. Without it they may stay on the host that the source names,
   * and go to public addresses. The sources themselves may be anywhere. Default `false`.
   */
  readonly allowPrivateAddresses?: boolean | undefined
  /** What servers see as `User-Agent`. Default `"aria-adapter-feeds"`. */
  readonly userAgent?: string | undefined
}

/**
 * An option that nothing could be read with.
 *
 * @category errors
 * @since 0.1.0
 */
export class InvalidFeedsOptionError extends Schema.TaggedError<InvalidFeedsOptionError>()("InvalidFeedsOptionError", {
  option: Schema.String,
  received: Schema.String,
  allowed: Schema.String
}) {
  override get message(): string {
    return `Feeds option ${this.option}: received ${this.received}, allowed is ${this.allowed}.`
  }
}

type Reader = Effect.Effect<SignalSource.SourceReport, never, FileSystem.FileSystem | HttpClient.HttpClient | Path.Path>

const report = (
  source: string,
  settings: Settings,
  document: Feed.ParseOptions & { readonly bytes: Uint8Array }
): SignalSource.SourceReport =>
  Result.match(Feed.parse(document.bytes, { ...document, maxItems: settings.maxItems }), {
    onFailure: (error) => ({ _tag: "down", source, error }),
    onSuccess: ({ items, warnings }) => ({ _tag: "read", source, items, warnings })
  })

const down = (error: SignalSource.SourceError): Effect.Effect<SignalSource.SourceReport> =>
  Effect.succeed({ _tag: "down", source: error.source, error })

const web = (source: string, settings: Settings): Reader =>
  readWeb(source, settings).pipe(
    Effect.map(({ address, bytes, contentType }) =>
      report(nameOf(source), settings, {
        bytes,
        source: nameOf(source),
        baseUrl: address,
        charset: charsetOf(contentType)
      })
    ),
    Effect.catchTag("SourceError", down)
  )

const file = (source: string, settings: Settings): Reader =>
  readFile(source, settings.maxBytes).pipe(
    Effect.map((bytes) => report(source, settings, { bytes, source })),
    Effect.catchTag("SourceError", down)
  )

const readers = (source: string, settings: Settings) =>
  isWeb(source)
    ? Effect.succeed([web(source, settings)])
    : expand(source).pipe(
        Effect.map((files) => files.map((path) => file(path, settings))),
        Effect.catchTag("SourceError", (error) => Effect.succeed([down(error)]))
      )

/**
 * The service itself, where a layer is not wanted.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = Effect.fn("Feeds.make")(function* (options: Options) {
  const settings = yield* Result.match(check(options), {
    onFailure: (refusal) => Effect.fail(new InvalidFeedsOptionError(refusal)),
    onSuccess: Effect.succeed
  })
  // only these three: the whole context of the layer would hide the budget and the run of whoever reads
  const services = Context.make(FileSystem.FileSystem, yield* FileSystem.FileSystem).pipe(
    Context.add(HttpClient.HttpClient, yield* HttpClient.HttpClient),
    Context.add(Path.Path, yield* Path.Path)
  )
  const { concurrency } = settings
  const read = Effect.fn("Feeds.read")(function* () {
    const documents = yield* Effect.forEach(settings.sources, (source) => readers(source, settings), { concurrency })
    return yield* Effect.forEach(documents.flat(), (document) => document, { concurrency })
  }, Effect.provide(services))
  return SignalSource.SignalSource.of({ read: () => read() })
})

/**
 * Reads all sources together at each `read`, in the order given; one that is down is a report of its own and stops no other. A
 * source is read anew each time: nothing is cached, `terms` is not used. One web source is one call of the run's budget.
 *
 * Redirects are followed here, one by one, with the addresses of each checked. With `FetchHttpClient` this replaces a `RequestInit`
 * service; `NodeHttpClient` needs nothing.
 *
 * **Example**
 *
 * ```ts
 * import { Feeds } from "@aria/adapter-feeds"
 * import { NodeHttpClient, NodeServices } from "@effect/platform-node"
 * import * as Layer from "effect/Layer"
 *
 * const SignalsLive = Feeds.layer({ sources: ["https://example.com/news.rss", "./feeds"] }).pipe(
 *   Layer.provide([NodeServices.layer, NodeHttpClient.layerUndici])
 * )
 * ```
 *
 * Errors: `InvalidFeedsOptionError` where an option is empty, not finite, not whole, or below its minimum.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (
  options: Options
): Layer.Layer<
  SignalSource.SignalSource,
  InvalidFeedsOptionError,
  FileSystem.FileSystem | HttpClient.HttpClient | Path.Path
> => Layer.effect(SignalSource.SignalSource)(make(options))

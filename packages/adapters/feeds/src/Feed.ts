/**
 * One feed document, from bytes or text to signal items. Pure: no network, no files.
 *
 * @since 0.1.0
 */
import { SignalSource } from "@aria/connectors"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { decode } from "./internal/encoding.ts"
import { build } from "./internal/items.ts"
import { readJson } from "./internal/jsonFeed.ts"
import { toTitle } from "./internal/plainText.ts"
import { NotAFeed } from "./internal/rawFeed.ts"
import { isWebPage, readWebPage } from "./internal/webPage.ts"
import { readXml } from "./internal/xmlFeed.ts"

/**
 * What was read from one document.
 *
 * @category models
 * @since 0.1.0
 */
export class Feed extends Schema.Class<Feed>("@aria/adapter-feeds/Feed/Feed")({
  /** `rss`: 0.9x and 2.0; `rdf`: 0.90 and 1.0. */
  format: Schema.Literals(["rss", "rdf", "atom", "json"]),
  /** The feed's own title, where it has one. */
  title: Schema.optionalKey(Schema.String),
  /** In the feed's order. */
  items: Schema.Array(SignalSource.SignalItem),
  warnings: Schema.Array(SignalSource.SourceWarning)
}) {}

/**
 * @category models
 * @since 0.1.0
 */
export interface ParseOptions {
  /** The name that items, warnings and errors carry. */
  readonly source: string
  /** The address of the document; relative links are resolved against it. Without it, against the feed's own home page. */
  readonly baseUrl?: string | undefined
  /** The charset that came with the bytes (http's `Content-Type`). A byte order mark goes before it, the XML declaration after it. */
  readonly charset?: string | undefined
  /** How many items are taken, counted from the top; the rest is mentioned in a warning. Default 1,000, minimum 1. */
  readonly maxItems?: number | undefined
}

/**
 * Parses RSS 0.9x to 2.0, RSS 1.0, Atom 0.3 and 1.0, and JSON Feed. Broken XML is read as far as it makes sense.
 *
 * The date of an item is when it was published, or else when it was last changed; a date that cannot be read is left out with a
 * warning. Ids, links and texts are as `SignalItem` describes them.
 *
 * **Example**
 *
 * ```ts
 * import { Feed } from "@aria/adapter-feeds"
 * import * as Result from "effect/Result"
 *
 * const result = Feed.parse("<rss><channel><item><title>Acme raises $5M</title></item></channel></rss>", { source: "wire" })
 * if (Result.isSuccess(result)) console.log(result.success.items[0]?.title)
 * ```
 *
 * Errors: `SourceError` with reason `notAFeed` (its message says what was found, and where a web page links a feed), or `unreadable`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const parse = (
  input: Uint8Array | string,
  options: ParseOptions
): Result.Result<Feed, SignalSource.SourceError> => {
  const { baseUrl, maxItems = 1_000, source } = options
  const decoded = typeof input === "string" ? { text: input } : decode(input, options.charset)
  try {
    const raw = read(decoded.text, maxItems)
    const { items, warnings } = build(
      "warning" in decoded ? { ...raw, warnings: [decoded.warning, ...raw.warnings] } : raw,
      source,
      baseUrl
    )
    const title = raw.title === undefined ? "" : toTitle(raw.title)
    return Result.succeed(new Feed({ format: raw.format, items, warnings, ...(title === "" ? {} : { title }) }))
  } catch (error) {
    return Result.fail(
      error instanceof NotAFeed
        ? new SignalSource.SourceError({ source, reason: "notAFeed", message: notAFeed(error, decoded.text, options) })
        : // a document that breaks a parser must not take the other sources with it
          new SignalSource.SourceError({
            source,
            reason: "unreadable",
            message: `${source} could not be read: ${String(error).slice(0, 200)}.`
          })
    )
  }
}

const read = (text: string, maxItems: number) => {
  const start = text.slice(0, 4096).trimStart()
  if (start.includes("\u0000") || start.startsWith("%PDF-")) throw new NotAFeed("binary data")
  if (isWebPage(text)) throw new NotAFeed("a web page")
  return start.startsWith("{") || start.startsWith("[")
    ? readJson(text.replace(/^\ufeff/, ""), maxItems)
    : readXml(text, maxItems)
}

const notAFeed = ({ found }: NotAFeed, text: string, { baseUrl, source }: ParseOptions): string => {
  const expected = `${source} is ${found}, not a feed. RSS, Atom and JSON Feed can be read.`
  if (found !== "a web page") return expected
  const page = readWebPage(text, baseUrl)
  const named =
    page.title === "" ? expected : expected.replace("a web page", `a web page (${JSON.stringify(page.title)})`)
  return page.feeds.length === 0
    ? `${named} The page links none.`
    : `${named} The page links to ${page.feeds.join(" and ")}: use that instead.`
}

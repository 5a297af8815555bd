/**
 * A company to watch: how it is named, traded and addressed.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { foldText } from "./internal/fold.ts"
import { splitName } from "./internal/words.ts"

/**
 * A name with at least one letter or digit and at most 200 characters.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Name = Schema.String.check(
  Schema.isPattern(/[\p{L}\p{N}]/u, { message: "a name needs at least one letter or digit" }),
  Schema.isMaxLength(200)
)

/**
 * A ticker symbol as exchanges write it, with or without its exchange: `"ACME"` or `"NASDAQ:ACME"`. With the exchange,
 * the same symbol on another exchange is another company.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Ticker = Schema.String.check(
  Schema.isPattern(/^(?:[A-Za-z]{2,12}\s?:\s?)?[A-Za-z0-9][A-Za-z0-9.-]{0,11}$/, {
    message: 'a ticker looks like "ACME" or "NASDAQ:ACME"'
  })
)

/**
 * A host name without scheme or path: `"acme.com"`.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Domain = Schema.String.check(
  Schema.isPattern(/^(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,8}[A-Za-z]{2,24}$/, {
    message: 'a domain looks like "acme.com", without https:// or a path'
  })
)

/**
 * A company with more than its name. Legal forms ("Inc.", "GmbH") are optional in the name and in what is read.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Details = Schema.Struct({
  name: Name,
  /** Other names of the same company, former ones too. */
  aliases: Schema.optionalKey(Schema.Array(Name)),
  tickers: Schema.optionalKey(Schema.Array(Ticker)),
  /** Its own web addresses: a story published there is the company's own. */
  domains: Schema.optionalKey(Schema.Array(Domain)),
  /**
   * Whether the name is an ordinary word as well, so that a capital letter is not enough and a mention needs a company's
   * context. By default a list of such names decides ("Target", "Block", "Apple").
   */
  ordinaryWord: Schema.optionalKey(Schema.Boolean)
})

/**
 * What a payload may name a company with.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Entity = Schema.Union([Name, Details])
/**
 * @category models
 * @since 0.1.0
 */
export type Entity = typeof Entity.Type

/**
 * The name of what a payload names a company with: `key: ({ entities: [entity] }) => Entity.nameOf(entity)`.
 *
 * @category accessors
 * @since 0.1.0
 */
export const nameOf = (entity: Entity): string => (typeof entity === "string" ? entity : entity.name)

/**
 * One company after names that mean the same one have been put together.
 *
 * @category models
 * @since 0.1.0
 */
export interface Company {
  /** The first name that was given: signals carry it unchanged. */
  readonly name: string
  readonly names: ReadonlyArray<string>
  readonly tickers: ReadonlyArray<string>
  readonly domains: ReadonlyArray<string>
  readonly ordinaryWord: boolean | undefined
}

const unique = (values: ReadonlyArray<string>): Array<string> => [...new Set(values)]

/**
 * What makes two spellings one name: case, accents, punctuation and "Corp." against "Corporation" do not count; another
 * legal form does, because "Acme Inc" and "Acme GmbH" are two companies.
 *
 * @category conversions
 * @since 0.1.0
 */
export const nameKey = (name: string): string => {
  const { core, form } = splitName(foldText(name))
  const words = core.map((word) => word.lower).join(" ")
  return form === undefined ? words : `${words}|${form.canonical}`
}

/**
 * The companies of a payload, in its order. A company that is given twice becomes one, with everything known of it.
 *
 * @category conversions
 * @since 0.1.0
 */
export const companies = (
  entities: ReadonlyArray<Entity>
): { readonly companies: ReadonlyArray<Company>; readonly repeated: ReadonlyArray<string> } => {
  const byKey = new Map<string, Company>()
  const repeated: Array<string> = []
  for (const entity of entities) {
    const details = typeof entity === "string" ? { name: entity } : entity
    const key = nameKey(details.name)
    const before = byKey.get(key)
    if (before !== undefined) repeated.push(details.name)
    byKey.set(key, {
      name: before?.name ?? details.name.trim(),
      names: unique([...(before?.names ?? []), details.name.trim(), ...(details.aliases ?? [])]),
      tickers: unique([
        ...(before?.tickers ?? []),
        ...(details.tickers ?? []).map((ticker) => ticker.toUpperCase().replace(/\s/g, ""))
      ]),
      domains: unique([...(before?.domains ?? []), ...(details.domains ?? []).map((domain) => domain.toLowerCase())]),
      ordinaryWord: details.ordinaryWord ?? before?.ordinaryWord
    })
  }
  return { companies: [...byKey.values()], repeated }
}

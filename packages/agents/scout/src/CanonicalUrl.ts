/**
 * One form for the many addresses of one page.
 *
 * @since 0.1.0
 */

const TRACKING =
  /^(?:utm_\w+|fbclid|gclid|dclid|gbraid|wbraid|msclkid|yclid|twclid|igshid|mc_[ce]id|mkt_tok|ref|ref_src|referrer|source|src|cmp|cmpid|campaign|icid|ito|ocid|ns_\w+|__twitter_impression|guccounter|guce_\w+|sh|smid|partner|rss|feed|feedtype|spm|_hs\w+|hsctatracking|trk|amp|outputtype|s_cid|taid|soc_\w+|at_\w+)$/i

// The platform's URL class is not in every runtime's types, and news addresses need no more than this.
const ADDRESS = /^(https?):\/\/(?:[^/?#@\s]*@)?([^/?#:@\s]+)(?::(\d{1,5}))?([^?#\s]*)(?:\?([^#\s]*))?/i

const parse = (address: string) => {
  const found = ADDRESS.exec(address.trim())
  if (found === null) return undefined
  const [, scheme = "", host = "", port = "", path = "", query = ""] = found
  const isDefault = port === "" || port === (scheme.toLowerCase() === "http" ? "80" : "443")
  return { host: host.toLowerCase().replace(/\.$/, ""), port: isDefault ? "" : `:${port}`, path, query }
}

/**
 * The address without what does not tell pages apart: scheme, "www.", "m.", "amp.", default port, credentials, fragment,
 * tracking parameters, the order of parameters, "/amp", "index.html", doubled and trailing slashes. `undefined` for what
 * is no web address, and for a site's front page, which is the address of every story on it.
 *
 * @category conversions
 * @since 0.1.0
 */
export const canonicalUrl = (address: string): string | undefined => {
  const url = parse(address)
  if (url === undefined) return undefined
  const host = `${url.host.replace(/^(?:www\d?|m|mobile|amp)\./, "")}${url.port}`
  const path = url.path
    .replace(/\/{2,}/g, "/")
    .replace(/\/(?:index|default)\.(?:html?|php|aspx?)$/i, "")
    .replace(/^\/amp\/|\/amp\/?$|\.amp(?=\.html?$|$)/i, (found) => (found === "/amp/" ? "/" : ""))
    .replace(/\/$/, "")
  const query = url.query
    .split("&")
    .filter((parameter) => parameter !== "" && !TRACKING.test(parameter.split("=", 1)[0] ?? ""))
    .sort()
    .join("&")
  return path === "" && query === "" ? undefined : `${host}${path}${query === "" ? "" : `?${query}`}`
}

/**
 * The host of a web address in lower case without "www.", `undefined` for anything else.
 *
 * @category conversions
 * @since 0.1.0
 */
export const hostOf = (address: string): string | undefined => parse(address)?.host.replace(/^www\./, "")

/**
 * Whether a host is the domain or lies below it.
 *
 * @category predicates
 * @since 0.1.0
 */
export const isWithin = (host: string, domain: string): boolean => host === domain || host.endsWith(`.${domain}`)

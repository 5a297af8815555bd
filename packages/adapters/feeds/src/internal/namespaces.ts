/** XML names → one spelling for each thing that we read, whatever prefix a feed gives it. */

export type Namespaces = Readonly<Record<string, string>>

/** Feeds differ in case, in a closing slash and in versions of the same address. */
const known: ReadonlyArray<readonly [RegExp, string]> = [
  [/^https?:\/\/www\.w3\.org\/2005\/atom\/?$/, ""],
  [/^https?:\/\/purl\.org\/atom\/ns/, ""],
  [/^https?:\/\/purl\.org\/rss\/1\.0\/?$/, ""],
  [/^https?:\/\/(my|channel)\.netscape\.com\/rdf\/simple\//, ""],
  [/^https?:\/\/(backend\.userland|blogs\.law\.harvard)\./, ""],
  [/^https?:\/\/purl\.org\/net\/rss1\.1/, ""],
  [/^https?:\/\/www\.w3\.org\/1999\/02\/22-rdf-syntax-ns/, "rdf:"],
  [/^https?:\/\/purl\.org\/dc\/elements\//, "dc:"],
  [/^https?:\/\/purl\.org\/dc\/terms/, "dcterms:"],
  [/^https?:\/\/purl\.org\/rss\/1\.0\/modules\/content/, "content:"],
  [/^https?:\/\/www\.w3\.org\/1999\/xhtml/, "xhtml:"],
  [/^https?:\/\/search\.yahoo\.com\/mrss/, "media:"],
  [/^https?:\/\/www\.itunes\.com\/dtds/, "itunes:"],
  [/^https?:\/\/rssnamespace\.org\/feedburner/, "feedburner:"]
]

/** What prefixes mean in feeds that forget to say. */
export const initial: Namespaces = {
  "": "",
  atom: "",
  rss: "",
  rdf: "rdf:",
  dc: "dc:",
  dcterms: "dcterms:",
  content: "content:",
  xhtml: "xhtml:",
  media: "media:",
  itunes: "itunes:",
  feedburner: "feedburner:"
}

/** Feeds use about ten; each element that declares one copies what is around it. */
const maxPrefixes = 64

export const declare = (outer: Namespaces, attributes: Readonly<Record<string, string>>): Namespaces => {
  let own: Record<string, string> | undefined
  let room = maxPrefixes
  for (const name in attributes) {
    const prefix = name === "xmlns" ? "" : name.startsWith("xmlns:") ? name.slice(6).toLowerCase() : undefined
    if (prefix === undefined) continue
    if (own === undefined) room -= Object.keys(outer).length
    if (!Object.hasOwn(own ?? outer, prefix) && room-- <= 0) continue
    const uri = attributes[name]!.trim().toLowerCase()
    own ??= { ...outer }
    // an unknown default namespace is most often a feed that invented one: read it as plain RSS
    own[prefix] = known.find(([pattern]) => pattern.test(uri))?.[1] ?? (prefix === "" ? "" : `${prefix}:`)
  }
  return own ?? outer
}

export const resolve = (namespaces: Namespaces, name: string): string => {
  const lower = name.toLowerCase()
  const colon = lower.indexOf(":")
  if (colon < 0) return `${namespaces[""] ?? ""}${lower}`
  const prefix = lower.slice(0, colon)
  return `${Object.hasOwn(namespaces, prefix) ? namespaces[prefix] : `${prefix}:`}${lower.slice(colon + 1)}`
}

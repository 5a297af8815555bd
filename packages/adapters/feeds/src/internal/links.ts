/** Relative and unsafe addresses → absolute http(s) addresses or none. */

/** `bases`: outermost first, each relative to the one before; `document`: the address that the document came from. */
export const resolveLink = (
  href: string,
  bases: ReadonlyArray<string>,
  document: string | undefined
): string | undefined => {
  let base = document
  for (const next of bases) base = parse(next, base)?.href ?? base
  const url = parse(href, base)
  return url !== undefined && (url.protocol === "http:" || url.protocol === "https:") ? url.href : undefined
}

const parse = (href: string, base: string | undefined): URL | undefined => {
  const trimmed = href.trim()
  return URL.parse(trimmed, base) ?? undefined
}

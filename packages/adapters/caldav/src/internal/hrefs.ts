/** Addresses that servers name, and the ids that calendars have for us. */
import type { Settings } from "./settings.ts"

/** A path on the named server, a whole address elsewhere. Always with a slash at the end. */
export const calendarId = (settings: Settings, url: URL): string => {
  const whole = url.origin === settings.url.origin ? url.pathname : `${url.origin}${url.pathname}`
  return whole.endsWith("/") ? whole : `${whole}/`
}

/** Servers differ in what they escape: two spellings of one path are one. */
export const samePath = (left: URL, right: URL): boolean => {
  const plain = ({ pathname }: URL) => {
    try {
      return decodeURIComponent(pathname).replace(/\/+$/, "")
    } catch {
      return pathname.replace(/\/+$/, "")
    }
  }
  return left.origin === right.origin && plain(left) === plain(right)
}

export const asCollection = (url: URL): URL => (url.pathname.endsWith("/") ? url : new URL(`${url.pathname}/`, url))

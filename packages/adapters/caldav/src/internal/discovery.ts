/** Where the calendars of a user are, and what they are like (RFC 4791, 5397, 6764). */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { CalendarInfo } from "@aria/connectors/Calendar"
import { unavailable, type Unavailable } from "./failures.ts"
import { asCollection, calendarId, samePath } from "./hrefs.ts"
import { type Answer, type Call, mayHaveCredentials, nameOf, refusal, refusedHost, type Send } from "./http.ts"
import { parseMultistatus, propOf, type Resource } from "./multistatus.ts"
import { whatCalendarsAreLike, whereCalendarsAre } from "./queries.ts"
import type { Settings } from "./settings.ts"
import { caldav, childOf, childrenOf, dav, type Element } from "./xml.ts"

/** A calendar and its address. */
export interface Collection {
  readonly url: URL
  readonly info: CalendarInfo
}

/** The resources of a 207, or why there are none. */
export const resourcesOf = (call: Call, answer: Answer): Effect.Effect<ReadonlyArray<Resource>, Unavailable> => {
  const { headers, status, text } = answer
  const type = headers["content-type"]?.split(";")[0] ?? "no type"
  if (status === 207) {
    return Effect.mapError(parseMultistatus(text), (found) =>
      unavailable("unreadable", `${nameOf(call)}: the answer cannot be read: ${found}.`)
    )
  }
  if ((status >= 200 && status < 300) || status === 405 || status === 501) {
    return Effect.fail(
      unavailable(
        "notACalendar",
        `${nameOf(call)}: the server answered with status ${status} and ${type}, which no CalDAV server does. Look at the address.`
      )
    )
  }
  return Effect.fail(refusal(call, answer))
}

const propfind = (url: URL, depth: "0" | "1"): Call => ({
  method: "PROPFIND",
  url,
  headers: { depth },
  body: depth === "0" ? whereCalendarsAre : whatCalendarsAreLike
})

const hrefIn = (element: Element | undefined): string | undefined => childOf(element, dav, "href")?.text.trim()

/** An address that the server names, where the credentials may go there. */
const resolve = (settings: Settings, call: Call, href: string, base: URL): Effect.Effect<URL, Unavailable> => {
  const url = URL.parse(href, base.href)
  if (url === null)
    return Effect.fail(
      unavailable("unreadable", `${nameOf(call)}: ${JSON.stringify(href.slice(0, 200))} is no address.`)
    )
  url.username = url.password = url.hash = ""
  return mayHaveCredentials(settings, url) ? Effect.succeed(url) : Effect.fail(refusedHost(nameOf(call), url))
}

/** Where a collection says which components it takes, events have to be among them: lists of tasks are no calendars here. */
const isCalendar = (resource: Resource): boolean => {
  const components = childrenOf(propOf(resource, caldav, "supported-calendar-component-set"), caldav, "comp")
  return (
    childOf(propOf(resource, dav, "resourcetype"), caldav, "calendar") !== undefined &&
    (components.length === 0 || components.some(({ attributes }) => attributes["name"]?.toUpperCase() === "VEVENT"))
  )
}

const isReadOnly = (resource: Resource): boolean => {
  const set = propOf(resource, dav, "current-user-privilege-set")
  if (set === undefined) return false
  const names = childrenOf(set, dav, "privilege").flatMap(({ children }) => children.map(({ name }) => name))
  return !names.some((name) => ["all", "write", "write-content", "bind"].includes(name))
}

const nameOfCalendar = (resource: Resource, url: URL): string => {
  const given = propOf(resource, dav, "displayname")?.text.trim()
  if (given !== undefined && given !== "") return given
  const last = url.pathname.split("/").findLast((part) => part !== "") ?? url.hostname
  try {
    return decodeURIComponent(last)
  } catch {
    return last
  }
}

interface Seen {
  readonly url: URL
  readonly resource: Resource
  readonly call: Call
}

/** What is found at the address: the calendar itself, or the places that hold the user's calendars. */
export type Place =
  | { readonly _tag: "calendar"; readonly seen: Seen }
  | { readonly _tag: "homes"; readonly urls: ReadonlyArray<URL> }

/** Nothing there, or something else: the next address may be the right one. */
const isElsewhere = ({ reason }: Unavailable) =>
  reason === "status" || reason === "notACalendar" || reason === "unreadable" || reason === "forbidden"

export const makeDiscovery = (settings: Settings, send: Send) => {
  const look = Effect.fnUntraced(function* (url: URL): Effect.fn.Return<Seen, Unavailable> {
    const call = propfind(url, "0")
    const answer = yield* send(call)
    const resources = yield* resourcesOf(call, answer)
    const [first] = resources
    const resource =
      resources.find(({ href }) => {
        const at = URL.parse(href, answer.url.href)
        return at !== null && samePath(at, answer.url)
      }) ?? first
    if (resource === undefined)
      return yield* unavailable("unreadable", `${nameOf(call)}: the answer speaks of no resource.`)
    return { url: answer.url, resource, call }
  })

  const homesOf = ({ call, resource, url }: Seen) =>
    Effect.forEach(childrenOf(propOf(resource, caldav, "calendar-home-set"), dav, "href"), ({ text }) =>
      resolve(settings, call, text.trim(), url)
    )

  const collection = (url: URL, resource: Resource): Collection => ({
    url: asCollection(url),
    info: {
      id: calendarId(settings, url),
      name: nameOfCalendar(resource, url),
      isDefault: false,
      readOnly: isReadOnly(resource)
    }
  })

  const within = Effect.fnUntraced(function* (home: URL): Effect.fn.Return<ReadonlyArray<Collection>, Unavailable> {
    const call = propfind(asCollection(home), "1")
    const answer = yield* send(call)
    const found = (yield* resourcesOf(call, answer)).filter(isCalendar)
    return yield* Effect.forEach(found, (resource) =>
      Effect.map(resolve(settings, call, resource.href, answer.url), (url) => collection(url, resource))
    )
  })

  const placeAt = Effect.fnUntraced(function* (url: URL): Effect.fn.Return<Place | undefined, Unavailable> {
    const seen = yield* look(url)
    if (isCalendar(seen.resource)) return { _tag: "calendar", seen }
    const homes = yield* homesOf(seen)
    if (homes.length > 0) return { _tag: "homes", urls: homes }
    // a place that holds calendars is what was meant, also where it is not this user's own
    if (seen.url.pathname !== "/" && (yield* within(seen.url)).length > 0) return { _tag: "homes", urls: [seen.url] }
    const href = hrefIn(propOf(seen.resource, dav, "current-user-principal"))
    if (href === undefined) return undefined
    const principal = yield* resolve(settings, seen.call, href, seen.url)
    const urls = yield* Effect.flatMap(look(principal), homesOf)
    return urls.length > 0 ? { _tag: "homes", urls } : undefined
  })

  /** Only a server may be looked through for its entrance: who names a place and is mistaken does not want another one. */
  const wellKnown =
    settings.url.pathname === "/"
      ? Effect.catchIf(placeAt(new URL("/.well-known/caldav", settings.url)), isElsewhere, () => Effect.undefined)
      : Effect.undefined

  const place = Effect.gen(function* () {
    const first = yield* Effect.result(placeAt(settings.url))
    if (Result.isSuccess(first) && first.success !== undefined) return first.success
    if (Result.isFailure(first) && !isElsewhere(first.failure)) return yield* first.failure
    const second = yield* wellKnown
    if (second !== undefined) return second
    return yield* Result.isFailure(first)
      ? first.failure
      : unavailable(
          "notACalendar",
          `${settings.url.href}: the server names no place with calendars of this user. Look at the address and the username.`
        )
  })

  const list = (place: Place): Effect.Effect<ReadonlyArray<Collection>, Unavailable> =>
    place._tag === "homes"
      ? Effect.map(Effect.forEach(place.urls, within, { concurrency: 4 }), (lists) => lists.flat())
      : Effect.map(look(place.seen.url), ({ resource, url }) =>
          isCalendar(resource) ? [collection(url, resource)] : []
        )

  /** By id, each once, one of them the default. */
  const withDefault = (found: ReadonlyArray<Collection>): Effect.Effect<ReadonlyArray<Collection>, Unavailable> => {
    const sorted = [...new Map(found.map((one) => [one.info.id, one])).values()].sort((a, b) =>
      a.info.id < b.info.id ? -1 : 1
    )
    const { defaultCalendar } = settings
    const named = sorted.find(({ info }) => info.id === defaultCalendar || info.id === `${defaultCalendar}/`)
    if (defaultCalendar !== undefined && named === undefined && sorted.length > 0) {
      return Effect.fail(
        unavailable(
          "notACalendar",
          `The default calendar ${JSON.stringify(defaultCalendar)}: there is none, allowed is ${sorted.map(({ info }) => JSON.stringify(info.id)).join(", ")} (defaultCalendar).`
        )
      )
    }
    const chosen = named ?? sorted.find(({ info }) => !info.readOnly) ?? sorted[0]
    return Effect.succeed(
      sorted.map((one) => (one === chosen ? { ...one, info: { ...one.info, isDefault: true } } : one))
    )
  }

  return { place, list: (at: Place) => Effect.flatMap(list(at), withDefault) }
}

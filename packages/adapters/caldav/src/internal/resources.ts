/** Events as resources of a calendar: one document each, found by the event's id. */
import { CalendarError } from "@aria/connectors"
import * as Effect from "effect/Effect"
import { createHash } from "node:crypto"
import * as Result from "effect/Result"
import { parse } from "./component.ts"
import { type Collection, resourcesOf } from "./discovery.ts"
import { afterWrite, unavailable, type Unavailable } from "./failures.ts"
import { type Answer, type Call, nameOf, refusal, type Send } from "./http.ts"
import { conditionsOf, propOf } from "./multistatus.ts"
import { eventsBetween, eventsWith, eventsWithUid } from "./queries.ts"
import { uidOf } from "./readEvent.ts"
import { printInstant } from "./times.ts"
import { caldav, dav } from "./xml.ts"

export interface Resource {
  readonly url: URL
  readonly etag: string
  readonly text: string
}

/** The calendar itself is not there, or not any more. */
export class Gone {
  readonly _tag = "Gone"
  readonly why: Unavailable
  constructor(why: Unavailable) {
    this.why = why
  }
}

/** The path of an event that we make: from its id, so that two who make it at once meet at one address. */
export const addressOf = ({ url }: Collection, id: string): URL =>
  new URL(
    `${/^[A-Za-z0-9][A-Za-z0-9_.@-]{0,100}$/.test(id) ? id : createHash("sha256").update(id).digest("hex")}.ics`,
    url
  )

/** The UID in a document, where it is one. */
export const uidIn = (text: string): string | undefined => {
  const parsed = parse(text)
  const document = Result.isSuccess(parsed) ? parsed.success.find(({ name }) => name === "VCALENDAR") : undefined
  return document === undefined ? undefined : uidOf(document)
}

/** The margin for times without a zone, which servers place where they like. */
const margin = 26 * 3_600_000

const calendarType = "text/calendar; charset=utf-8"

export const makeResources = (send: Send) => {
  const query = Effect.fnUntraced(function* (
    { url }: Collection,
    body: Call["body"] & {}
  ): Effect.fn.Return<ReadonlyArray<Resource>, Unavailable | Gone> {
    const call: Call = { method: "REPORT", url, headers: { depth: "1" }, body }
    const answer = yield* send(call)
    if (answer.status === 404 || answer.status === 410) return yield* Effect.fail(new Gone(refusal(call, answer)))
    const resources = yield* resourcesOf(call, answer)
    return resources.flatMap((resource) => {
      const at = URL.parse(resource.href, answer.url.href)
      const text = propOf(resource, caldav, "calendar-data")?.text
      const etag = propOf(resource, dav, "getetag")?.text.trim()
      // nothing outside the calendar that was asked
      const inside = at !== null && at.origin === answer.url.origin
      return inside && text !== undefined && etag !== undefined && etag !== "" ? [{ url: at, etag, text }] : []
    })
  })

  /**
   * Events that may happen between two instants, in milliseconds; some that don't are among them. Recurring ones are all asked for:
   * Xandikos looks at their first occurrence only, and others have their own gaps.
   */
  const between = (calendar: Collection, from: number, to: number) => {
    // what iCalendar can write
    const clamp = (milliseconds: number) => Math.min(Math.max(milliseconds, -62_135_596_800_000), 253_402_300_799_000)
    const range = eventsBetween(printInstant(clamp(from - margin)), printInstant(clamp(to + margin)))
    return Effect.map(
      Effect.forEach([range, eventsWith("RRULE"), eventsWith("RDATE")], (body) => query(calendar, body), {
        concurrency: 3
      }),
      (lists) => [...new Map(lists.flat().map((resource) => [resource.url.href, resource])).values()]
    )
  }

  const read = Effect.fnUntraced(function* (url: URL): Effect.fn.Return<Resource | undefined, Unavailable> {
    const call: Call = { method: "GET", url }
    const answer = yield* send(call)
    if (answer.status === 404 || answer.status === 410) return undefined
    if (answer.status < 200 || answer.status > 299) return yield* refusal(call, answer)
    const etag = answer.headers["etag"]?.trim()
    if (etag === undefined || !/^\uFEFF?\s*BEGIN:VCALENDAR/i.test(answer.text)) {
      const type = answer.headers["content-type"]?.split(";")[0] ?? "no type"
      return yield* unavailable(
        "unreadable",
        `${nameOf(call)}: the server answered with ${type}${etag === undefined ? " and without an ETag" : ""}, and an event was asked for.`
      )
    }
    return { url: answer.url, etag, text: answer.text }
  })

  /** Where we would put it, and else wherever somebody else did. */
  const find = Effect.fnUntraced(function* (
    calendar: Collection,
    id: string
  ): Effect.fn.Return<Resource | undefined, Unavailable | Gone> {
    // nothing has it, and some servers stumble over looking for it
    if (id === "") return undefined
    const own = yield* read(addressOf(calendar, id))
    if (own !== undefined && uidIn(own.text) === id) return own
    const found = yield* query(calendar, eventsWithUid(id))
    return found.find(({ text }) => uidIn(text) === id)
  })

  /** What a write came to: the answer says yes, that the condition does not hold, that the place is gone, or that the id is taken. */
  const write = Effect.fnUntraced(function* (
    call: Call
  ): Effect.fn.Return<
    | { readonly _tag: "done"; readonly answer: Answer }
    | { readonly _tag: "refused" | "gone" | "taken"; readonly why: Unavailable },
    Unavailable
  > {
    const answer = yield* send(call)
    const { status, text } = answer
    if (status >= 200 && status < 300 && status !== 207) return { _tag: "done", answer }
    const why = refusal(call, answer)
    if (status === 412) return { _tag: "refused", why }
    if (status === 404 || status === 410) return { _tag: "gone", why }
    if (status === 403 || status === 409) {
      const conditions = yield* conditionsOf(text)
      if (status === 409 || conditions.includes("no-uid-conflict")) return { _tag: "taken", why }
    }
    return yield* why
  })

  /** The document as the server has it: it may have changed what it was given, and says so by giving no ETag. */
  const stored = (answer: Answer, url: URL, text: string): Effect.Effect<Resource, Unavailable> => {
    const etag = answer.headers["etag"]?.trim()
    return etag !== undefined && etag !== "" && !etag.startsWith("W/")
      ? Effect.succeed({ url, etag, text })
      : read(url).pipe(
          Effect.filterOrFail(
            (found) => found !== undefined,
            () => unavailable("status", `GET ${url.href}: the event was written and is not there.`)
          ),
          Effect.mapError(afterWrite)
        )
  }

  const put = (url: URL, text: string, condition: Readonly<Record<string, string>>) =>
    write({ method: "PUT", url, headers: condition, body: { type: calendarType, text } })

  const remove = (url: URL, etag: string) => write({ method: "DELETE", url, headers: { "if-match": etag } })

  /** Whether the server itself writes to people when an event changes (RFC 6638). */
  const schedules = (url: URL): Effect.Effect<boolean, Unavailable> =>
    Effect.map(send({ method: "OPTIONS", url }), ({ headers }) =>
      (headers["dav"] ?? "").split(",").some((token) => token.trim().toLowerCase() === "calendar-auto-schedule")
    )

  return { between, find, read, put, remove, stored, schedules }
}

export type Resources = ReturnType<typeof makeResources>

export const notFound = (calendar: Collection, id: string) =>
  new CalendarError.EventNotFoundError({ calendarId: calendar.info.id, id })

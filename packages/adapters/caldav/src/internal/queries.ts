/** What we ask servers, in XML (RFC 4791, 4918, 5397). */
import { escapeXml } from "./xml.ts"

const xml = "application/xml; charset=utf-8"

const document = (root: string, content: string) => ({
  type: xml,
  text: `<?xml version="1.0" encoding="utf-8"?>\n<${root} xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">${content}</${root}>`
})

/** What a resource is, and where its user's calendars are. */
export const whereCalendarsAre = document(
  "D:propfind",
  "<D:prop><D:resourcetype/><D:displayname/><D:current-user-principal/><D:current-user-privilege-set/><C:calendar-home-set/><C:supported-calendar-component-set/></D:prop>"
)

export const whatCalendarsAreLike = document(
  "D:propfind",
  "<D:prop><D:resourcetype/><D:displayname/><D:current-user-privilege-set/><C:supported-calendar-component-set/></D:prop>"
)

const events = (filter: string) =>
  document(
    "C:calendar-query",
    `<D:prop><D:getetag/><C:calendar-data/></D:prop><C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">${filter}</C:comp-filter></C:comp-filter></C:filter>`
  )

/** In the form of iCalendar: 20261123T000000Z. */
export const eventsBetween = (start: string, end: string) => events(`<C:time-range start="${start}" end="${end}"/>`)

/** Servers look for the text anywhere in the UID, and some without regard to case: compare what comes. */
export const eventsWithUid = (uid: string) =>
  events(`<C:prop-filter name="UID"><C:text-match collation="i;octet">${escapeXml(uid)}</C:text-match></C:prop-filter>`)

/** All that recur: servers are not equally good at finding out when. */
export const eventsWith = (property: "RRULE" | "RDATE") => events(`<C:prop-filter name="${property}"/>`)

/** ATTENDEE and ORGANIZER ↔ people of the contract. */
import type { CalendarEvent } from "@aria/connectors"
import * as Equal from "effect/Equal"
import { type Line, line, param } from "./contentLine.ts"

const statuses = {
  needsAction: "NEEDS-ACTION",
  accepted: "ACCEPTED",
  declined: "DECLINED",
  tentative: "TENTATIVE",
  delegated: "DELEGATED"
} as const

const roles = {
  chair: "CHAIR",
  required: "REQ-PARTICIPANT",
  optional: "OPT-PARTICIPANT",
  nonParticipant: "NON-PARTICIPANT"
} as const

const keyOf = <K extends string>(table: Readonly<Record<K, string>>, value: string | undefined): K | undefined =>
  (Object.keys(table) as Array<K>).find((key) => table[key] === value?.toUpperCase())

const decode = (address: string): string => {
  try {
    return decodeURIComponent(address)
  } catch {
    return address
  }
}

/** Where the address is not mailto:, some servers add the parameter EMAIL (RFC 7986). */
const emailOf = (from: Line): string | undefined => {
  const [, address] = /^mailto:(.+)$/is.exec(from.value.trim()) ?? []
  return address === undefined ? param(from, "EMAIL") : decode(address.replace(/\?.*$/s, ""))
}

/** RFC 6068: what may not stand in the address of a URI, letters beyond ASCII among it, in percent and UTF-8. */
const mailto = (email: string): string =>
  `mailto:${email.replace(/[^A-Za-z0-9@.!$'*+_~-]/gu, (char) => encodeURIComponent(char))}`

/** Undefined for somebody without an address, such as a room that only its server knows. */
export const readAttendee = (from: Line): CalendarEvent.Attendee | undefined => {
  const email = emailOf(from)
  const name = param(from, "CN")
  const status = keyOf(statuses, param(from, "PARTSTAT"))
  const role = keyOf(roles, param(from, "ROLE"))
  return email === undefined || email === ""
    ? undefined
    : {
        email,
        ...(name === undefined ? {} : { name }),
        ...(status === undefined ? {} : { status }),
        ...(role === undefined ? {} : { role })
      }
}

export const readOrganizer = (
  from: Line | undefined
): { readonly email: string; readonly name?: string } | undefined => {
  if (from === undefined) return undefined
  const email = emailOf(from)
  const name = param(from, "CN")
  return email === undefined || email === "" ? undefined : { email, ...(name === undefined ? {} : { name }) }
}

/** Whether the server takes it on itself to write to people: only where nobody told it not to (RFC 6638 §7.1). */
export const isScheduledByServer = (from: Line): boolean =>
  (param(from, "SCHEDULE-AGENT") ?? "SERVER").toUpperCase() === "SERVER"

/** Other parameters of the line that stood there stay: delegations, kinds, what other programs know. */
const withParams = (old: Line | undefined, made: Line, ours: ReadonlyArray<string>): Line => ({
  ...made,
  params: [...made.params, ...(old?.params ?? []).filter(({ name }) => !ours.includes(name))]
})

/** With `agent` the server is told not to write to them. */
const agentOf = (scheduling: "none" | "server") => (scheduling === "none" ? "CLIENT" : undefined)

export const attendeeLines = (
  attendees: ReadonlyArray<CalendarEvent.Attendee>,
  before: ReadonlyArray<Line>,
  scheduling: "none" | "server"
): ReadonlyArray<Line> => {
  // somebody that we cannot name was not removed by leaving them out
  const nameless = before.filter((old) => readAttendee(old) === undefined)
  const known = before.filter((old) => readAttendee(old) !== undefined)
  const lines = attendees.map((attendee) => {
    const index = known.findIndex((old) => emailOf(old)?.toLowerCase() === attendee.email.toLowerCase())
    const [old] = index < 0 ? [] : known.splice(index, 1)
    if (old !== undefined && Equal.equals(readAttendee(old), attendee)) return old
    const made = line("ATTENDEE", mailto(attendee.email), {
      CN: attendee.name,
      PARTSTAT: attendee.status === undefined ? undefined : statuses[attendee.status],
      ROLE: attendee.role === undefined ? undefined : roles[attendee.role],
      "SCHEDULE-AGENT": old === undefined ? agentOf(scheduling) : undefined
    })
    return withParams(old, made, ["CN", "PARTSTAT", "ROLE", "EMAIL"])
  })
  return [...lines, ...nameless]
}

export const organizerLine = (
  organizer: { readonly email: string; readonly name?: string },
  old: Line | undefined,
  scheduling: "none" | "server"
): Line =>
  withParams(
    emailOf(old ?? line("ORGANIZER", "")) === organizer.email ? old : undefined,
    line("ORGANIZER", mailto(organizer.email), {
      CN: organizer.name,
      "SCHEDULE-AGENT": old === undefined ? agentOf(scheduling) : undefined
    }),
    ["CN", "EMAIL"]
  )

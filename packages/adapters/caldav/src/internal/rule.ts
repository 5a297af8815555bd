/** RRULE (RFC 5545 §3.3.10) ↔ the rules of the contract. */
import { EventTime, RecurrenceRule } from "@aria/connectors"
import * as Schema from "effect/Schema"
import { line } from "./contentLine.ts"
import { type Context, localIn, printInstant, readTime, Unreadable } from "./times.ts"
import { instantOf } from "./wallClock.ts"

const lists = {
  BYMONTH: "byMonth",
  BYWEEKNO: "byWeekNo",
  BYYEARDAY: "byYearDay",
  BYMONTHDAY: "byMonthDay",
  BYHOUR: "byHour",
  BYMINUTE: "byMinute",
  BYSECOND: "bySecond",
  BYSETPOS: "bySetPos"
} as const

const isList = (part: string): part is keyof typeof lists => part in lists

const isWeekday = Schema.is(RecurrenceRule.Weekday)
const isFrequency = Schema.is(RecurrenceRule.Frequency)

const whole = (part: string, text: string): number => {
  if (!/^[+-]?\d{1,9}$/.test(text)) throw new Unreadable(`RRULE has ${part}=${text.slice(0, 60)}, which is no number`)
  return Number(text)
}

const readDay = (text: string): RecurrenceRule.ByDay => {
  const [, ordinal, day = ""] = /^([+-]?\d{1,2})?([A-Z]{2})$/.exec(text) ?? []
  if (!isWeekday(day)) throw new Unreadable(`RRULE has BYDAY=${text.slice(0, 60)}, which is no weekday`)
  return ordinal === undefined ? { day } : { day, ordinal: Number(ordinal) }
}

const readUntil = (text: string, start: EventTime.EventTime, context: Context): string => {
  const until = readTime(line("UNTIL", text), { ...context, floatingZone: "zone" in start ? start.zone : "UTC" })
  // a day where a time is due: all of that day
  return localIn(start, until) ?? `${EventTime.local(until)}T23:59:59`
}

/** Parts that we have no words for would change what the rule means, so they are not passed over. */
export const readRule = (
  value: string,
  start: EventTime.EventTime,
  context: Context
): RecurrenceRule.RecurrenceRule => {
  let frequency: RecurrenceRule.Frequency | undefined
  const rest: {
    -readonly [K in Exclude<keyof RecurrenceRule.RecurrenceRule, "frequency">]?: RecurrenceRule.RecurrenceRule[K]
  } = {}
  for (const text of value.trim().toUpperCase().split(";")) {
    const [part = "", given = ""] = text.split("=")
    const values = given.split(",").map((item) => item.trim())
    if (part === "FREQ") {
      const name = given.toLowerCase()
      if (!isFrequency(name)) throw new Unreadable(`RRULE has FREQ=${given.slice(0, 60)}, which is none`)
      frequency = name
    } else if (part === "INTERVAL") rest.interval = whole(part, given)
    else if (part === "COUNT") rest.count = whole(part, given)
    else if (part === "UNTIL") rest.until = readUntil(given, start, context)
    else if (part === "BYDAY") rest.byDay = values.map(readDay)
    else if (part === "WKST") {
      if (!isWeekday(given)) throw new Unreadable(`RRULE has WKST=${given.slice(0, 60)}, which is no weekday`)
      rest.weekStart = given
    } else if (isList(part)) rest[lists[part]] = values.map((item) => whole(part, item))
    else if (part !== "" && text !== "RSCALE=GREGORIAN" && text !== "SKIP=OMIT") {
      throw new Unreadable(`RRULE has ${text.slice(0, 60)}, which is not known`)
    }
  }
  if (frequency === undefined) throw new Unreadable("RRULE has no FREQ")
  return { frequency, ...rest }
}

/** In UTC for timed events, as §3.3.10 wants it. */
const printUntil = (until: string, start: EventTime.EventTime): string =>
  EventTime.isAllDay(start) ? until.replaceAll("-", "") : printInstant(instantOf(until, start.zone))

export const printRule = (rule: RecurrenceRule.RecurrenceRule, start: EventTime.EventTime): string => {
  const parts: ReadonlyArray<readonly [string, number | string | undefined]> = [
    ["FREQ", rule.frequency.toUpperCase()],
    ["INTERVAL", rule.interval],
    ["COUNT", rule.count],
    ["UNTIL", rule.until === undefined ? undefined : printUntil(rule.until, start)],
    ...Object.entries(lists).map(([part, field]) => [part, rule[field]?.join()] as const),
    ["BYDAY", rule.byDay?.map(({ day, ordinal }) => `${ordinal ?? ""}${day}`).join()],
    ["WKST", rule.weekStart]
  ]
  return parts.flatMap(([part, value]) => (value === undefined ? [] : [`${part}=${value}`])).join(";")
}

import type { RecurrenceRule, Weekday } from "@aria/connectors/RecurrenceRule"

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

const isFrequency = (text: string): text is RecurrenceRule["frequency"] =>
  ["yearly", "monthly", "weekly", "daily", "hourly", "minutely", "secondly"].includes(text)
const isWeekday = (text: string): text is Weekday => ["MO", "TU", "WE", "TH", "FR", "SA", "SU"].includes(text)

/** `19971224T000000` or `19971224` as we write it. */
export const localText = (text: string): string =>
  text.replace(/^(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2})Z?)?$/, (_, y, m, d, h, min, s) =>
    h === undefined ? `${y}-${m}-${d}` : `${y}-${m}-${d}T${h}:${min}:${s}`
  )

/** A rule from iCalendar's text; `UNTIL` is taken as wall-clock time. Throws at what it does not know. */
export const readRule = (text: string): RecurrenceRule => {
  const parts = new Map(text.split(";").map((part) => [part.slice(0, part.indexOf("=")).toUpperCase(), part.slice(part.indexOf("=") + 1)]))
  const frequency = (parts.get("FREQ") ?? "").toLowerCase()
  if (!isFrequency(frequency)) throw new Error(`no frequency in ${text}`)
  const rule: { -readonly [K in keyof RecurrenceRule]: RecurrenceRule[K] } = { frequency }
  for (const [name, value] of parts) {
    if (name === "FREQ") continue
    if (name === "INTERVAL") rule.interval = Number(value)
    else if (name === "COUNT") rule.count = Number(value)
    else if (name === "UNTIL") rule.until = localText(value)
    else if (name === "WKST" && isWeekday(value)) rule.weekStart = value
    else if (name === "BYDAY") {
      rule.byDay = value.split(",").map((one) => {
        const [, ordinal, day] = /^([+-]?\d+)?([A-Z]{2})$/.exec(one) ?? []
        if (day === undefined || !isWeekday(day)) throw new Error(`no weekday: ${one}`)
        return ordinal === undefined ? { day } : { day, ordinal: Number(ordinal) }
      })
    } else {
      const list = Object.entries(lists).find(([key]) => key === name)?.[1]
      if (list === undefined) throw new Error(`unknown part ${name} of ${text}`)
      rule[list] = value.split(",").map(Number)
    }
  }
  return rule
}

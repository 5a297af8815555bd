/** What is to be done about a brief: for each company with news a meeting in the next free slot, and a lead. Pure. */
import { Calendar, CalendarEvent, FreeBusy } from "@aria/connectors"
import type { CalendarWrite, CrmWrite, Operator } from "@aria/agents-operator"
import * as DateTime from "effect/DateTime"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type * as Brief from "./Brief.ts"

/** What follow-ups are looked for with. */
export const Settings = Schema.Struct({
  /** For how many companies at most, those with the clearest news first. */
  count: Schema.Natural,
  /** Meetings begin on a later day than this. */
  from: Schema.DateTimeUtcFromString,
  /** Whose working hours they are in. */
  zone: Schema.String
})
export type Settings = typeof Settings.Type

/** Marks leads that the demo made. */
export const source = "ARIA demo"

/** How far ahead the calendar is read, in days, and how long a meeting is. */
export const days = 28
const duration = "30 minutes"

const titleOf = (company: string): string => `Follow up: ${company}`

export const day = (settings: Settings, plus: number): string =>
  DateTime.formatIsoDate(DateTime.add(DateTime.setZone(settings.from, DateTime.zoneMakeNamedUnsafe(settings.zone)), { days: plus }))

interface News {
  readonly company: string
  readonly statement: Brief.Statement
}

/** The companies with the clearest news, one statement each. */
export const picks = (brief: Brief.Success, count: number): ReadonlyArray<News> =>
  brief.companies
    .map(({ company, statements }) => ({
      company,
      statement: statements.reduce((best, statement) => (statement.score > best.score ? statement : best))
    }))
    .sort((a, b) => b.statement.score - a.statement.score || (a.company < b.company ? -1 : 1))
    .slice(0, count)

const because = ({ statement }: News): string =>
  [statement.text, `"${statement.quote.text}"`, ...statement.sources.map(({ url }) => url).filter((url) => url !== undefined)].join("\n")

const local = (time: DateTime.Utc, zone: string): CalendarEvent.Draft["start"] => ({
  dateTime: DateTime.formatIso(DateTime.setZone(time, DateTime.zoneMakeNamedUnsafe(zone))).slice(0, 19),
  zone
})

/** Meetings that the calendar does not have yet, each in a slot that is free and that none before it takes. */
export const meetings = (
  brief: Brief.Success,
  agenda: ReadonlyArray<Calendar.Listing["occurrences"][number]>,
  settings: Settings
): ReadonlyArray<{ readonly operationType: "calendar_write"; readonly parameters: CalendarWrite.Create }> => {
  const { count, from, zone } = settings
  const taken = [...FreeBusy.busy(agenda)]
  const planned = new Set(agenda.map(({ title }) => title))
  const tomorrow = DateTime.startOf(DateTime.add(DateTime.setZone(from, DateTime.zoneMakeNamedUnsafe(zone)), { days: 1 }), "day")
  const to = DateTime.add(tomorrow, { days: days - 1 })
  return picks(brief, count)
    .filter(({ company }) => !planned.has(titleOf(company)))
    .flatMap((news) => {
      const found = FreeBusy.firstFreeSlot({ busy: taken, duration, within: { from: tomorrow, to, zone }, workingHours: { from: "09:00", to: "17:00" }, step: duration })
      const slot = Option.getOrUndefined(Result.getOrThrow(found))
      if (slot === undefined) return []
      taken.push(slot)
      const event = { title: titleOf(news.company), description: because(news), start: local(slot.start, zone), end: local(slot.end, zone) }
      return [{ operationType: "calendar_write", parameters: { action: "create", event, key: news.company } } as const]
    })
}

/** Leads that the CRM does not have yet. */
export const leads = (
  brief: Brief.Success,
  known: ReadonlyArray<string>,
  { count }: Settings
): ReadonlyArray<{ readonly operationType: "crm_write"; readonly parameters: CrmWrite.Create }> =>
  picks(brief, count)
    .filter(({ company }) => !known.includes(company))
    .map(({ company, statement }) => ({
      operationType: "crm_write",
      parameters: {
        action: "create",
        recordType: "lead",
        record: { name: `${company}: ${statement.text}`.slice(0, 200), status: "new", company, source },
        key: company
      }
    }))

/** The company that a follow-up is about is what its action is known by: one of each kind. */
export const companyOf = ({ parameters }: Operator.Payload): string => ("key" in parameters ? (parameters.key ?? "") : "")

/** The companies of leads that were read. */
export const companiesOf = (read: Operator.Success): ReadonlyArray<string> =>
  read.operationType === "crm_read" && read.recordType === "lead" ? read.records.flatMap(({ company }) => (company === null ? [] : [company])) : []

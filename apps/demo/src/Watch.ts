/** The plan of the demo: one Scout a company, a brief of what they found, and what is to be done about it. */
import { Operator } from "@aria/agents-operator"
import { Entity, Scout } from "@aria/agents-scout"
import { Plan, Task } from "@aria/orchestrator-core"
import * as Schema from "effect/Schema"
import { Brief } from "./Brief.ts"
import * as FollowUps from "./FollowUps.ts"

export const Input = Schema.Struct({
  companies: Schema.NonEmptyArray(Entity.Entity),
  minScore: Schema.Finite,
  since: Schema.UndefinedOr(Schema.DateTimeUtcFromString),
  now: Schema.UndefinedOr(Schema.DateTimeUtcFromString),
  followUps: FollowUps.Settings
})

/**
 * Scout looks for each company, side by side; when all have ended, one brief tells what they found. Meanwhile Operator reads the
 * calendar and the CRM, and then writes what is to follow from the brief, each write after it was approved.
 */
export const Watch = Plan.make("watch", { version: "2", input: Input }, ({ companies, followUps, minScore, now, since }) => {
  const signals = Task.forEach("signals", Scout.Scout, {
    items: () => companies.map((company) => ({ entities: [company] as const, minScore, now, since })),
    key: ({ entities: [company] }) => Entity.nameOf(company)
  })
  const brief = Task.make("brief", Brief, {
    dependsOn: [signals],
    payload: ({ signals }) => ({ companies: companies.map(Entity.nameOf), found: signals })
  })
  if (followUps.count === 0) return [brief]
  const agenda = Task.make("agenda", Operator.Operator, {
    payload: {
      operationType: "calendar_read",
      parameters: { startDate: FollowUps.day(followUps, 0), endDate: FollowUps.day(followUps, FollowUps.days), zone: followUps.zone }
    }
  })
  const known = Task.make("leads", Operator.Operator, {
    payload: { operationType: "crm_read", parameters: { recordType: "lead", where: { source: { eq: FollowUps.source } } } }
  })
  const meetings = Task.forEach("meeting", Operator.Operator, {
    dependsOn: [brief, agenda],
    items: ({ agenda, brief }) => FollowUps.meetings(brief, agenda.operationType === "calendar_read" ? agenda.events : [], followUps),
    key: FollowUps.companyOf
  })
  const leads = Task.forEach("lead", Operator.Operator, {
    dependsOn: [brief, known],
    items: ({ brief, leads }) => FollowUps.leads(brief, FollowUps.companiesOf(leads), followUps),
    key: FollowUps.companyOf
  })
  return [brief, meetings, leads]
})

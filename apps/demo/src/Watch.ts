/** The plan of the demo: one Scout a company, a brief of what they found by Scribe, and what is to be done about it. */
import { Operator } from "@aria/agents-operator"
import { Entity, Scout } from "@aria/agents-scout"
import { Scribe } from "@aria/agents-scribe"
import { Plan, Task } from "@aria/orchestrator-core"
import * as Schema from "effect/Schema"
import { Brief } from "./Brief.ts"
import * as BriefRequest from "./BriefRequest.ts"
import * as FollowUps from "./FollowUps.ts"

export const Input = Schema.Struct({
  companies: Schema.NonEmptyArray(Entity.Entity),
  minScore: Schema.Finite,
  since: Schema.UndefinedOr(Schema.DateTimeUtcFromString),
  now: Schema.UndefinedOr(Schema.DateTimeUtcFromString),
  followUps: FollowUps.Settings,
  /** Who writes the brief. */
  writer: BriefRequest.Writer
})

/**
 * Scout looks for each company, side by side; when all have ended, what they found is put in order, and Scribe writes the brief of it.
 * Meanwhile Operator reads the calendar and the CRM, and then writes what is to follow from the findings, each write after it was approved.
 */
export const Watch = Plan.make("watch", { version: "3", input: Input }, ({ companies, followUps, minScore, now, since, writer }) => {
  const signals = Task.forEach("signals", Scout.Scout, {
    items: () => companies.map((company) => ({ entities: [company] as const, minScore, now, since })),
    key: ({ entities: [company] }) => Entity.nameOf(company)
  })
  const findings = Task.make("findings", Brief, {
    dependsOn: [signals],
    payload: ({ signals }) => ({ companies: companies.map(Entity.nameOf), found: signals })
  })
  const brief = Task.make("brief", Scribe.Scribe, {
    dependsOn: [findings],
    payload: ({ findings }) => BriefRequest.of(findings, writer)
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
    dependsOn: [findings, agenda],
    items: ({ agenda, findings }) => FollowUps.meetings(findings, agenda.operationType === "calendar_read" ? agenda.events : [], followUps),
    key: FollowUps.companyOf
  })
  const leads = Task.forEach("lead", Operator.Operator, {
    dependsOn: [findings, known],
    items: ({ findings, leads }) => FollowUps.leads(findings, FollowUps.companiesOf(leads), followUps),
    key: FollowUps.companyOf
  })
  return [brief, meetings, leads]
})

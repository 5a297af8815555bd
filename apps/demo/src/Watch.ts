/** The plan of the demo: one Scout a company, a brief of what they found by Scribe, and what is to be done about it. */
import { Operator } from "@aria/agents-operator"
import { Entity, Scout } from "@aria/agents-scout"
import { Scribe } from "@aria/agents-scribe"
import { type Agent, Plan, Task } from "@aria/orchestrator-core"
import type * as Effect from "effect/Effect"
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

/** What the tasks need in order to be carried out. */
export type Provided = Agent.Services<typeof Scout.Scout> | Agent.Services<typeof Brief> | Agent.Services<typeof Scribe.Scribe> | Agent.Services<typeof Operator.Operator>

/** Where the agents are called: with what is around the plan, or with what its input says. */
export interface Place<R> {
  readonly policy: <A, E>(call: Effect.Effect<A, E, Provided>) => Effect.Effect<A, E, R>
  /** What else than its payload an agent's result may depend on: where it reads, writes or acts. */
  readonly versions: { readonly reading: string; readonly writing: string; readonly acting: string }
}

/**
 * Scout looks for each company, side by side; when all have ended, what they found is put in order, and Scribe writes the brief of it.
 * Meanwhile Operator reads the calendar and the CRM, and then writes what is to follow from the findings, each write after it was approved.
 */
export const tasks = <R>({ companies, followUps, minScore, now, since, writer }: typeof Input.Type, { policy, versions }: Place<R>) => {
  const signals = Task.forEach("signals", Scout.Scout, {
    policy,
    policyVersion: versions.reading,
    items: () => companies.map((company) => ({ entities: [company] as const, minScore, now, since })),
    key: ({ entities: [company] }) => Entity.nameOf(company)
  })
  const findings = Task.make("findings", Brief, {
    policy,
    dependsOn: [signals],
    payload: ({ signals }) => ({ companies: companies.map(Entity.nameOf), found: signals })
  })
  const brief = Task.make("brief", Scribe.Scribe, {
    policy,
    policyVersion: versions.writing,
    dependsOn: [findings],
    payload: ({ findings }) => BriefRequest.of(findings, writer)
  })
  if (followUps.count === 0) return [brief] as const
  const agenda = Task.make("agenda", Operator.Operator, {
    policy,
    policyVersion: versions.acting,
    payload: {
      operationType: "calendar_read",
      parameters: { startDate: FollowUps.day(followUps, 0), endDate: FollowUps.day(followUps, FollowUps.days), zone: followUps.zone }
    }
  })
  const known = Task.make("leads", Operator.Operator, {
    policy,
    policyVersion: versions.acting,
    payload: { operationType: "crm_read", parameters: { recordType: "lead", where: { source: { eq: FollowUps.source } } } }
  })
  const meetings = Task.forEach("meeting", Operator.Operator, {
    policy,
    policyVersion: versions.acting,
    dependsOn: [findings, agenda],
    items: ({ agenda, findings }) => FollowUps.meetings(findings, agenda.operationType === "calendar_read" ? agenda.events : [], followUps),
    key: FollowUps.companyOf
  })
  const leads = Task.forEach("lead", Operator.Operator, {
    policy,
    policyVersion: versions.acting,
    dependsOn: [findings, known],
    items: ({ findings, leads }) => FollowUps.leads(findings, FollowUps.companiesOf(leads), followUps),
    key: FollowUps.companyOf
  })
  return [brief, meetings, leads] as const
}

/** The plan in memory: all that its tasks need is around it. */
export const Watch = Plan.make("watch", { version: "3", input: Input }, (input) =>
  tasks<Provided>(input, { policy: (call) => call, versions: { reading: "1", writing: "1", acting: "1" } })
)

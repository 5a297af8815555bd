import * as DateTime from "effect/DateTime"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { Request } from "../Approval.ts"
import type { ApprovalPolicy, Hours, Rule } from "../ApprovalPolicy.ts"
import { issues } from "./handler.ts"
import { isKind } from "./kinds.ts"

interface Problem {
  readonly path: string
  readonly received: string
  readonly allowed: string
}

const clock = /^([01]\d|2[0-3]):([0-5]\d)$/
/** Minutes since midnight. */
const minutes = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3))

/** Everything in a policy that cannot hold as it was meant. */
export const check = (schema: Schema.Codec<ApprovalPolicy, unknown>, policy: ApprovalPolicy): ReadonlyArray<Problem> => {
  const decoded = Schema.decodeUnknownResult(schema, { onExcessProperty: "error", errors: "all" })(policy)
  if (Result.isFailure(decoded)) {
    return issues(decoded.failure.issue).map(({ message, path }) => ({
      path: path.join(".") || "the policy",
      received: "something else",
      allowed: message
    }))
  }
  return policy.rules.flatMap((rule, position) => {
    const at = `rules.${position}`
    const problems: Array<Problem> = []
    const refuse = (field: string, received: unknown, allowed: string) =>
      problems.push({ path: `${at}.${field}`, received: JSON.stringify(received) ?? String(received), allowed })
    for (const field of ["kinds", "users", "recipientDomains", "recipientDomainsNot"] as const) {
      const list = rule[field]
      if (list === undefined) continue
      if (list.length === 0) refuse(field, list, "at least one, or to leave the field out")
      for (const text of list) if (text.trim() === "" || text !== text.trim()) refuse(field, text, "a text that is not blank and has no space around it")
    }
    for (const pattern of rule.kinds ?? []) {
      if (pattern !== "*" && pattern.replace(/\.\*$/, "").includes("*")) refuse("kinds", pattern, 'a kind, a prefix such as "calendar.*", or "*"')
    }
    for (const domain of [...(rule.recipientDomains ?? []), ...(rule.recipientDomainsNot ?? [])]) {
      if (domain.includes("@") || domain.replace(/^\*\./, "").includes("*")) refuse("recipientDomains", domain, 'a domain such as "example.com" or "*.example.com"')
    }
    for (const field of ["amountAtMost", "amountOver"] as const) {
      const amount = rule[field]
      if (amount !== undefined && !(amount >= 0)) refuse(field, amount, "US dollars from 0")
    }
    if (rule.hours !== undefined) {
      const { days, from, to, zone } = rule.hours
      if (!clock.test(from)) refuse("hours.from", from, '"HH:MM" from 00:00 to 23:59')
      if (!clock.test(to) && to !== "24:00") refuse("hours.to", to, '"HH:MM" from 00:00 to 24:00')
      if (clock.test(from) && from === to) refuse("hours.to", to, "another time than hours.from")
      if (Option.isNone(DateTime.zoneMakeNamed(zone))) refuse("hours.zone", zone, 'an IANA time zone such as "Europe/Berlin"')
      if (days !== undefined && (days.length === 0 || days.some((day) => day < 1 || day > 7))) refuse("hours.days", days, "days from 1 (Monday) to 7 (Sunday)")
    }
    return problems
  })
}

const domainOf = (address: string): string => address.slice(address.lastIndexOf("@") + 1).replace(/[>\s.]+$/, "").toLowerCase()

const isIn = (domains: ReadonlyArray<string>, address: string): boolean => {
  const domain = domainOf(address)
  return domains.some((one) => {
    const wanted = one.toLowerCase()
    return wanted.startsWith("*.") ? domain === wanted.slice(2) || domain.endsWith(wanted.slice(1)) : domain === wanted
  })
}

const during = ({ days, from, to, zone }: Hours, now: number): boolean => {
  const { hour, minute, weekDay } = DateTime.toParts(DateTime.makeZonedUnsafe(now, { timeZone: zone }))
  const time = hour * 60 + minute
  const today = weekDay === 0 ? 7 : weekDay
  const on = (day: number) => days === undefined || days.includes(day)
  const start = minutes(from)
  const end = minutes(to)
  if (start < end) return on(today) && time >= start && time < end
  // Over midnight: what is left of the span belongs to the day before.
  return (time >= start && on(today)) || (time < end && on(today === 1 ? 7 : today - 1))
}

/** Whether all that a rule names holds for a request. */
export const matches = (rule: Rule, request: Request, now: number): boolean => {
  const quantify = (holds: (address: string) => boolean): boolean =>
    request.recipients.length > 0 && (rule.effect === "allow" ? request.recipients.every(holds) : request.recipients.some(holds))
  if (rule.kinds !== undefined && !rule.kinds.some((pattern) => isKind(pattern, request.kind))) return false
  if (rule.users !== undefined && !rule.users.includes(request.userId)) return false
  const { amountAtMost, amountOver, hours, recipientDomains, recipientDomainsNot } = rule
  if (recipientDomains !== undefined && !quantify((address) => isIn(recipientDomains, address))) return false
  if (recipientDomainsNot !== undefined && !quantify((address) => !isIn(recipientDomainsNot, address))) return false
  if (amountAtMost !== undefined && !(request.amount !== undefined && request.amount <= amountAtMost)) return false
  if (amountOver !== undefined && !(request.amount !== undefined && request.amount > amountOver)) return false
  return hours === undefined || during(hours, now)
}

import * as DateTime from "effect/DateTime"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { Request } from "../Approval.ts"
import type { ApprovalPolicy, Hours, Rule } from "../ApprovalPolicy.ts"
import { issues } from "./issue.ts"
import { isKind, isPattern } from "./kinds.ts"

interface Problem {
  readonly path: string
  readonly received: string
  readonly allowed: string
}

const clock = /^([01]\d|2[0-3]):([0-5]\d)$/
/** Minutes since midnight. */
const minutes = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3))

const shown = (value: unknown): string => (value === undefined ? "nothing" : typeof value === "number" ? String(value) : (JSON.stringify(value) ?? String(value)))

const valueAt = (value: unknown, path: ReadonlyArray<string | number>): unknown =>
  path.reduce<unknown>((at, key) => (Predicate.hasProperty(at, key) ? at[key] : undefined), value)

/** A name with all that is beneath it, or without; anything else would never hold. */
const domainPattern = /^(\*\.)?[^\s.@*/:?#\\]+(\.[^\s.@*/:?#\\]+)*$/

interface Schemas {
  readonly policy: Schema.Codec<ApprovalPolicy, unknown>
  readonly rule: Schema.Codec<Rule, unknown>
}

const strict = { onExcessProperty: "error", errors: "all" } as const

/** Everything in a policy that cannot hold as it was meant. */
export const check = (schemas: Schemas, policy: unknown): ReadonlyArray<Problem> => {
  const decoded = Schema.decodeUnknownResult(schemas.policy, strict)(policy)
  const shape = Result.isSuccess(decoded)
    ? []
    : issues(decoded.failure.issue).map(({ message, path }) => ({
        path: path.join(".") || "the policy",
        received: shown(valueAt(policy, path)),
        allowed: message.replace(/^Expected /, "")
      }))
  const rules = valueAt(policy, ["rules"])
  return shape.concat(
    (Array.isArray(rules) ? rules : []).flatMap((rule: unknown, position) => {
      const one = Schema.decodeUnknownResult(schemas.rule, strict)(rule)
      return Result.isSuccess(one) ? meaning(one.success, position) : []
    })
  )
}

/** What a rule says that can never be so. */
const meaning = (rule: Rule, position: number): ReadonlyArray<Problem> => {
  const at = `rules.${position}`
  const problems: Array<Problem> = []
  const refuse = (field: string, received: unknown, allowed: string) =>
    problems.push({ path: `${at}.${field}`, received: shown(received), allowed })
  for (const field of ["kinds", "users", "recipientDomains", "recipientDomainsNot"] as const) {
    const list = rule[field]
    if (list?.length === 0) refuse(field, list, "at least one, or to leave the field out")
  }
  for (const user of rule.users ?? []) {
    if (user.trim() === "" || user !== user.trim()) refuse("users", user, "a text that is not blank and has no space around it")
  }
  for (const pattern of rule.kinds ?? []) {
    if (!isPattern(pattern)) refuse("kinds", pattern, 'a kind, a prefix such as "calendar.*", or "*"')
  }
  for (const field of ["recipientDomains", "recipientDomainsNot"] as const) {
    for (const domain of rule[field] ?? []) {
      if (!domainPattern.test(domain)) refuse(field, domain, 'a domain such as "example.com" or "*.example.com"')
    }
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
}

interface Url {
  readonly hostname: string
}
/** Every runtime has it, and the language's own types do not. */
const { URL } = globalThis as unknown as { readonly URL: { new (text: string): Url; canParse(text: string): boolean } }

/** As it is looked up: no case, no final dot, letters of other scripts in their ASCII form. */
const lookedUp = (domain: string): string => {
  const name = domain.replace(/\.+$/, "").toLowerCase()
  return /[/:?#\\]/.test(name) || !URL.canParse(`http://${name}`) ? name : new URL(`http://${name}`).hostname
}

/** The domains of all addresses in a text, be it with a name, in brackets, or a list of them; none where it has no address. */
const domainsOf = (recipient: string): ReadonlyArray<string> =>
  Array.from(recipient.matchAll(/@\s*([^\s@<>()[\]",;]+)/g), ([, domain]) => lookedUp(domain!))

const isIn = (wanted: ReadonlyArray<string>) => {
  const names = wanted.map((one) => ({ beneath: one.startsWith("*."), name: lookedUp(one.replace(/^\*\./, "")) }))
  return (domain: string): boolean => names.some(({ beneath, name }) => domain === name || (beneath && domain.endsWith(`.${name}`)))
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
  if (rule.kinds !== undefined && !rule.kinds.some((pattern) => isKind(pattern, request.kind))) return false
  if (rule.users !== undefined && !rule.users.includes(request.userId)) return false
  const { amountAtMost, amountOver, hours, recipientDomains, recipientDomainsNot } = rule
  // An `allow` must know where everything goes; for the others one address that is meant is enough.
  const addressed = (isMeant: (domain: string) => boolean, stranger: boolean): boolean => {
    const domains = request.recipients.map(domainsOf)
    if (rule.effect === "allow") return domains.length > 0 && domains.every((all) => all.length > 0 && all.every(isMeant))
    return domains.some((all) => (all.length === 0 ? stranger : all.some(isMeant)))
  }
  if (recipientDomains !== undefined && !addressed(isIn(recipientDomains), false)) return false
  if (recipientDomainsNot !== undefined) {
    const known = isIn(recipientDomainsNot)
    if (!addressed((domain) => !known(domain), true)) return false
  }
  if (amountAtMost !== undefined && !(request.amount !== undefined && request.amount <= amountAtMost)) return false
  if (amountOver !== undefined && !(request.amount !== undefined && request.amount > amountOver)) return false
  return hours === undefined || during(hours, now)
}

/**
 * Rules, as data, for what may be done without asking, what must be asked, and what is never done.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { Request } from "./Approval.ts"
import { check, matches } from "./internal/approvalRules.ts"

/**
 * What a rule says: do it, ask a person, never do it.
 *
 * @category models
 * @since 0.1.0
 */
export const Effects = Schema.Literals(["allow", "ask", "deny"])
/**
 * @category models
 * @since 0.1.0
 */
export type Effects = typeof Effects.Type

/**
 * When a rule holds, in the wall-clock time of a zone. A span whose end is not after its start goes over midnight; its
 * days are those on which it starts.
 *
 * @category models
 * @since 0.1.0
 */
export const Hours = Schema.Struct({
  /** `"HH:MM"`, inclusive. */
  from: Schema.String,
  /** `"HH:MM"`, exclusive; `"24:00"` is the end of the day. */
  to: Schema.String,
  /** An IANA name such as `"Europe/Berlin"`. */
  zone: Schema.String,
  /** 1 is Monday, 7 is Sunday; every day where it is left out. */
  days: Schema.optionalKey(Schema.Array(Schema.Int))
})
/**
 * @category models
 * @since 0.1.0
 */
export type Hours = typeof Hours.Type

/**
 * One rule: it holds for a request where all of what it names does. What a request does not say (no amount, no recipient)
 * satisfies nothing that is asked of it.
 *
 * @category models
 * @since 0.1.0
 */
export const Rule = Schema.Struct({
  effect: Effects,
  /** What people read of it; its position where it is left out. */
  name: Schema.optionalKey(Schema.String),
  /** Kinds; `"calendar.*"` is all that start so, `"*"` is all. */
  kinds: Schema.optionalKey(Schema.Array(Schema.String)),
  users: Schema.optionalKey(Schema.Array(Schema.String)),
  /**
   * Domains of the recipients' addresses, `"example.com"`, or with all beneath it `"*.example.com"`. An `allow` needs every
   * recipient in one of them; for `ask` and `deny` one address of one recipient is enough.
   */
  recipientDomains: Schema.optionalKey(Schema.Array(Schema.String)),
  /** As `recipientDomains`, for whoever is in none of these; one without an address is, but for an `allow`. */
  recipientDomainsNot: Schema.optionalKey(Schema.Array(Schema.String)),
  /** US dollars: at most this. */
  amountAtMost: Schema.optionalKey(Schema.Finite),
  /** US dollars: more than this. */
  amountOver: Schema.optionalKey(Schema.Finite),
  hours: Schema.optionalKey(Hours)
})
/**
 * @category models
 * @since 0.1.0
 */
export type Rule = typeof Rule.Type

/**
 * Rules in any order: a `deny` that holds wins, then an `ask`, then an `allow`. Where none holds it is `otherwise`.
 *
 * @category models
 * @since 0.1.0
 */
export const ApprovalPolicy = Schema.Struct({
  rules: Schema.Array(Rule),
  /** Default `"ask"`. */
  otherwise: Schema.optionalKey(Effects)
})
/**
 * @category models
 * @since 0.1.0
 */
export type ApprovalPolicy = typeof ApprovalPolicy.Type

/**
 * Rules that can never hold as they were meant: an unknown zone, an hour that is none, an amount that is no number.
 *
 * @category errors
 * @since 0.1.0
 */
export class InvalidApprovalPolicyError extends Schema.TaggedError<InvalidApprovalPolicyError>()("InvalidApprovalPolicyError", {
  /** Each problem with the path of what was received, and what is allowed. */
  problems: Schema.Array(Schema.Struct({ path: Schema.String, received: Schema.String, allowed: Schema.String }))
}) {
  override get message(): string {
    const list = this.problems.map(({ allowed, path, received }) => `${path} was ${received}; allowed is ${allowed}`)
    return `The approval policy cannot hold: ${list.join(". ")}`
  }
}

/**
 * What a policy came to for one request, and which rule it was.
 *
 * @category models
 * @since 0.1.0
 */
export interface Verdict {
  readonly effect: Effects
  readonly by: string
}

/**
 * Checks a policy and gives the function that decides by it; `now` is in milliseconds since 1970. A field that no rule has
 * is refused: a misspelt condition would otherwise hold for everything.
 *
 * @category constructors
 * @since 0.1.0
 */
export const compile = (policy: ApprovalPolicy): Effect.Effect<(request: Request, now: number) => Verdict, InvalidApprovalPolicyError> => {
  const problems = check({ policy: ApprovalPolicy, rule: Rule }, policy)
  if (problems.length > 0) return Effect.fail(new InvalidApprovalPolicyError({ problems }))
  const rules = policy.rules.map((rule, position) => ({ rule, by: rule.name ?? `rule ${position + 1}` }))
  return Effect.succeed((request, now) => {
    const holding = rules.filter(({ rule }) => matches(rule, request, now))
    for (const effect of ["deny", "ask", "allow"] as const) {
      const first = holding.find(({ rule }) => rule.effect === effect)
      if (first !== undefined) return { effect, by: first.by }
    }
    return { effect: policy.otherwise ?? "ask", by: "no rule holds" }
  })
}

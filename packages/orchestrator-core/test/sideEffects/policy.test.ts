import { type Approval, ApprovalPolicy } from "@aria/orchestrator-core"
import { describe, expect, it } from "@effect/vitest"
import { Arbitrary, Effect, Schema } from "effect"
import { request } from "./people.ts"

type Rule = ApprovalPolicy.Rule
const { ApprovalPolicy: Policy } = ApprovalPolicy

const decide = (policy: ApprovalPolicy.ApprovalPolicy, of?: Partial<Approval.Request>, now = "2026-11-23T12:00:00Z") =>
  Effect.map(ApprovalPolicy.compile(policy), (verdict) => verdict(request(of), Date.parse(now)).effect)

/** Whether one rule holds: what it says differs from what is said otherwise. */
const holds = (rule: Omit<Rule, "effect">, of?: Partial<Approval.Request>, effect: ApprovalPolicy.Effects = "allow", now?: string) =>
  Effect.map(decide({ rules: [{ ...rule, effect }], otherwise: effect === "ask" ? "deny" : "ask" }, of, now), (verdict) => verdict === effect)

const members = <const A>(list: ReadonlyArray<A>) => Arbitrary.schema(Schema.Literals(list as ReadonlyArray<string & A>))
const lists = <const A>(list: ReadonlyArray<A>) => Arbitrary.array(members(list), { minLength: 1, maxLength: 3 })

const someRequest: Arbitrary.Arbitrary<Partial<Approval.Request>> = Arbitrary.map(
  Arbitrary.all({
    kind: members(["calendar.create", "calendar.remove", "crm.create", "mail.send"]),
    userId: members(["ada", "bob"]),
    recipients: Arbitrary.array(members(["a@example.com", "b@sub.example.com", "c@rival.com", "room 7"]), { maxLength: 3 }),
    amount: members(["none", "0", "10", "11"])
  }),
  ({ amount, ...rest }) => ({ ...rest, ...(amount === "none" ? {} : { amount: Number(amount) }) })
)

const left = "left out"
const optional = <A>(one: Arbitrary.Arbitrary<A>): Arbitrary.Arbitrary<A | typeof left> =>
  Arbitrary.flatMap(members(["one", "two", "three", "four"]), (choice): Arbitrary.Arbitrary<A | typeof left> => (choice === "one" ? one : Arbitrary.Constant(left)))

const someRule: Arbitrary.Arbitrary<Rule> = Arbitrary.map(
  Arbitrary.all({
    effect: members(["allow", "ask", "deny"]),
    kinds: optional(lists(["calendar.*", "crm.create", "*", "mail.remove"])),
    users: optional(lists(["ada", "cyd"])),
    recipientDomains: optional(lists(["example.com", "*.example.com"])),
    recipientDomainsNot: optional(lists(["example.com", "rival.com"])),
    amountAtMost: optional(Arbitrary.Constant(10)),
    amountOver: optional(Arbitrary.Constant(10))
  }),
  (rule) => Object.fromEntries(Object.entries(rule).filter(([, value]) => value !== left)) as unknown as Rule
)

describe("rules", () => {
  it.effect.prop(
    "a deny that holds wins over an ask, an ask over an allow, in any order",
    { rules: Arbitrary.array(someRule, { minLength: 2, maxLength: 6 }), of: someRequest, otherwise: members(["allow", "ask", "deny"]) },
    ({ of, otherwise, rules }) =>
      Effect.gen(function* () {
        const verdict = yield* decide({ rules, otherwise }, of)
        const single = yield* Effect.forEach(rules, (rule) => Effect.map(holds({ ...rule }, of, rule.effect), (held) => (held ? rule.effect : undefined)))
        const expected = (["deny", "ask", "allow"] as const).find((effect) => single.includes(effect)) ?? otherwise
        expect(verdict).toBe(expected)
        expect(yield* decide({ rules: rules.toReversed(), otherwise }, of)).toBe(verdict)
      }),
    { arbitrary: { runs: 1_000 } }
  )

  it.effect.prop(
    "a condition more never makes a rule hold for more",
    { rule: someRule, more: someRule, of: someRequest },
    ({ more, of, rule }) =>
      Effect.gen(function* () {
        const both = { ...more, ...rule }
        if (yield* holds(both, of, rule.effect)) expect(yield* holds(rule, of, rule.effect)).toBe(true)
      })
  )

  it.effect.prop("what a request does not say satisfies nothing that is asked of it", { rule: someRule }, ({ rule }) =>
    Effect.gen(function* () {
      const silent: Partial<Approval.Request> = { kind: "calendar.create", userId: "ada", recipients: [] }
      const asked = ["recipientDomains", "recipientDomainsNot", "amountAtMost", "amountOver"].some((field) => field in rule)
      if (asked) expect(yield* holds(rule, silent, rule.effect)).toBe(false)
    })
  )

  it.effect("where none holds a person is asked, unless it says otherwise; the verdict names the rule", () =>
    Effect.gen(function* () {
      expect(yield* decide({ rules: [] })).toBe("ask")
      expect(yield* decide({ rules: [], otherwise: "deny" })).toBe("deny")
      const verdict = yield* ApprovalPolicy.compile({ rules: [{ effect: "ask" }, { effect: "deny", name: "never notes", kinds: ["notes.*"] }] })
      expect(verdict(request(), 0)).toStrictEqual({ effect: "deny", by: "never notes" })
      expect(verdict(request({ kind: "x.y" }), 0)).toStrictEqual({ effect: "ask", by: "rule 1" })
    })
  )

  it.effect.each([
    ["notes.create", "notes.create", true],
    ["notes.*", "notes.create", true],
    ["notes.*", "notes.drafts.create", true],
    ["notes.*", "notes", false],
    ["notes.*", "notesx.create", false],
    ["notes", "notes.create", false],
    ["*", "anything.at.all", true]
  ] as const)("the kind %s names %s: %s", ([pattern, kind, expected]) =>
    Effect.gen(function* () {
      expect(yield* holds({ kinds: [pattern] }, { kind })).toBe(expected)
    })
  )
})

describe("recipients", () => {
  const cases: ReadonlyArray<readonly [domains: ReadonlyArray<string>, recipients: ReadonlyArray<string>, allow: boolean, deny: boolean]> = [
    [["example.com"], ["a@example.com"], true, true],
    [["example.com"], ["a@EXAMPLE.com."], true, true],
    [["Example.COM"], ["a@example.com"], true, true],
    [["example.com"], ["Ann <a@example.com>"], true, true],
    [["example.com"], ["a@sub.example.com"], false, false],
    [["*.example.com"], ["a@sub.example.com", "b@example.com"], true, true],
    [["*.example.com"], ["a@badexample.com"], false, false],
    [["example.com"], ["a@example.com.rival.com"], false, false],
    [["example.com"], ["a@example.com", "b@rival.com"], false, true],
    [["example.com", "rival.com"], ["a@example.com", "b@rival.com"], true, true],
    // Two addresses in one text, and what hides one.
    [["example.com"], ["a@example.com, b@rival.com"], false, true],
    [["rival.com"], ["b@rival.com (Bob)"], true, true],
    [["rival.com"], ['"x@rival.com"@example.com'], false, true],
    // As it is looked up.
    [["münchen.example"], ["a@xn--mnchen-3ya.example"], true, true],
    [["rival.com"], ["a@ｒival.com"], true, true],
    [["example.com"], [], false, false],
    [["example.com"], ["room 7"], false, false],
    [["example.com"], ["a@example.com", "room 7"], false, true]
  ]
  it.effect.each(cases)("%j of %j: an allow holds %s, a deny %s", ([recipientDomains, recipients, allow, deny]) =>
    Effect.gen(function* () {
      expect(yield* holds({ recipientDomains }, { recipients }, "allow")).toBe(allow)
      expect(yield* holds({ recipientDomains }, { recipients }, "deny")).toBe(deny)
      expect(yield* holds({ recipientDomains }, { recipients }, "ask")).toBe(deny)
    })
  )

  const outside: typeof cases = [
    [["example.com"], ["a@rival.com"], true, true],
    [["example.com"], ["a@example.com"], false, false],
    [["example.com"], ["a@example.com", "b@rival.com"], false, true],
    [["example.com"], ["room 7"], false, true],
    [["*.example.com"], ["a@sub.example.com"], false, false],
    [["example.com"], [], false, false]
  ]
  it.effect.each(outside)("in none of %j, %j: an allow holds %s, a deny %s", ([recipientDomainsNot, recipients, allow, deny]) =>
    Effect.gen(function* () {
      expect(yield* holds({ recipientDomainsNot }, { recipients }, "allow")).toBe(allow)
      expect(yield* holds({ recipientDomainsNot }, { recipients }, "deny")).toBe(deny)
    })
  )
})

describe("amounts", () => {
  it.effect.each([
    [{ amountAtMost: 10 }, 10, true],
    [{ amountAtMost: 10 }, 10.01, false],
    [{ amountOver: 10 }, 10, false],
    [{ amountOver: 10 }, 10.01, true],
    [{ amountOver: 5, amountAtMost: 10 }, 7, true],
    [{ amountAtMost: 0 }, undefined, false]
  ] as const)("%j of %s: %s", ([rule, amount, expected]) =>
    Effect.gen(function* () {
      for (const effect of ["allow", "ask", "deny"] as const) {
        expect(yield* holds(rule, amount === undefined ? {} : { amount }, effect)).toBe(expected)
      }
    })
  )
})

describe("hours", () => {
  const berlin = { zone: "Europe/Berlin" }
  const cases: ReadonlyArray<readonly [hours: Omit<ApprovalPolicy.Hours, "zone">, now: string, expected: boolean]> = [
    // 2026-11-23 is a Monday; Berlin is an hour ahead of UTC in winter, two in summer.
    [{ from: "09:00", to: "17:00" }, "2026-11-23T08:00:00Z", true],
    [{ from: "09:00", to: "17:00" }, "2026-11-23T07:59:59Z", false],
    [{ from: "09:00", to: "17:00" }, "2026-11-23T16:00:00Z", false],
    [{ from: "09:00", to: "17:00" }, "2026-07-20T07:00:00Z", true],
    [{ from: "09:00", to: "17:00" }, "2026-07-20T15:00:00Z", false],
    [{ from: "22:00", to: "07:00" }, "2026-11-23T21:00:00Z", true],
    [{ from: "22:00", to: "07:00" }, "2026-11-24T05:59:00Z", true],
    [{ from: "22:00", to: "07:00" }, "2026-11-24T06:00:00Z", false],
    [{ from: "22:00", to: "24:00" }, "2026-11-23T22:59:00Z", true],
    [{ from: "22:00", to: "24:00" }, "2026-11-23T23:00:00Z", false],
    [{ from: "22:00", to: "00:00" }, "2026-11-23T23:00:00Z", false],
    // Days are those on which a span starts.
    [{ from: "22:00", to: "07:00", days: [1] }, "2026-11-24T05:00:00Z", true],
    [{ from: "22:00", to: "07:00", days: [1] }, "2026-11-23T05:00:00Z", false],
    [{ from: "22:00", to: "07:00", days: [7] }, "2026-11-23T05:00:00Z", true],
    [{ from: "00:00", to: "24:00", days: [7] }, "2026-11-22T22:59:00Z", true],
    [{ from: "00:00", to: "24:00", days: [7] }, "2026-11-22T23:00:00Z", false],
    [{ from: "00:00", to: "24:00", days: [6, 7] }, "2026-11-23T12:00:00Z", false],
    // The hour that does not exist in spring (02:00 to 03:00 on 2026-03-29), and the one that is there twice in autumn.
    [{ from: "02:00", to: "03:00" }, "2026-03-29T01:00:00Z", false],
    [{ from: "02:00", to: "03:00" }, "2026-03-29T00:59:00Z", false],
    [{ from: "03:00", to: "04:00" }, "2026-03-29T01:00:00Z", true],
    [{ from: "02:00", to: "03:00" }, "2026-10-25T00:30:00Z", true],
    [{ from: "02:00", to: "03:00" }, "2026-10-25T01:30:00Z", true],
    [{ from: "02:00", to: "03:00" }, "2026-10-25T02:00:00Z", false]
  ]
  it.effect.each(cases)("%j at %s: %s", ([hours, now, expected]) =>
    Effect.gen(function* () {
      expect(yield* holds({ hours: { ...berlin, ...hours } }, {}, "deny", now)).toBe(expected)
    })
  )

  const digits = (value: number) => String(value).padStart(2, "0")
  const time = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 24 * 60 - 1 }))

  it.effect.prop(
    "agree with the clock on the wall, every zone, either side of every change of the clocks",
    {
      from: time,
      to: time,
      minute: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 366 * 24 * 60 })),
      zone: members(["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "America/Sao_Paulo", "Pacific/Chatham", "UTC"]),
      days: Arbitrary.array(Arbitrary.schema(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 7 }))), { minLength: 1, maxLength: 7 })
    },
    ({ days, from, minute, to, zone }) =>
      Effect.gen(function* () {
        if (from === to) return
        const now = Date.UTC(2026, 0, 1) + minute * 60_000
        // Another reading of the same clock: Intl's, walked minute by minute back to the start of the span.
        const parts = Object.fromEntries(
          new Intl.DateTimeFormat("en-GB", { timeZone: zone, weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" })
            .formatToParts(now)
            .map(({ type, value }) => [type, value])
        )
        const at = Number(parts["hour"]) * 60 + Number(parts["minute"])
        const today = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].indexOf(parts["weekday"]!) + 1
        const length = (to - from + 1_440) % 1_440
        const since = (at - from + 1_440) % 1_440
        const startedOn = at >= from ? today : ((today + 5) % 7) + 1
        const hours = { from: `${digits(Math.floor(from / 60))}:${digits(from % 60)}`, to: `${digits(Math.floor(to / 60))}:${digits(to % 60)}`, zone, days }
        expect(yield* holds({ hours }, {}, "deny", new Date(now).toISOString())).toBe(since < length && days.includes(startedOn))
      }),
    { arbitrary: { runs: 1_000 } }
  )
})

describe("a policy that cannot hold", () => {
  const refused = (policy: unknown) =>
    Effect.map(Effect.flip(ApprovalPolicy.compile(policy as ApprovalPolicy.ApprovalPolicy)), (error) => {
      expect(error._tag).toBe("InvalidApprovalPolicyError")
      for (const { allowed, path, received } of error.problems) expect(error.message).toContain(`${path} was ${received}; allowed is ${allowed}`)
      return error.problems.map(({ path, received }) => `${path} ${received}`)
    })

  it.effect("lists every problem of every rule with what was received", () =>
    Effect.gen(function* () {
      const problems = yield* refused({
        rules: [
          { effect: "alow", amountOver: Number.NaN },
          {
            effect: "deny",
            kinds: ["a*b", "", "calendar create"],
            users: [],
            recipientDomains: ["a@b.com", "*.", ".x.com", "x.com."],
            recipientDomainsNot: ["http://x.com"],
            amountAtMost: -1,
            hours: { from: "24:00", to: "8:00", zone: "Mars/Phobos", days: [8] }
          },
          { effect: "deny", users: [" ada"], hours: { from: "08:00", to: "08:00", zone: "UTC" } }
        ],
        otherwise: "perhaps"
      })
      expect(problems.sort()).toStrictEqual(
        [
          'otherwise "perhaps"', 'rules.0.effect "alow"', "rules.0.amountOver NaN",
          'rules.1.kinds "a*b"', 'rules.1.kinds ""', 'rules.1.kinds "calendar create"', "rules.1.users []",
          'rules.1.recipientDomains "a@b.com"', 'rules.1.recipientDomains "*."', 'rules.1.recipientDomains ".x.com"', 'rules.1.recipientDomains "x.com."',
          'rules.1.recipientDomainsNot "http://x.com"', "rules.1.amountAtMost -1", 'rules.1.hours.from "24:00"', 'rules.1.hours.to "8:00"',
          'rules.1.hours.zone "Mars/Phobos"', "rules.1.hours.days [8]", 'rules.2.users " ada"', 'rules.2.hours.to "08:00"'
        ].sort()
      )
    })
  )

  it.effect("names a misspelt field: without it the rule would hold for everything", () =>
    Effect.gen(function* () {
      expect(yield* refused({ rules: [{ effect: "allow", kind: ["calendar.create"] }] })).toStrictEqual(['rules.0.kind ["calendar.create"]'])
      expect(yield* refused({ rules: [{ effect: "allow", hours: { from: "08:00", to: "09:00", zone: "UTC", day: [1] } }] })).toStrictEqual(["rules.0.hours.day [1]"])
      expect(yield* refused({ rules: [], default: "allow" })).toStrictEqual(['default "allow"'])
      expect(yield* refused(null)).toStrictEqual(["the policy null"])
    })
  )
})

describe("as JSON", () => {
  it.effect.prop("a policy that was written and read decides the same", { rules: Arbitrary.array(someRule, { maxLength: 4 }), of: someRequest }, ({ of, rules }) =>
    Effect.gen(function* () {
      const json = JSON.stringify(yield* Schema.encodeEffect(Policy)({ rules, otherwise: "deny" }))
      const read = yield* Schema.decodeUnknownEffect(Schema.fromJsonString(Policy))(json)
      expect(yield* decide(read, of)).toBe(yield* decide({ rules, otherwise: "deny" }, of))
    })
  )
})

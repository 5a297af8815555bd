import type { Draft } from "@aria/agents-scribe/Draft"
import * as Rfc5322 from "@aria/agents-scribe/Rfc5322"
import { Scribe } from "@aria/agents-scribe/Scribe"
import { assert, describe, expect, it } from "@effect/vitest"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import PostalMime from "postal-mime"
import { random } from "./random.ts"

const date = DateTime.makeUnsafe("2026-02-03T04:05:06Z")
const from = { email: "ada@example.com" }
const base: Draft = {
  communicationType: "email",
  subject: "A visit",
  body: "Hello,\n\nmay I visit?",
  sections: [],
  tone: "formal",
  wordCount: 4,
  styleApplied: [],
  writtenBy: "template",
  templateUsed: null,
  missingVariables: [],
  missingSections: [],
  warnings: [],
  readyForReview: true
}
const exported = (draft: Draft, options: Partial<Rfc5322.Options> = {}): string => {
  const message = Rfc5322.fromDraft(draft, { from, date, ...options })
  assert(Result.isSuccess(message))
  return message.success
}
const refusal = (draft: Draft, options: Partial<Rfc5322.Options> = {}): string => {
  const message = Rfc5322.fromDraft(draft, { from, date, ...options })
  assert(Result.isFailure(message))
  return message.failure.message
}
const oneLine = (text: string) => text.replaceAll(/\s+/g, " ").trim()
const names = ["Date", "From", "To", "Subject", "X-Unsent", "MIME-Version", "Content-Type", "Content-Transfer-Encoding"]

describe("Rfc5322", () => {
  it("writes a message, its lines ended by CR LF", () => {
    expect(
      exported({ ...base, recipient: { name: "Zoë", email: "zoe@example.com" } }, { messageId: "1@example.com" })
    ).toBe(
      [
        "Date: Tue, 03 Feb 2026 04:05:06 +0000",
        "From: ada@example.com",
        "To: =?utf-8?Q?Zo=C3=AB?=",
        " <zoe@example.com>",
        "Message-ID: <1@example.com>",
        "Subject: A visit",
        "X-Unsent: 1",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: quoted-printable",
        "",
        "Hello,",
        "",
        "may I visit?",
        ""
      ].join("\r\n")
    )
  })

  it("is read by another parser as it was given, whatever is in it, and has no header more", async () => {
    for (let seed = 1; seed <= 1000; seed++) {
      const { line, text } = random(seed)
      const subject = text(12)
      const body = text(30)
      const name = text(6)
      const message = exported(
        { ...base, subject, body, recipient: { name, email: "zoe@example.com" } },
        { from: { name: line(5), email: "ada@example.com" } }
      )
      const context = `seed ${seed}`
      expect(message, context).toMatch(/^[\t\r\n\x20-\x7E]*$/)
      const lines = message.split("\r\n")
      for (const one of lines) {
        expect(one.length, context).toBeLessThanOrEqual(76)
        expect(one, context).not.toMatch(/[\r\n]/)
      }
      const head = message.slice(0, message.indexOf("\r\n\r\n"))
      const headers = head.replaceAll("\r\n ", " ").split("\r\n")
      expect(
        headers.map((header) => header.slice(0, header.indexOf(":"))),
        context
      ).toEqual(names)
      for (const one of lines.slice(head.split("\r\n").length)) expect(one, context).not.toMatch(/^(\.|From )|[ \t]$/)
      const parsed = await PostalMime.parse(message)
      expect(parsed.subject, context).toBe(oneLine(subject))
      expect(parsed.to, context).toEqual([{ name: oneLine(name), address: "zoe@example.com" }])
      expect(parsed.from?.address, context).toBe("ada@example.com")
      expect(parsed.bcc, context).toBeUndefined()
      expect(parsed.text?.replace(/\n$/, ""), context).toBe(body.replaceAll("\r\n", "\n"))
    }
  })

  it("keeps line breaks and controls out of headers also where a draft was made by hand", () => {
    const message = exported({
      ...base,
      subject: "A\r\nBcc: x@evil.example\u0000\u2028b",
      recipient: { name: "Z\nCc: y@evil.example", email: "z@example.com" }
    })
    expect(message).not.toMatch(/^(Bcc|Cc):/m)
  })

  it("has no To where no address was given", () => {
    expect(exported({ ...base, recipient: { name: "Zoë" } })).not.toMatch(/^To:/m)
  })

  it("refuses what is no mail, and says what to do", () => {
    expect(refusal({ ...base, communicationType: "document" })).toBe(
      'The draft cannot be exported as mail: communicationType is "document"; only "email" can be'
    )
    expect(refusal({ ...base, readyForReview: false, missingVariables: ["reason"] })).toContain("(reason)")
    expect(exported({ ...base, readyForReview: false }, { allowIncomplete: true })).toContain("Subject: A visit")
    const bad = [
      "a@b\r\nBcc: x@evil.example",
      "a b@example.com",
      "a@",
      "é@example.com",
      "a@-b.example",
      `${"a".repeat(65)}@example.com`,
      "<a@b.example>"
    ]
    for (const email of bad) {
      expect(refusal(base, { from: { email } })).toContain("from.email")
      expect(refusal({ ...base, recipient: { email } })).toContain("recipient.email")
      expect(refusal(base, { messageId: email })).toContain("messageId")
    }
  })

  it.effect("exports what Scribe drafts", () =>
    Effect.gen(function* () {
      const draft = yield* Scribe.run({
        communicationType: "email",
        goal: "Besuch im Werk Zürich — am liebsten bald, und mit genügend Zeit für eine Führung",
        recipient: { name: "Müller, Zoë", email: "zoe@example.com" }
      })
      const parsed = yield* Effect.promise(() => PostalMime.parse(exported(draft)))
      expect(parsed.subject).toBe(draft.subject)
      expect(parsed.to).toEqual([{ name: "Müller, Zoë", address: "zoe@example.com" }])
      expect(parsed.text?.trimEnd()).toBe(draft.body)
    }).pipe(Effect.provide(Scribe.layer))
  )
})

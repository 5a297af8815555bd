import * as Draft from "@aria/agents-scribe/Draft"
import type { Request } from "@aria/agents-scribe/Request"
import { Scribe } from "@aria/agents-scribe/Scribe"
import * as Style from "@aria/agents-scribe/Style"
import * as Template from "@aria/agents-scribe/Template"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { random } from "./random.ts"

const run = (request: Request) => Effect.provide(Scribe.run(request), Scribe.layer)
const ada = { name: "Ada Lovelace", title: "Engineer", company: "Acme Corp" }

describe("emails", () => {
  it.effect("say the goal and the context, greet by name and close once", () =>
    Effect.gen(function* () {
      const draft = yield* run({
        communicationType: "email",
        goal: "A visit to the plant",
        recipient: { name: "Zoë" },
        sender: ada,
        context: "We met in May.\n\nYou showed me the hall."
      })
      expect(draft.subject).toBe("A visit to the plant")
      expect(draft.body).toBe(
        "Dear Zoë,\n\nI am writing about the following: A visit to the plant.\n\nWe met in May.\n\nYou showed me the hall.\n\nI look forward to your reply.\n\nSincerely,\nAda Lovelace\nEngineer, Acme Corp"
      )
      expect(draft.wordCount).toBe(34)
      expect([draft.readyForReview, draft.templateUsed, draft.writtenBy]).toEqual([true, null, "template"])
    })
  )

  it.effect("address nobody who was not named", () =>
    Effect.gen(function* () {
      const bodies = yield* Effect.forEach(["formal", "friendly", "urgent"] as const, (tone) =>
        Effect.map(run({ communicationType: "email", goal: "A visit", tone }), ({ body }) => body.split("\n")[0])
      )
      expect(bodies).toEqual(["Hello,", "Hi,", "Hello,"])
      const draft = yield* run({ communicationType: "email", goal: "A visit", recipient: { company: "Acme" } })
      expect(draft.recipient).toEqual({ company: "Acme" })
      expect(draft.body).not.toMatch(/there|Acme/)
    })
  )

  it.effect("mark urgency once, and cut subjects between words, never within a character", () =>
    Effect.gen(function* () {
      const subject = (goal: string, tone: "formal" | "urgent") =>
        Effect.map(run({ communicationType: "email", goal, tone }), (draft) => draft.subject)
      expect(yield* subject("The plant\nin Leipzig", "urgent")).toBe("Urgent: The plant in Leipzig")
      expect(yield* subject("Urgent question", "urgent")).toBe("Urgent question")
      expect(yield* subject("word ".repeat(20), "formal")).toBe(`${"word ".repeat(11)}word…`)
      expect(yield* subject("sentence ".repeat(20), "formal")).toBe(`${"sentence ".repeat(5)}sentence…`)
      expect(yield* subject("👩‍👩‍👧".repeat(70), "formal")).toBe(`${"👩‍👩‍👧".repeat(59)}…`)
    })
  )

  it.effect("keep sources with their statements", () =>
    Effect.gen(function* () {
      const sources = [{ title: "Daily", url: "https://daily.example.com", quote: "It opens." }]
      const draft = yield* run({
        communicationType: "email",
        goal: "The plant",
        context: [{ text: "It opens.", sources }, { text: "I would like to come." }]
      })
      expect(draft.body).toContain("- It opens.\n- I would like to come.")
      expect(draft.sections[1]?.statements).toEqual([
        { text: "It opens.", sources },
        { text: "I would like to come.", sources: [] }
      ])
    })
  )
})

describe("messages", () => {
  it.effect("are messages: short, without subject and closing words", () =>
    Effect.gen(function* () {
      const draft = yield* run({
        communicationType: "message",
        goal: "Lunch",
        recipient: { name: "Zoë" },
        tone: "friendly"
      })
      expect(draft.communicationType).toBe("message")
      expect(draft).not.toHaveProperty("subject")
      expect(draft.body).toBe("Hi Zoë,\n\nI am writing about this: Lunch.\n\nLet me know what you think.")
    })
  )
})

describe("templates", () => {
  it.effect("leave out what a variable is missing for, name it, and are not ready", () =>
    Effect.gen(function* () {
      for (const { name } of Template.all) {
        const draft = yield* run({ communicationType: "email", goal: "A visit", templateName: name })
        expect(draft.body + (draft.subject ?? "")).not.toMatch(/[{}]/)
        expect(draft.readyForReview).toBe(draft.missingVariables.length === 0)
        expect(draft.templateUsed).toBe(name)
      }
      const draft = yield* run({
        communicationType: "email",
        goal: "A visit",
        templateName: "introduction",
        sender: ada
      })
      expect(draft.missingVariables).toEqual(["reason"])
      // The goal was known, and is no variable of this template: nobody gave it as one.
      expect(draft.warnings).toEqual([])
      expect(draft.subject).toBe("Introduction: Ada Lovelace, Acme Corp")
      expect(draft.body).toContain("My name is Ada Lovelace, and I work at Acme Corp.")
      expect(draft.body).not.toContain("reason")
    })
  )

  it.effect("are whole with all variables, and say which are not theirs", () =>
    Effect.gen(function* () {
      const draft = yield* run({
        communicationType: "email",
        goal: "A visit",
        templateName: "follow_up_email",
        variables: { meetingTopic: "the plant", meetingtopic: "x", constructor: "y" }
      })
      expect([draft.missingVariables, draft.readyForReview]).toEqual([[], true])
      expect(draft.body).toContain(
        "Thank you for the conversation about the plant.\n\nI am writing to follow up: A visit."
      )
      expect(draft.warnings).toEqual(
        ["meetingtopic", "constructor"].map(
          (name) => `The template "follow_up_email" has no variable "${name}"; it has meetingTopic, purpose.`
        )
      )
    })
  )

  it.effect("that do not exist, or not for this, are errors that say which do", () =>
    Effect.gen(function* () {
      const unknown = yield* Effect.flip(run({ communicationType: "email", goal: "A visit", templateName: "thankyou" }))
      expect(unknown.message).toBe(
        'Scribe has no template "thankyou" for communicationType "email": available are "follow_up_email", "meeting_request", "introduction", "thank_you"'
      )
      const document = yield* Effect.flip(
        run({ communicationType: "document", goal: "A visit", templateName: "thank_you" })
      )
      expect(document.message).toContain("leave templateName out and choose a documentType")
      const unused = yield* run({ communicationType: "email", goal: "A visit", variables: { reason: "x" } })
      expect(unused.warnings).toHaveLength(1)
    })
  )

  it("fill each place once, whatever the values say", () => {
    for (let seed = 1; seed <= 1000; seed++) {
      const { below, line, next, pick } = random(seed)
      const names = ["a", "b", "purpose", "constructor", "x"] as const
      const parts = Array.from({ length: below(8) }, () =>
        next() < 0.5 ? { name: pick(names) } : { text: pick(["t ", "$1", "{", "}} "]) }
      )
      const values: Record<string, string> = {}
      for (const name of names) if (next() < 0.8) values[name] = line(4).trim()
      const written = parts.map((part) => ("name" in part ? `{{${part.name}}}` : part.text)).join("|")
      const missing = [
        ...new Set(parts.flatMap((part) => ("name" in part && !Object.hasOwn(values, part.name) ? part.name : [])))
      ]
      const rendered = Template.render(
        { name: "t", communicationTypes: ["email"], subject: "s", paragraphs: [written] },
        values
      )
      const expected = parts.map((part) => ("name" in part ? values[part.name] : part.text)).join("|")
      expect(rendered.missing, `seed ${seed}`).toEqual(missing)
      expect(rendered.paragraphs, `seed ${seed}`).toEqual(missing.length === 0 ? [expected] : [])
    }
  })
})

describe("documents", () => {
  it.effect("put notes under their headings with numbered sources, and say what is missing", () =>
    Effect.gen(function* () {
      const daily = { title: "Daily", url: "https://daily.example.com/1" }
      const draft = yield* run({
        communicationType: "document",
        goal: "Acme in Leipzig",
        documentType: "report",
        context: [
          { text: "A plant opens.", sources: [daily, { title: "Wire" }, { ...daily }] },
          { text: "Acme makes anvils.", section: "background", sources: [{ title: "Wire" }] },
          { text: "It may be late.", section: "Risks" }
        ]
      })
      expect(draft.subject).toBe("Acme in Leipzig")
      expect(draft.body).toBe(
        "## Executive Summary\n\nAcme in Leipzig.\n\n## Background\n\nAcme makes anvils. [1]\n\n## Analysis\n\nA plant opens. [2, 1]\n\n## Risks\n\nIt may be late.\n\n## Sources\n\n[1] Wire\n[2] Daily, https://daily.example.com/1"
      )
      expect([draft.missingSections, draft.readyForReview]).toEqual([["Recommendations"], false])
    })
  )

  it.effect("have no boilerplate: each statement is the goal or a note", () =>
    Effect.gen(function* () {
      for (let seed = 1; seed <= 300; seed++) {
        const { below, pick, text } = random(seed)
        const sections = ["Summary", "ANALYSIS", "Other", undefined] as const
        const context = Array.from({ length: below(5) }, () => {
          const section = pick(sections)
          return { text: text(5), ...(section === undefined ? {} : { section }) }
        })
        const documentType = pick(["brief", "report", "proposal", "digest", "plain"] as const)
        const draft = yield* run({ communicationType: "document", goal: "The goal.", documentType, context })
        const said = draft.sections.flatMap(({ statements }) => statements.map((statement) => statement.text))
        expect([...said].sort(), `seed ${seed}`).toEqual(
          ["The goal.", ...context.map((note) => note.text.trim())].sort()
        )
        expect(draft.readyForReview, `seed ${seed}`).toBe(draft.missingSections.length === 0)
      }
    })
  )
})

describe("style", () => {
  const samples = ["Hey Bob,\n\nall well.\n\nCheers,\nAda", "Hey,\nfine.\nCheers", "Dear Sir,\nno.\nBest regards,\nAda"]

  it("is seen in samples", () => {
    expect(Style.resolve({ samples })).toEqual({ greeting: "Hey", closing: "Cheers" })
    expect(Style.resolve({ samples, greeting: "Good day,", closing: "Yours" })).toEqual({
      greeting: "Good day",
      closing: "Yours"
    })
    expect(Style.resolve({ samples: ["Thanks,\nI got it.\nIt is fine.\nI read it.\nMore soon."] })).toEqual({})
    expect(Style.resolve({ samples: ["Highly technical text", "", "Bestsellers"] })).toEqual({})
  })

  it.effect("is said outright, seen in samples, or the tone's, and counted in the words", () =>
    Effect.gen(function* () {
      const draft = yield* run({
        communicationType: "email",
        goal: "Lunch",
        style: { samples, signature: "A.L.\n" },
        recipient: { name: "Zoë" }
      })
      expect(draft.body.startsWith("Hey Zoë,\n")).toBe(true)
      expect(draft.body.endsWith("\n\nCheers,\nA.L.")).toBe(true)
      expect(draft.styleApplied).toEqual(["greeting", "closing", "signature"])
      expect(draft.wordCount).toBe(17)
    })
  )

  it.effect("closes once where the signature closes by itself", () =>
    Effect.gen(function* () {
      const draft = yield* run({
        communicationType: "email",
        goal: "Lunch",
        style: { signature: "Best regards,\nAda" }
      })
      expect(draft.body.endsWith("reply.\n\nBest regards,\nAda")).toBe(true)
    })
  )
})

describe("every draft", () => {
  it.effect("is its parts, and survives being stored", () =>
    Effect.gen(function* () {
      for (let seed = 1; seed <= 500; seed++) {
        const { below, pick, text } = random(seed)
        const request: Request = {
          communicationType: pick(["email", "document", "message"]),
          goal: text(10),
          tone: pick(["formal", "friendly", "urgent"]),
          context: below(2) === 0 ? text(20) : [{ text: text(9), sources: [{ title: "Daily" }] }, { text: text(9) }]
        }
        const draft = yield* run(request)
        expect(Draft.toText(draft), `seed ${seed}`).toBe(draft.body)
        const encoded = yield* Schema.encodeEffect(Draft.Draft)(draft)
        expect(
          yield* Schema.decodeUnknownEffect(Draft.Draft)(JSON.parse(JSON.stringify(encoded))),
          `seed ${seed}`
        ).toEqual(draft)
        expect(draft.subject ?? "", `seed ${seed}`).not.toMatch(/[\r\n]/)
        expect(yield* run(request)).toEqual(draft)
      }
    })
  )
})

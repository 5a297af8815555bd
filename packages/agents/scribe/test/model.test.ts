import type { Request } from "@aria/agents-scribe/Request"
import { Scribe, type ModelOptions } from "@aria/agents-scribe/Scribe"
import * as Limiter from "@aria/models/Limiter"
import * as Metered from "@aria/models/Metered"
import * as Budget from "@aria/orchestrator-core/Budget"
import * as Orchestrator from "@aria/orchestrator-core/Orchestrator"
import * as Plan from "@aria/orchestrator-core/Plan"
import * as Task from "@aria/orchestrator-core/Task"
import * as ScriptedModel from "@aria/testkit/ScriptedModel"
import { assert, describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Schema from "effect/Schema"
import { AiError, LanguageModel } from "effect/ai"

const daily = { title: "Daily", url: "https://daily.example.com/2031", quote: "Acme hires 40 people." }
const request: Request = {
  communicationType: "email",
  goal: "A visit to the plant in Leipzig",
  recipient: { name: "Zoë", email: "zoe@example.com" },
  sender: { name: "Ada" },
  context: [
    { text: "Acme hires 40 people. See www.acme.example or ask info@acme.example.", sources: [daily] },
    { text: "It opens soon." }
  ]
}
const document: Request = { communicationType: "document", goal: "News of Acme", context: request.context }

const answer = (params: Schema.Json, expect?: ScriptedModel.Expectation) =>
  ScriptedModel.calls([{ tool: "answer", params }], { expect })
const email = (...texts: ReadonlyArray<string>) => ({
  subject: "A visit",
  sections: [{ statements: texts.map((text) => ({ text, notes: [] })) }]
})
const run = (asked: Request, steps: ReadonlyArray<ScriptedModel.Step>, options?: ModelOptions) =>
  Effect.gen(function* () {
    const script = yield* ScriptedModel.CurrentScript
    const draft = yield* Effect.result(Scribe.run(asked))
    return { draft, requests: yield* script.requests }
  }).pipe(Effect.provide(Scribe.layerModel(options).pipe(Layer.provideMerge(ScriptedModel.layer(steps)))))
const drafted = (asked: Request, steps: ReadonlyArray<ScriptedModel.Step>, options?: ModelOptions) =>
  Effect.flatMap(run(asked, steps, options), ({ draft }) => Effect.fromResult(draft))
const invalidAnswer = (asked: Request, params: Schema.Json) =>
  Effect.map(Effect.flip(drafted(asked, [answer(params)], { maxRepairs: 0 })), (error) => {
    assert(error._tag === "InvalidAnswerError")
    return error.problems
  })

describe("Scribe by a model", () => {
  it.effect("greets and closes by itself, and takes sources from the notes", () =>
    Effect.gen(function* () {
      const draft = yield* drafted(request, [
        answer({
          subject: "A visit\nto Leipzig",
          sections: [
            {
              statements: [
                { text: "You hire 40 people.", notes: [1, 1] },
                { text: "Congratulations!", notes: [] }
              ]
            },
            { statements: [{ text: "May I come? Thank you.", notes: [2] }] }
          ]
        })
      ])
      expect(draft.subject).toBe("A visit to Leipzig")
      expect(draft.body).toBe(
        "Dear Zoë,\n\nYou hire 40 people. Congratulations!\n\nMay I come? Thank you.\n\nSincerely,\nAda"
      )
      expect(draft.sections.map(({ statements }) => statements.map(({ sources }) => sources))).toEqual([
        [[daily], []],
        [[]]
      ])
      expect([draft.writtenBy, draft.templateUsed, draft.readyForReview]).toEqual(["model", null, true])
    })
  )

  it.effect("shows the model the notes and samples by number, and no address of anybody", () =>
    Effect.gen(function* () {
      const style = { samples: ["Hey Bob,\nfine.\nCheers"] }
      const { draft, requests } = yield* run({ ...request, style }, [answer(email("May I come?"))])
      const shown = requests[0]?.last ?? ""
      expect(shown).toContain('"number":1,"text":"Acme hires 40 people.')
      expect(shown).toContain("Hey Bob")
      expect(JSON.stringify(requests[0]?.prompt)).not.toMatch(/zoe@example|daily\.example/)
      assert(draft._tag === "Success")
      expect(draft.success.body).toBe("Hey Zoë,\n\nMay I come?\n\nCheers,\nAda")
      expect(draft.success.styleApplied).toEqual(["greeting", "closing", "samples"])
    })
  )

  it.effect("accepts nothing that was made up, and says where", () =>
    Effect.gen(function* () {
      const figure = "it has a figure that is not in the request"
      const contact = "it has an address or a link that is not in the request"
      const place = "it has a place left to fill; leave out what is not known"
      const cases: ReadonlyArray<readonly [string, string]> = [
        ["We hire 50.", figure],
        ["We hire 4.", figure],
        ["It was in 2031.", figure],
        ["Write to fo@acme.example.", contact],
        ["Write to zoe@example.com.", contact],
        ["See https://evil.example/x.", contact],
        ["See https://daily.example.com/", contact],
        ["Dear [Name] of Acme", place],
        ["It costs {{price}}.", place],
        ["Sign here: ____", place],
        ["Ask <your manager>.", place],
        [" ", "it is blank"],
        ["a\u0000b", "it has control characters"]
      ]
      for (const [text, problem] of cases) {
        expect(yield* invalidAnswer(request, email("Fine.", text)), text).toContain(
          `sections.0.statements.1.text: ${problem}`
        )
      }
      const known = email("Acme hires 40 people, says www.acme.example.", "Ask info@acme.example.")
      expect((yield* drafted(request, [answer(known)])).writtenBy).toBe("model")
      const marked = email("Is it info@acme.example? Ask info@acme.example! Or (info@acme.example), not a@b.")
      expect((yield* drafted(request, [answer(marked)])).writtenBy).toBe("model")
      expect(yield* invalidAnswer(request, { ...email("Fine."), subject: "Top 10" })).toEqual([`subject: ${figure}`])
      expect(yield* invalidAnswer(request, { sections: email("Fine.").sections })).toEqual(["subject: it is blank"])
    })
  )

  // Looked at in time that grows with their square, these would take a minute, and nothing else would run meanwhile.
  it.effect("reads texts without an end: words without spaces, and places to fill that are only begun", () =>
    Effect.gen(function* () {
      const begun = ["{{", "[a", "<a", "a@", "a.", ".,", "www."].map((text) => text.repeat(60_000))
      for (const text of ["a".repeat(300_000), ...begun]) {
        const context = [{ text: "Acme hires 40 people." }, { text }]
        const draft = yield* drafted({ ...request, context }, [answer(email("Fine."))])
        expect(draft.writtenBy).toBe("model")
        yield* Effect.exit(drafted(request, [answer(email(text))], { maxRepairs: 0 }))
      }
    })
  )

  it.effect("accepts no greeting, no closing, and no notes that do not exist", () =>
    Effect.gen(function* () {
      expect(yield* invalidAnswer(request, email("Hi Zoë,", "may I come?"))).toEqual([
        "sections.0: it begins with a greeting, which is added by itself"
      ])
      expect(yield* invalidAnswer(request, email("May I come?", "Best regards,\nAda"))).toEqual([
        "sections.0: it ends with a closing or signature, which is added by itself"
      ])
      for (const notes of [[0], [3], [-1]]) {
        expect(
          yield* invalidAnswer(request, { subject: "A", sections: [{ statements: [{ text: "b", notes }] }] })
        ).toEqual(["sections.0.statements.0.notes: notes have the numbers 1 to 2"])
      }
    })
  )

  it.effect("tells the model what it made up, and takes the second answer", () =>
    Effect.gen(function* () {
      const draft = yield* drafted(request, [
        answer(email("You hire 50 people.")),
        answer(
          email("You hire people."),
          /sections\.0\.statements\.0\.text: it has a figure that is not in the request/
        )
      ])
      expect(draft.body).toContain("You hire people.")
    })
  )

  it.effect("writes documents under their own headings, in their order", () =>
    Effect.gen(function* () {
      const section = (heading: string | undefined, text: string) => ({
        ...(heading === undefined ? {} : { heading }),
        statements: [{ text, notes: [1] }]
      })
      const draft = yield* drafted(document, [
        answer({ subject: "Acme", sections: [section("key points", "It hires."), section("Summary", "It grows.")] })
      ])
      expect(draft.body).toBe(
        "## Summary\n\nIt grows. [1]\n\n## Key Points\n\nIt hires. [1]\n\n## Sources\n\n[1] Daily, https://daily.example.com/2031"
      )
      expect([draft.missingSections, draft.readyForReview, draft.documentType]).toEqual([[], true, "brief"])
      const half = yield* drafted(document, [answer({ subject: "Acme", sections: [section("Summary", "It grows.")] })])
      expect([half.missingSections, half.readyForReview]).toEqual([["Key Points"], false])
      expect(
        yield* invalidAnswer(document, {
          subject: "Acme",
          sections: [section("Outlook", "a"), section(undefined, "b"), section("Summary", "c"), section("SUMMARY", "d")]
        })
      ).toEqual([
        "sections.0.heading: it is none of: Summary, Key Points",
        "sections.1.heading: it is none of: Summary, Key Points",
        "sections.3.heading: it is there twice"
      ])
    })
  )

  it.effect("with sources required, leaves out what none shows, and counts it", () =>
    Effect.gen(function* () {
      const asked: Request = {
        communicationType: "document",
        goal: "2 firms",
        context: [
          { text: "Acme hires 40 people on 2031-03-09.", sources: [daily] },
          { text: "Beta pays $7 million.", sources: [{ title: "Wire" }] },
          { text: "Nobody says where: 12 of 13." }
        ]
      }
      const written = (...statements: ReadonlyArray<readonly [string, ReadonlyArray<number>]>) => ({
        subject: "Made up by 99",
        sections: [{ heading: "Summary", statements: statements.map(([text, notes]) => ({ text, notes })) }]
      })
      const answers = written(
        ["Acme hires 40, from 9/3 of 2031.", [1]],
        ["Acme pays 7 million.", [1]],
        ["All is well.", []],
        ["12 of 13.", [3]],
        ["Beta pays 7 million, Acme hires 40.", [1, 2]],
        ["Beta is fine.", [4]],
        ["See https://evil.example.", [1]],
        ["2 firms.", [2]],
        ["[Name] joins.", [1]]
      )
      const draft = yield* drafted(asked, [answer(answers)], { sources: "required", maxRepairs: 0 })
      // "9/3" is one figure, and no note has it.
      expect(draft.sections.flatMap(({ statements }) => statements.map(({ text }) => text))).toEqual([
        "Beta pays 7 million, Acme hires 40.",
        "2 firms."
      ])
      expect(draft.sections.flatMap(({ statements }) => statements.map(({ sources }) => sources.length))).toEqual([
        2, 1
      ])
      expect(draft.subject).toBe("2 firms")
      expect(draft.warnings).toEqual([expect.stringMatching(/^7 of the model's statements were left out/)])
      const spoken = yield* drafted(asked, [answer(written(["It is the 9 of 3.", [1]]))], { sources: "required" })
      expect(spoken.warnings).toEqual([])
      const none = answer(written(["All is well.", []], ["Acme pays 7 million.", [1]]))
      const error = yield* Effect.flip(drafted(asked, [none], { sources: "required", maxRepairs: 0 }))
      assert(error._tag === "InvalidAnswerError")
      expect(error.problems).toEqual([
        "sections: no statement names a note that has a source and keeps to what its notes say"
      ])
      const bare = yield* drafted({ ...asked, context: [{ text: "Nobody says where." }] }, [], { sources: "required" })
      expect(bare.writtenBy).toBe("template")
      const again = yield* drafted(asked, [none, answer(written(["Acme hires.", [1]]))], { sources: "required" })
      expect(again.body).toContain("Acme hires. [1]")
    })
  )

  it.effect("takes null for what is left out", () =>
    Effect.gen(function* () {
      const message: Request = { communicationType: "message", goal: "Lunch" }
      const sections = [{ heading: null, statements: [{ text: "Lunch?", notes: [] }] }]
      const draft = yield* drafted(message, [answer({ subject: null, sections })])
      expect(draft.body).toBe("Hello,\n\nLunch?")
      expect(draft.sections[0]).not.toHaveProperty("heading")
      expect(yield* invalidAnswer(request, { subject: null, sections })).toEqual(["subject: it is blank"])
    })
  )

  it.effect("fills templates without the model", () =>
    Effect.gen(function* () {
      const asked: Request = { communicationType: "email", goal: "A visit", templateName: "meeting_request" }
      const { draft, requests } = yield* run(asked, [])
      expect(requests).toEqual([])
      assert(draft._tag === "Success")
      expect(draft.success).toEqual(yield* Effect.provide(Scribe.run(asked), Scribe.layer))
    })
  )

  it.effect("fails where the model fails, and falls back where it was told to", () =>
    Effect.gen(function* () {
      const down = ScriptedModel.fails(new AiError.InternalProviderError({ description: "down" }))
      expect((yield* Effect.flip(drafted(request, [down])))._tag).toBe("ModelCallError")
      const draft = yield* drafted(request, [down], { whenModelFails: "template" })
      expect(draft.warnings).toHaveLength(1)
      expect(draft.warnings[0]).toMatch(
        /^Written from the template, because the model gave no draft\. The model of Scribe failed in turn 1/
      )
      expect({ ...draft, warnings: [] }).toEqual(yield* Effect.provide(Scribe.run(request), Scribe.layer))
      const invented = yield* drafted(request, [answer(email("50")), answer(email("60"))], {
        whenModelFails: "template"
      })
      expect([invented.writtenBy, invented.body.includes("60")]).toEqual(["template", false])
    })
  )

  it.effect("refuses options when it is built", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(drafted(request, [], { maxTurns: 0 }))
      expect(error.message).toBe("ModelAgent.make for Scribe: maxTurns was 0; allowed is a whole number from 1")
    })
  )

  it.effect("does not fall back where a budget ends: what may not be spent is not hidden", () =>
    Effect.gen(function* () {
      const script = yield* ScriptedModel.make([])
      const functions = yield* Metered.provider(
        { provider: "scripted", model: "scripted-1", maxOutputTokens: 100 },
        script.functions
      )
      const model = Layer.effect(LanguageModel.LanguageModel, LanguageModel.make(functions))
      const error = yield* Scribe.run(request).pipe(
        Effect.provide(Scribe.layerModel({ whenModelFails: "template" }).pipe(Layer.provide(model))),
        Budget.limit({ tokens: 10 }),
        Effect.flip
      )
      expect(error._tag).toBe("BudgetExceededError")
    }).pipe(Effect.provide(Limiter.layer({})))
  )
})

describe("Scribe in plans", () => {
  const plan = () => {
    const first = Task.make("first", Scribe, { payload: { communicationType: "message", goal: "Lunch" } })
    const brief = Task.make("brief", Scribe, {
      dependsOn: [first],
      payload: ({ first }) => ({
        communicationType: "document" as const,
        goal: "What was written",
        context: first.sections.flatMap(({ statements }) => statements)
      })
    })
    return Plan.make("writing", [brief])
  }

  it.live("takes another's statements with their sources as notes", () =>
    Effect.gen(function* () {
      const result = yield* Orchestrator.run(plan())
      const { brief } = yield* result.outputs
      expect(brief.body).toContain(
        "## Key Points\n\n- I am writing about the following: Lunch.\n- I look forward to your reply."
      )
    }).pipe(Effect.provide([Scribe.layer, Orchestrator.layer]))
  )
})

import * as Rfc5322 from "@aria/agents-scribe/Rfc5322"
import { Scribe } from "@aria/agents-scribe/Scribe"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"

const program = Effect.gen(function* () {
  const draft = yield* Scribe.run({
    communicationType: "email",
    goal: "A visit to the plant in Leipzig",
    recipient: { name: "Zoë Müller", email: "zoe@example.com" },
    sender: { name: "Ada Lovelace", company: "Acme Corp" },
    context: [
      { text: "The plant opens on 1 December.", sources: [{ title: "Daily", url: "https://daily.example.com/plant" }] }
    ],
    tone: "friendly",
    style: { samples: ["Hello Bob,\n\nall is well.\n\nCheers,\nAda"] }
  })
  console.log(draft.body)
  console.log(draft.sections.flatMap(({ statements }) => statements.flatMap(({ sources }) => sources)))
  const date = DateTime.makeUnsafe("2026-11-23T09:00:00Z")
  console.log(yield* Effect.fromResult(Rfc5322.fromDraft(draft, { from: { email: "ada@example.com" }, date })))
})

await Effect.runPromise(Effect.provide(program, Scribe.layer))

import { ModelAgent } from "@aria/models"
import { Agent, Approval, HumanInput, ReceiptStore, SideEffect } from "@aria/orchestrator-core"
import { Effect, Layer, Schema, Stream } from "effect"
import { LanguageModel, type Response, Tool, Toolkit } from "effect/ai"

const fields = { to: Schema.String, subject: Schema.String }

// What is done to the world outside, and what a person reads before it is.
const SendMail = SideEffect.make("mail.send", {
  input: Schema.Struct(fields),
  success: Schema.Struct({ messageId: Schema.String }),
  error: Schema.Never,
  summary: ({ subject, to }) => `Send "${subject}" to ${to}`,
  recipients: ({ to }) => [to],
  call: ({ to }, { receiptId }) => Effect.as(Effect.log(`a mail to ${to}`), { messageId: receiptId })
})

// The tool by which a model asks for it. With "return" the model is told what was refused, and can go on.
const Mail = Tool.make("mail", {
  description: "Sends a mail",
  parameters: Schema.Struct(fields),
  success: Schema.String,
  failure: SideEffect.Failure,
  failureMode: "return",
  dependencies: [Approval.Approval, ReceiptStore.ReceiptStore]
})
const Tools = Toolkit.make(Mail)
const Handlers = Tools.toLayer({
  mail: (input) => Effect.as(SendMail.perform({ key: `invite ${input.to}`, input }), "sent")
})

class Inviter extends Agent.make("Inviter", {
  description: "Invites people",
  payload: { guests: Schema.Array(Schema.String) },
  success: Schema.String,
  error: ModelAgent.Failure
}) {
  static readonly layer = this.toLayer(ModelAgent.make(this, { instructions: "Invite them by mail.", toolkit: Tools }))
}

// A model that writes to two people, and then tells what came of it.
const mail = (id: string, to: string): Response.PartEncoded =>
  ({ type: "tool-call", id, name: "mail", params: { to, subject: "Demo on Monday" } })
const Model = Layer.effect(
  LanguageModel.LanguageModel,
  LanguageModel.make({
    generateText: ({ prompt }) => {
      const results = prompt.content.flatMap((message) => (message.role === "tool" ? message.content : []))
      const told = results.map((part) => (part.type === "tool-result" && part.isFailure ? "refused" : "sent"))
      return Effect.succeed(
        told.length > 0
          ? [{ type: "text", text: `They were ${told.join(" and ")}.` }]
          : [mail("1", "ada@example.com"), mail("2", "eve@elsewhere.test")]
      )
    },
    streamText: () => Stream.empty
  })
)

// Mail within the company goes out. All else is asked; nobody is there to ask, so the answer is no.
const Approvals = Approval.layerPolicy({
  rules: [{ effect: "allow", kinds: ["mail.send"], recipientDomains: ["example.com"] }]
}).pipe(Layer.provide(HumanInput.layerNobody("this is an example")))

const program = Effect.tap(Inviter.run({ guests: ["ada@example.com", "eve@elsewhere.test"] }), Effect.log)

await Effect.runPromise(
  program.pipe(
    // The kinds that may be done at all: without this, none.
    SideEffect.allow(["mail.*"]),
    Effect.provide(Inviter.layer.pipe(Layer.provide([Handlers, Model]))),
    Effect.provide([Approvals, ReceiptStore.layerMemory])
  )
)

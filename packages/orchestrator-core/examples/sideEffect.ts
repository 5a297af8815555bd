import { Approval, AuditLog, HumanInput, ReceiptStore, SideEffect } from "@aria/orchestrator-core"
import { Effect, Layer, Schema } from "effect"

class MailDownError extends Schema.TaggedError<MailDownError>()("MailDownError", {
  /** Whether the mail may have gone out all the same. */
  ambiguous: Schema.Boolean
}) {}

// The world outside: a mail server that takes the message, and then does not answer.
const delivered: Array<string> = []
const server = (id: string) =>
  Effect.andThen(
    Effect.sync(() => delivered.push(id)),
    Effect.fail(new MailDownError({ ambiguous: true }))
  )

// What is done, how it is looked up, and what a person reads before it is done.
const SendMail = SideEffect.make("mail.send", {
  input: Schema.Struct({ to: Schema.Array(Schema.String), subject: Schema.String }),
  success: Schema.Struct({ messageId: Schema.String }),
  error: MailDownError,
  summary: ({ subject, to }) => `Send "${subject}" to ${to.join(", ")}`,
  recipients: ({ to }) => to,
  call: (_, { receiptId }) => server(receiptId),
  verify: (_, { receiptId }) =>
    Effect.succeed(delivered.includes(receiptId) ? SideEffect.done({ messageId: receiptId }) : SideEffect.undecided)
})

const program = Effect.gen(function* () {
  const invitation = { to: ["ada@example.com"], subject: "Demo on Monday" }
  const sent = yield* SendMail.perform({ key: "invite-ada", input: invitation })
  // Asked again, by a retry or another run of this user: the stored outcome, and no second mail.
  const again = yield* SendMail.perform({ key: "invite-ada", input: invitation })
  console.log(`${delivered.length} mail, the same receipt: ${sent.messageId === again.messageId}`)

  const refusals = [
    SendMail.perform({ key: "invite-ada", input: { ...invitation, subject: "Demo on Tuesday" } }),
    SendMail.perform({ key: "invite-eve", input: { to: ["eve@elsewhere.test"], subject: "Demo on Monday" } })
  ]
  for (const refusal of refusals) console.log((yield* Effect.flip(refusal)).message)

  const doubtful = yield* SideEffect.doubtful()
  const head = yield* AuditLog.verify((yield* ReceiptStore.ReceiptStore).audit)
  console.log(`${doubtful.length} in doubt, the log of ${head.seq} entries holds`)
}).pipe(SideEffect.allow(["mail.*"]))

// Mail within the company goes out, all else is asked; here nobody is there to ask, so the answer is no.
const Approvals = Approval.layerPolicy({
  rules: [{ effect: "allow", kinds: ["mail.send"], recipientDomains: ["example.com"] }]
}).pipe(Layer.provide(HumanInput.layerNobody("this is an example")))

await Effect.runPromise(program.pipe(Effect.provide([Approvals, ReceiptStore.layerMemory])))

/**
 * An email draft as a message that mail programs open: RFC 5322 with MIME. Pure: nothing is sent or written.
 *
 * @since 0.1.0
 */
import * as DateTime from "effect/DateTime"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { isAddress } from "./Address.ts"
import type { Draft } from "./Draft.ts"
import * as mime from "./internal/mime.ts"

/**
 * The draft is no mail.
 *
 * @category errors
 * @since 0.1.0
 */
export class NotMailError extends Schema.TaggedError<NotMailError>()("NotMailError", {
  field: Schema.Literals(["communicationType", "readyForReview", "recipient.email", "from.email", "messageId"]),
  received: Schema.String,
  /** A sentence: what is allowed, or what to do. */
  allowed: Schema.String
}) {
  override get message(): string {
    return `The draft cannot be exported as mail: ${this.field} is ${JSON.stringify(this.received)}; ${this.allowed}`
  }
}

/**
 * What a message has that a draft has not.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  readonly from: { readonly name?: string | undefined; readonly email: string }
  readonly date: DateTime.Utc
  /** `local@domain`, without angle brackets. Default: none; the server that sends it gives it one. */
  readonly messageId?: string | undefined
  /** Whether a draft may be exported that lacks something. Default `false`. */
  readonly allowIncomplete?: boolean | undefined
}

const refused = (field: NotMailError["field"], received: string, allowed: string) =>
  Result.fail(new NotMailError({ field, received, allowed }))

const addressed = "allowed is the address of a mailbox, such as ada@example.com"

/**
 * The draft as one message, its lines ended by CR LF. It is marked as not yet sent (`X-Unsent`). Without the recipient's address it has no
 * `To`, which a draft may lack. No text of the draft can begin a header: line breaks in headers are spaces, what is not ASCII is encoded.
 *
 * @example
 * ```ts
 * const message = yield* Rfc5322.fromDraft(draft, { from: { email: "ada@example.com" }, date: yield* DateTime.now })
 * ```
 *
 * @category rendering
 * @since 0.1.0
 */
export const fromDraft = (draft: Draft, options: Options): Result.Result<string, NotMailError> => {
  const { date, from, messageId } = options
  const to = draft.recipient?.email
  if (draft.communicationType !== "email") {
    return refused("communicationType", draft.communicationType, 'only "email" can be')
  }
  if (!draft.readyForReview && options.allowIncomplete !== true) {
    const missing = draft.missingVariables.join(", ")
    return refused("readyForReview", "false", `give what is missing (${missing}), or say allowIncomplete`)
  }
  if (!isAddress(from.email)) return refused("from.email", from.email, addressed)
  if (to !== undefined && !isAddress(to)) return refused("recipient.email", to, addressed)
  if (messageId !== undefined && !isAddress(messageId))
    return refused("messageId", messageId, "allowed is local@domain")
  const headers = [
    `Date: ${new Date(DateTime.toEpochMillis(date)).toUTCString().replace("GMT", "+0000")}`,
    mime.mailboxHeader("From", from.name, from.email),
    ...(to === undefined ? [] : [mime.mailboxHeader("To", draft.recipient?.name, to)]),
    ...(messageId === undefined ? [] : [`Message-ID: <${messageId}>`]),
    ...(draft.subject === undefined ? [] : [mime.textHeader("Subject", draft.subject)]),
    "X-Unsent: 1",
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=utf-8",
    "Content-Transfer-Encoding: quoted-printable"
  ]
  return Result.succeed(`${headers.join("\r\n")}\r\n\r\n${mime.quotedPrintable(draft.body)}\r\n`)
}

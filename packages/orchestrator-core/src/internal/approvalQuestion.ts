import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Approval from "../Approval.ts"
import type { HumanInput } from "../HumanInput.ts"
import type { Question } from "../Question.ts"
import { waitFor } from "./waitForAnswer.ts"
import { sha256 } from "./sha256.ts"

const yesOrNo = (value: Schema.Json): string | undefined => (typeof value === "boolean" ? undefined : "The answer is true or false.")

/** A question that is another one as soon as the input is: an answer never holds for what it was not given for. */
const questionOf = (request: Approval.Request): Question => ({
  v: 1,
  id: sha256(JSON.stringify(["approval", request.receiptId, request.inputHash, request.runId ?? null])),
  name: "approval",
  prompt: request.summary,
  schema: { type: "boolean" },
  about: request as unknown as Schema.Json,
  userId: request.userId,
  ...(request.runId === undefined ? {} : { runId: request.runId }),
  ...(request.taskId === undefined ? {} : { taskId: request.taskId }),
  askedAt: request.at,
  ...(request.expiresAt === undefined ? {} : { expiresAt: request.expiresAt })
})

/** The Boolean case of asking a person; no answer is a no. */
export const ask = (human: HumanInput["Service"], request: Approval.Request): Effect.Effect<Approval.Decision> =>
  Effect.match(waitFor(human, questionOf(request), yesOrNo), {
    onSuccess: ({ by, value }): Approval.Decision =>
      value === true
        ? { _tag: "approved", by }
        : { _tag: "denied", by, reason: "denied", message: `${request.kind} was denied by ${by}, nothing was done; that holds for this input` },
    onFailure: (error): Approval.Decision => ({
      _tag: "denied",
      by: "nobody",
      reason: error.reason === "expired" ? "expired" : error.reason === "declined" ? "denied" : "nobody",
      message: `${request.kind} was not approved, nothing was done: ${error.message}`
    })
  })

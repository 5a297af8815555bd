/** `approvals`: questions of runs that wait, here or in another process, and what to say to them. */
import { Approval, type QuestionQueue as Queue, QuestionQueue } from "@aria/orchestrator-core"
import * as Clock from "effect/Clock"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { Argument, Command, Flag } from "effect/cli"
import { userInfo } from "node:os"
import * as Cells from "../Cells.ts"
import * as DataFile from "../DataFile.ts"
import * as ShortId from "../ShortId.ts"
import * as Store from "../Store.ts"

const asRequest = Schema.decodeUnknownOption(Approval.Request)

const facts = (request: Approval.Request): string => {
  const { amount, kind, recipients, undoMillis } = request
  return [
    kind,
    ...(recipients.length === 0 ? [] : [`to ${recipients.join(", ")}`]),
    ...(amount === undefined ? [] : [`${amount} US dollars`]),
    ...(undoMillis === undefined ? [] : [`can be taken back for ${Cells.duration(undoMillis)}`])
  ].join(", ")
}

/** A question as it is listed: its id, what would be done, and for how long it can be answered. */
export const render = ({ problem, question }: Queue.Queued, now: number): ReadonlyArray<string> => {
  const request = Option.getOrUndefined(asRequest(question.about))
  const left = question.expiresAt === undefined ? "stays open" : `open for ${Cells.duration(question.expiresAt - now)}`
  return [
    `${ShortId.short(question.id)}  ${Cells.clean(question.prompt)}`,
    `            ${Cells.clean([request === undefined ? question.name : facts(request), `for ${question.userId}`, `asked ${Cells.duration(now - question.askedAt)} ago`, left].join("; "))}`,
    ...(problem === undefined ? [] : [`            the last answer did not fit: ${Cells.clean(problem)}`])
  ]
}

const open = Effect.flatMap(QuestionQueue.QuestionQueue, (queue) => queue.list({ states: ["open"] }))

const list = Command.make("list", { data: DataFile.flag, store: Store.flag }, ({ data, store }) =>
  Effect.gen(function* () {
    const questions = yield* open
    const now = yield* Clock.currentTimeMillis
    if (questions.length === 0) return yield* Console.log("No question is open.")
    yield* Console.log(questions.flatMap((queued) => render(queued, now)).join("\n"))
  }).pipe(Effect.provide(Store.recordsOf({ data, store })))
).pipe(Command.withDescription("Lists the questions that wait for an answer"))

const answer = (name: "approve" | "reject", value: boolean) =>
  Command.make(
    name,
    {
      data: DataFile.flag,
      store: Store.flag,
      ids: Argument.variadic(Argument.String("id").pipe(Argument.withDescription("The id, or how it begins"))),
      all: Flag.Boolean("all").pipe(Flag.withDefault(false), Flag.withDescription("All that are open now")),
      by: Flag.String("by").pipe(
        Flag.withMetavar("NAME"),
        Flag.withDescription("Who says so (default: your user name)"),
        Flag.withDefault(userInfo().username)
      )
    },
    ({ all, by, data, ids, store }) =>
      Effect.gen(function* () {
        const queue = yield* QuestionQueue.QuestionQueue
        const isApproval = ({ question }: Queue.Queued) => question.name === "approval"
        const approvals = (yield* open).filter(isApproval)
        if (ids.length === 0 && !all) {
          return yield* new ShortId.UnknownIdError({ message: `Say which: an id of "approvals list", or --all for the ${approvals.length} that are open.` })
        }
        // Of one that was answered already, the queue says by whom.
        const every = (yield* queue.list({ expired: true, limit: 100_000 })).filter(isApproval)
        const chosen = all ? approvals : yield* Effect.forEach(ids, (id) => ShortId.find("question", every, ({ question }) => question.id, id))
        for (const { question } of chosen) {
          yield* queue.answer(question.id, { value, by })
          yield* Console.log(`${value ? "approved" : "rejected"}  ${ShortId.short(question.id)}  ${Cells.clean(question.prompt)}`)
        }
        if (chosen.length === 0) yield* Console.log("No question is open.")
      }).pipe(Effect.provide(Store.recordsOf({ data, store })))
  ).pipe(Command.withDescription(value ? "Says yes: exactly what was asked may be done" : "Says no"))

export const command = Command.make("approvals").pipe(
  Command.withDescription("Questions of runs that were started with --approvals queue"),
  Command.withSubcommands([list, answer("approve", true), answer("reject", false)])
)

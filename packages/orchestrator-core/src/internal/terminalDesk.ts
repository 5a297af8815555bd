import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as Schema from "effect/Schema"
import * as Semaphore from "effect/Semaphore"
import type * as Terminal from "effect/Terminal"
import type { HumanInput } from "../HumanInput.ts"
import type { Answer, Question } from "../Question.ts"
import { UnansweredError } from "./questionErrors.ts"
import { read } from "./terminalAnswer.ts"
import { problem, put, type Put, show } from "./terminalQuestion.ts"

type Check = (value: Schema.Json) => string | undefined

/** A question that somebody waits with. */
interface Waiting {
  readonly put: Put
  readonly check: Check
  readonly answered: Deferred.Deferred<Answer>
}

/** How long what was typed before is looked for, and questions that come at once are gathered. */
const settleTime = "50 millis"

const unanswered = ({ id, name }: Question, reason: UnansweredError["reason"], message: string) =>
  new UnansweredError({ question: id, questionName: name, reason, message: `The question "${name}" was not answered: ${message}` })

const elsewhere =
  "start it in a terminal where both input and output are one, or let somebody else answer: HumanInput.layerQueue, or for approvals Approval.layerPolicy or Approval.layerGranted"

/** Puts questions at a terminal one at a time, first come, first served. */
export const makeDesk = (
  terminal: Terminal.Terminal,
  options: { readonly by: string; readonly canPrompt: boolean }
): HumanInput["Service"] => {
  const turns = Semaphore.makeUnsafe(1)
  const waiting = new Set<Waiting>()
  /** Whether a question was taken away while somebody may have been typing: the line goes to no other one. */
  let interrupted = false

  const readLine = Effect.onInterrupt(terminal.readLine, () =>
    Effect.suspend(() => {
      interrupted = true
      return Effect.ignore(terminal.display("\n(This question is over: its time is, or nobody waits for its answer any more.)\n"))
    })
  )

  /** What was typed before a question is shown does not answer it. */
  const clean = Effect.gen(function* () {
    if (interrupted) {
      yield* terminal.display("Press Enter to go on to the next question.\n")
      yield* terminal.readLine
      interrupted = false
    }
    yield* Effect.timeoutOption(Effect.forever(terminal.readLine), settleTime)
  })

  const answerOf = (value: Schema.Json): Effect.Effect<Answer> => Effect.map(Clock.currentTimeMillis, (at) => ({ value, by: options.by, at }))

  /** Gives one answer to all of these that still wait; `own`, which is being served, is the last to hear of it. */
  const answerAll = (own: Waiting, approvals: ReadonlyArray<Waiting>, value: boolean) =>
    Effect.gen(function* () {
      const answer = Effect.succeed(yield* answerOf(value))
      const still = approvals.filter((one) => waiting.has(one) && one.check(value) === undefined)
      for (const one of still) if (one !== own) Deferred.doneUnsafe(one.answered, answer)
      const gone = approvals.length - still.length
      yield* terminal.display(`${value ? "Yes" : "No"} to ${still.length}.${gone === 0 ? "" : ` ${gone} did not wait any more.`}\n`)
      if (still.includes(own)) Deferred.doneUnsafe(own.answered, answer)
    })

  const serve = (own: Waiting) =>
    Effect.gen(function* () {
      if (Deferred.isDoneUnsafe(own.answered)) return
      yield* clean
      const approvals = own.put.subject === undefined ? [own] : Array.from(waiting).filter((one) => one.put.subject !== undefined)
      approvals.sort((a, b) => Number(b === own) - Number(a === own))
      const others = approvals.slice(1)
      const display = (everything: boolean) =>
        Effect.flatMap(terminal.columns, (columns) =>
          terminal.display(show(own.put, others.map((one) => one.put), { columns, everything }))
        )
      yield* display(false)
      while (true) {
        yield* terminal.display("> ")
        const line = yield* readLine
        const word = own.put.subject === undefined ? "" : line.trim().toLowerCase()
        if (word === "s") yield* display(true)
        else if (others.length > 0 && (word === "a" || word === "d")) {
          yield* answerAll(own, approvals, word === "a")
          if (Deferred.isDoneUnsafe(own.answered)) return
        } else {
          const answer = read(own.put.form, line, own.check)
          if (Result.isSuccess(answer)) return void (yield* Deferred.succeed(own.answered, yield* answerOf(answer.success)))
          yield* terminal.display(problem(answer.failure, yield* terminal.columns))
        }
      }
    }).pipe(
      Effect.catchTags({
        QuitError: () => Effect.fail(unanswered(own.put.question, "nobody", `the input of the terminal is closed; ${elsewhere}`)),
        PlatformError: ({ message }) => Effect.fail(unanswered(own.put.question, "unavailable", `the terminal could not be written to (${message})`))
      })
    )

  return {
    ask: Effect.fnUntraced(function* (question, check) {
      if (!options.canPrompt) return yield* unanswered(question, "nobody", `there is no terminal to ask at; ${elsewhere}`)
      const own: Waiting = { put: put(question), check, answered: yield* Deferred.make<Answer>() }
      const expired = Effect.suspend(() =>
        Effect.fail(unanswered(question, "expired", `its time was over at ${new Date(question.expiresAt!).toISOString()}`))
      )
      const left = question.expiresAt === undefined ? undefined : question.expiresAt - (yield* Clock.currentTimeMillis)
      if (left !== undefined && left <= 0) return yield* expired
      waiting.add(own)
      // Whoever answers several at once answers this one while it is in line.
      const answered = Effect.raceFirst(
        Deferred.await(own.answered),
        Effect.andThen(turns.withPermit(serve(own)), Deferred.await(own.answered))
      ).pipe(Effect.ensuring(Effect.sync(() => void waiting.delete(own))))
      return yield* left === undefined ? answered : Effect.timeoutOrElse(answered, { duration: left, orElse: () => expired })
    })
  }
}

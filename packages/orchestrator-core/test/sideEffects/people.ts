import { type Approval, HumanInput, type Question, QuestionQueue, SideEffect } from "@aria/orchestrator-core"
import { Cause, Effect, Layer, Option, Queue, Schema, Terminal } from "effect"
import { TerminalCapabilities } from "effect/cli"
import { TestClock } from "effect/testing"

/** A terminal of which the test is the person: it reads what is shown and types lines. */
export const makeTerminal = (columns = 60) =>
  Effect.gen(function* () {
    const typed = yield* Queue.make<string, Cause.Done>()
    let screen = ""
    const terminal = Terminal.make({
      columns: Effect.succeed(columns),
      rows: Effect.succeed(24),
      size: Effect.die("not used"),
      readInput: Effect.die("not used"),
      readLine: Effect.mapError(Queue.take(typed), () => new Terminal.QuitError({})),
      display: (text) => Effect.sync(() => void (screen += text))
    })
    return {
      terminal,
      /** What was shown since the last look; a question is shown once what was typed before it has been thrown away. */
      shown: Effect.andThen(
        TestClock.adjust("50 millis"),
        Effect.sync(() => {
          const text = screen
          screen = ""
          return text
        })
      ),
      type: (line: string) => Effect.andThen(Queue.offer(typed, line), TestClock.adjust(1)),
      close: Effect.andThen(Queue.end(typed), TestClock.adjust(1))
    }
  })

/** The layer at that terminal. */
export const at = (terminal: Terminal.Terminal, options?: { readonly by?: string; readonly canPrompt?: boolean }) =>
  HumanInput.layerTerminal({ by: options?.by ?? "ada" }).pipe(
    Layer.provide(Layer.succeed(Terminal.Terminal)(terminal)),
    Layer.provide(
      Layer.succeed(TerminalCapabilities.TerminalCapabilities)({ canColor: false, canAnimate: false, canPrompt: options?.canPrompt ?? true })
    )
  )

/** A question as data. */
export const question = (name: string, more?: Partial<Question.Question>): Question.Question => ({
  v: 1,
  id: name,
  name,
  prompt: `${name}?`,
  schema: { type: "string" },
  userId: "ada",
  askedAt: 0,
  ...more
})

/** A request as data. */
export const request = (more?: Partial<Approval.Request>): Approval.Request => ({
  receiptId: "r",
  scope: "user:ada",
  kind: "notes.create",
  key: "a",
  inputHash: "h",
  input: { title: "Minutes" },
  summary: "Write the minutes",
  userId: "ada",
  recipients: [],
  at: 0,
  ...more
})

/** Notes that can be written, and which were. */
export const makeNotes = () => {
  const written: Array<string> = []
  const Create = SideEffect.make("notes.create", {
    input: Schema.Struct({ title: Schema.String }),
    success: Schema.String,
    summary: ({ title }) => `Write "${title}"`,
    expiresIn: "1 hour",
    call: ({ title }) => Effect.sync(() => (written.push(title), title))
  })
  return { written, create: (title: string, key = title) => Create.perform({ key, input: { title } }).pipe(SideEffect.allow(["notes.*"])) }
}

/** The open questions of the queue. */
export const open = Effect.flatMap(QuestionQueue.QuestionQueue, (queue) => queue.list({ states: ["open"] }))

/** The one open question. */
export const only = Effect.map(open, (all) => {
  if (all.length !== 1) throw new Error(`${all.length} questions are open`)
  return Option.getOrThrow(Option.fromUndefinedOr(all[0]))
})

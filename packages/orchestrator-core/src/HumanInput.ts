/**
 * Asking a person, whoever that is and wherever they sit.
 *
 * @since 0.1.0
 */
import { TerminalCapabilities } from "effect/cli/TerminalCapabilities"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import type * as Duration from "effect/Duration"
import { Terminal } from "effect/Terminal"
import { UnansweredError } from "./internal/questionErrors.ts"
import { askInQueue } from "./internal/questionQueue.ts"
import { makeDesk } from "./internal/terminalDesk.ts"
import type { Answer, Question } from "./Question.ts"
import { QuestionQueue } from "./QuestionQueue.ts"

export {
  /**
   * A question without an answer: nobody was there, it came too late, or the person would not say.
   *
   * @category errors
   * @since 0.1.0
   */
  UnansweredError
}

/**
 * Puts questions to a person and waits for the answer. `check` gives what is wrong with an answer, or nothing: what it
 * refuses is asked again with that sentence, so an answer that is given is one that fits.
 *
 * @category services
 * @since 0.1.0
 */
export class HumanInput extends Context.Service<
  HumanInput,
  {
    readonly ask: (question: Question, check: (value: Schema.Json) => string | undefined) => Effect.Effect<Answer, UnansweredError>
  }
>()("@aria/orchestrator-core/HumanInput/HumanInput") {}

/**
 * Nobody is there: every question fails at once. `why` is a sentence for the message, such as what to start it with instead.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerNobody = (
  why = "nobody is there to answer; provide HumanInput.layerTerminal or HumanInput.layerQueue, or for approvals Approval.layerPolicy or Approval.layerGranted"
): Layer.Layer<HumanInput> =>
  Layer.succeed(HumanInput)({
    ask: ({ id, name }) =>
      Effect.fail(new UnansweredError({ question: id, questionName: name, reason: "nobody", message: `The question "${name}" was not answered: ${why}` }))
  })

/**
 * Questions go into the `QuestionQueue` and wait for an answer from elsewhere, for as long as they are open. The same
 * question of the same run, asked again after a crash, finds its answer.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerQueue = (options?: {
  /** How often the queue is looked at, for all open questions together. Default 500 milliseconds. */
  readonly pollInterval?: Duration.Input | undefined
  /**
   * How long a queue that gives no answer is tried again before `Run.ask` fails with `reason: "unavailable"`. A question that is in the queue
   * waits on whatever happens to the queue meanwhile. Default 30 seconds.
   */
  readonly patience?: Duration.Input | undefined
}): Layer.Layer<HumanInput, never, QuestionQueue> =>
  Layer.effect(HumanInput)(
    Effect.gen(function* () {
      const { patience = "30 seconds", pollInterval = "500 millis" } = options ?? {}
      return { ask: yield* askInQueue(yield* QuestionQueue, { patience, pollInterval }) }
    })
  )

/**
 * Questions are put at the terminal, one at a time, first come, first served. Approvals show what is needed to decide;
 * where several wait they are listed, and exactly those can be answered together. What was typed before a question is
 * shown does not answer it, and what others wrote cannot draw on the screen. Where nobody can answer (no terminal, input
 * that is closed, Ctrl-D) a question fails at once.
 *
 * **Example**
 *
 * ```ts
 * const Approvals = Approval.layerAsk.pipe(Layer.provide(HumanInput.layerTerminal({ by: "ada" })), Layer.provide(NodeTerminal.layer))
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layerTerminal = (options?: {
  /** Who is recorded as the one who answered. Default `"terminal"`. */
  readonly by?: string | undefined
}): Layer.Layer<HumanInput, never, Terminal> =>
  Layer.effect(HumanInput)(
    Effect.gen(function* () {
      const { canPrompt } = yield* TerminalCapabilities
      return makeDesk(yield* Terminal, { by: options?.by ?? "terminal", canPrompt })
    })
  )

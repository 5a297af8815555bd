import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import { TaskNotSucceededError } from "../RunResult.ts"
import type { TaskOutcome } from "../TaskOutcome.ts"
import type { Journal } from "./journal.ts"
import { outcomeSchema } from "./resultCodec.ts"
import type { TaskState } from "./taskState.ts"

/** What the unit asks of the run that it is part of. */
interface Run {
  readonly interrupt: (fiber: Fiber.Fiber<unknown, unknown>) => void
  readonly isStopping: () => boolean
  readonly outcomeOf: (exit: Exit.Exit<unknown, unknown>) => TaskOutcome<unknown, unknown>
}

/** A task under an engine that stores: the unit's value is the outcome of the task. A stop stores nothing. */
export const stored = (
  journal: Journal,
  path: string,
  state: TaskState,
  task: Effect.Effect<unknown, unknown, any>,
  run: Run
): Effect.Effect<TaskOutcome<any, any>, never, any> => {
  let ran = false
  // In a fiber of its own: what ends it, a timeout or a refusal, must not end the unit that stores its outcome.
  const inner = Effect.contextWith((context: Context.Context<never>) =>
    Effect.callback<Exit.Exit<unknown, unknown>>((resume) => {
      ran = true
      const fiber = Effect.runForkWith(context)(task as Effect.Effect<unknown, unknown>)
      state.inner = fiber
      if (state.refused !== undefined) run.interrupt(fiber)
      fiber.addObserver((exit) => {
        state.inner = undefined
        resume(Effect.succeed(exit))
      })
      return Fiber.interrupt(fiber)
    })
  )
  const unit = Effect.flatMap(inner, (exit) =>
    run.isStopping() && Exit.isFailure(exit) ? Effect.interrupt : Effect.sync(() => run.outcomeOf(exit))
  )
  return Effect.map(journal.unit(path, outcomeSchema(state.task, state.parent !== undefined, TaskNotSucceededError), unit), (outcome) => {
    if (!ran) {
      // It ran in another life of this run: what it spent counts here as well.
      state.attempts = outcome.attempts
      for (const ledger of state.node!.ledgers) ledger.record(outcome.usage)
    }
    return outcome
  })
}

import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import type * as Schema from "effect/Schema"
import type { Journal } from "../Journal.ts"
import { TaskNotSucceededError } from "../RunResult.ts"
import type * as Plan from "../Plan.ts"
import type { TaskError, TaskOutcome } from "../TaskOutcome.ts"
import { defect } from "./defect.ts"
import { jsonCodec, outcomeSchema } from "./resultCodec.ts"
import { makeOptions } from "./handler.ts"
import { issues } from "./issue.ts"
import { InvalidPayloadError } from "./invalidPayload.ts"
import * as storedText from "./storedText.ts"
import { agentName, type TaskState } from "./taskState.ts"
import { hashOf, type Place, PlaceRef } from "./unitKey.ts"

/** What the unit asks of the run that it is part of. */
interface Run {
  /** Whether something in the run goes on with what the task came to. */
  readonly isAwaited: boolean
  readonly interrupt: (fiber: Fiber.Fiber<unknown, unknown>) => void
  readonly isStopping: () => boolean
  readonly outcomeOf: (exit: Exit.Exit<unknown, unknown>) => TaskOutcome<unknown, unknown>
}

type Restore = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>

/** A task under an engine that stores: the unit's value is the outcome of the task, and the state has it then. A stop stores nothing. */
export const stored = (
  journal: Journal,
  key: string,
  state: TaskState,
  task: Effect.Effect<unknown, unknown, any>,
  run: Run
): Effect.Effect<void, never, any> => {
  let made: TaskOutcome<unknown, unknown> | undefined
  // In a fiber of its own: what ends it, a timeout or a refusal, must not end the unit that stores its outcome.
  const inner = Effect.contextWith((context: Context.Context<never>) =>
    Effect.callback<Exit.Exit<unknown, unknown>>((resume) => {
      const thread: Place["thread"] = { fiber: undefined }
      const placed = Context.add(context, PlaceRef, { key, calls: new Map(), thread })
      const noted = Effect.withFiber((fiber) => {
        thread.fiber = fiber
        return task as Effect.Effect<unknown, unknown>
      })
      const fiber = Effect.runForkWith(placed)(noted)
      state.inner = fiber
      if (state.refused !== undefined) run.interrupt(fiber)
      fiber.addObserver((exit) => {
        state.inner = undefined
        resume(Effect.succeed(exit))
      })
      return Fiber.interrupt(fiber)
    })
  )
  const schema = outcomeSchema(state.task, state.parent !== undefined, TaskNotSucceededError)
  const reader = new storedText.Reader(schema)
  const text = (outcome: TaskOutcome<unknown, unknown>) => storedText.encode(`What the task "${state.id}" came to`, schema, outcome)
  const unitOf = (restore: Restore) => Effect.flatMap(restore(inner), (exit) => {
    if (run.isStopping() && Exit.isFailure(exit)) return Effect.interrupt
    made = run.outcomeOf(exit)
    return Effect.catch(text(made), (error) => {
      made = unstorable(made!, error)
      return Effect.orDie(text(made))
    })
  })
  const outcomeOf = (hash: string, restore: Restore) => Effect.flatMap(journal.unit({ key, kind: "task", hash, isAwaited: run.isAwaited, fits: reader.fits }, unitOf(restore)), (given) => {
    // What ran here is what was stored; it need not be read again.
    if (made !== undefined) return Effect.sync(() => void (state.stored = made))
    return Effect.map(reader.read(given), (outcome: TaskOutcome<any, any>) => {
      state.attempts = outcome.attempts
      state.stored = outcome
    })
  })
  // What a task came to before a stop is stored all the same, and is what it came to.
  return Effect.uninterruptibleMask((restore) => Effect.matchEffect(hashOfTask(state), {
    onSuccess: (hash) => outcomeOf(hash, restore),
    onFailure: ({ issue }) =>
      Effect.sync(() => {
        state.stored = unstorable(run.outcomeOf(Exit.interrupt()), new InvalidPayloadError({ agent: agentName(state.task), issues: issues(issue) }))
      })
  }))
}

/** What a task came to in an earlier life, where the run is stopped before it has come to it again. */
export const recalled = (journal: Journal, key: string, state: TaskState): TaskOutcome<unknown, unknown> | undefined => {
  const text = journal.known(key)
  if (text === undefined) return undefined
  const schema = outcomeSchema(state.task, state.parent !== undefined, TaskNotSucceededError)
  const exit = Effect.runSyncExit(storedText.decode(schema, text))
  return Exit.isSuccess(exit) ? exit.value : undefined
}

/** What it came to cannot be kept: that is what it came to. */
const unstorable = (outcome: TaskOutcome<unknown, unknown>, error: Schema.SchemaError | TaskError): TaskOutcome<unknown, unknown> => {
  const { agent, attempts, endedAt, parent, startedAt, taskId, usage } = outcome
  const reason: TaskError = error._tag === "SchemaError" ? defect(`The result of the agent "${agent}", which does not fit its schema,`, error) : error
  return { _tag: "failed", taskId, agent, parent, attempts, usage, startedAt, endedAt, origin: "engine", error: reason }
}

/** What the stored outcome is for: an agent or plan, how it is called, and with what. Fails where the payload is no JSON. */
export const hashOfTask = (state: TaskState): Effect.Effect<string, Schema.SchemaError> => {
  const { policyVersion, "~body": body } = state.task
  return body._tag === "plan"
    ? Effect.map(inputText(body.plan, state.payload), (input) => hashOf([body.plan.name, body.plan.version, policyVersion, input]))
    : Effect.map(storedText.encodeAny(jsonCodec(body.agent.payloadSchema), state.payload), (payload) =>
        hashOf([body.agent._tag, body.agent.version, policyVersion, payload])
      )
}

/** One that is not valid has no JSON, and no run either. */
export const inputText = ({ inputSchema }: Plan.Any, input: unknown): Effect.Effect<string> =>
  inputSchema === undefined
    ? Effect.succeed("")
    : Effect.flatMap(inputSchema.makeEffect(input, makeOptions), (valid) => storedText.encodeAny(jsonCodec(inputSchema), valid)).pipe(
        Effect.catch(() => Effect.succeed("invalid"))
      )

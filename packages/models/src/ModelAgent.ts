/**
 * An agent made of instructions, tools and its own schemas: the loop over the turns of a model, with every turn and every tool call
 * a step that an engine can store.
 *
 * @since 0.1.0
 */
import type { Agent } from "@aria/orchestrator-core"
import { SideEffect } from "@aria/orchestrator-core"
import type * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type * as AiError from "effect/ai/AiError"
import type * as LanguageModel from "effect/ai/LanguageModel"
import type * as Prompt from "effect/ai/Prompt"
import type * as Tool from "effect/ai/Tool"
import type * as Toolkit from "effect/ai/Toolkit"
import { Activity } from "./internal/modelAgentActivity.ts"
import { type Call, CurrentCall as CurrentCallRef } from "./internal/modelAgentCall.ts"
import {
  ContextWindowError,
  InvalidAnswerError,
  InvalidOptionError,
  MaxTurnsExceededError,
  ModelCallError,
  UnknownToolError
} from "./internal/modelAgentErrors.ts"
import { make as makeHandler } from "./internal/modelAgentMake.ts"
import type * as TokenCount from "./TokenCount.ts"

export {
  /**
   * What an agent tells while it works, as the `data` of its progress updates: `turn`, `toolCall`, `toolResult` and `repair`; with
   * `progress: "content"` also `text` as it comes, and the arguments and results of tools.
   *
   * @category schemas
   * @since 0.1.0
   */
  Activity,
  /**
   * The conversation is too long for `contextWindow`, also without its earlier turns.
   *
   * @category errors
   * @since 0.1.0
   */
  ContextWindowError,
  /**
   * The model's answer did not fit the success schema, also when it was told what did not fit.
   *
   * @category errors
   * @since 0.1.0
   */
  InvalidAnswerError,
  /**
   * An option that no agent can be made with.
   *
   * @category errors
   * @since 0.1.0
   */
  InvalidOptionError,
  /**
   * There was no answer within `maxTurns`.
   *
   * @category errors
   * @since 0.1.0
   */
  MaxTurnsExceededError,
  /**
   * A call of the model failed: effect's `AiError` in a form that can be stored. Headers and bodies of the exchange are not in it.
   *
   * @category errors
   * @since 0.1.0
   */
  ModelCallError,
  /**
   * The model called a tool that does not exist, and did so again after it was told.
   *
   * @category errors
   * @since 0.1.0
   */
  UnknownToolError
}

/**
 * How a model agent fails, but for the failures of its tools: to be put into the agent's error schema.
 *
 * @category errors
 * @since 0.1.0
 */
export const Failure = Schema.Union([
  ModelCallError,
  MaxTurnsExceededError,
  InvalidAnswerError,
  UnknownToolError,
  ContextWindowError,
  SideEffect.SideEffectUnknownError
])
/**
 * @category errors
 * @since 0.1.0
 */
export type Failure = typeof Failure.Type

/**
 * What the tools end the agent with: the failures of those with `failureMode: "error"`, which is effect's default.
 *
 * @category utility types
 * @since 0.1.0
 */
export type ToolFailure<Tools extends Record<string, Tool.Any>> = Exclude<
  Tool.HandlerError<Tools[keyof Tools]>,
  AiError.AiError
>

/**
 * How long a conversation may get.
 *
 * @category models
 * @since 0.1.0
 */
export interface ContextWindow {
  /** Input tokens of one request, tools included. Leave room for the answer. Whole, minimum 1. */
  readonly maxTokens: number
  /** Default: `TokenCount.upperBound()`, which counts prose some four times too high. */
  readonly counter?: TokenCount.TokenCount | undefined
  /**
   * Gives the text that stands in place of the turns that are left out. Default: a note that says how many there were. A summary that
   * does not fit itself is not used.
   */
  readonly summarise?:
    | ((left: Prompt.Prompt) => Effect.Effect<string, AiError.AiError, LanguageModel.LanguageModel>)
    | undefined
}

/**
 * What makes up the work of a model agent.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options<A extends Agent.Any, Tools extends Record<string, Tool.Any> = {}, RT = never> {
  /** What the model is told of its work before anything else. */
  readonly instructions: string | ((payload: Agent.Payload<A>) => string)
  /** What it is asked. Default: the payload as JSON. */
  readonly prompt?: ((payload: Agent.Payload<A>) => Prompt.RawInput) | undefined
  /**
   * What it may call. A failure of a tool with `failureMode: "return"` is told to the model, that of one with `"error"` ends the
   * agent. Calls of one turn run at once; the model gets their results in the order of its calls.
   */
  readonly toolkit?: Effect.Effect<Toolkit.WithHandler<Tools>, never, RT> | undefined
  /** The most calls of the model, those for repairs included. Whole, minimum 1, default 10. */
  readonly maxTurns?: number | undefined
  /** How often it is told that its answer does not fit, or was cut off. Whole, minimum 0, default 1. */
  readonly maxRepairs?: number | undefined
  /** The most tool calls of one turn that run at once. Whole, minimum 1, default `"unbounded"`. */
  readonly concurrency?: number | "unbounded" | undefined
  /**
   * Whether each turn has to call a tool, where the answer is more than a text and so is given by a tool itself. `"auto"` is for
   * models that cannot be forced, such as some that think first. Default `"required"`.
   */
  readonly toolChoice?: "auto" | "required" | undefined
  /** Default: no limit but the model's own. */
  readonly contextWindow?: ContextWindow | undefined
  /** What is told as progress. `"content"` streams the model's text, and shows what tools are given and give. Default `"activity"`. */
  readonly progress?: "none" | "activity" | "content" | undefined
  /**
   * Whether messages, arguments and results are written on the spans of this agent's model calls and tools. Default: as `Telemetry.Spans`
   * says, which is `"names"`: they are not.
   */
  readonly spans?: "names" | "content" | undefined
}

/**
 * The tool call that this code is part of; `None` outside of one. Its `step` is unique within a task: for the names of a handler's own
 * steps and questions.
 *
 * @category references
 * @since 0.1.0
 */
export const CurrentCall: Context.Reference<Option.Option<Call>> = CurrentCallRef

/**
 * The handler of an agent whose work is done by a language model, to be given to `toLayer`.
 *
 * The model is called until it gives an answer that fits the agent's success schema: a text where that is a text, otherwise a call of
 * the tool `answer`. Each turn and each tool call is a `Run.step`: what an engine has stored of them is not done again. Another attempt of
 * a policy starts from the beginning. Budgets, limits and retries are the model's: see `Guarded`; its calls are in the limiter's lane of
 * this agent.
 *
 * Tools that write perform a `SideEffect` in their handler: a refusal or a conflict is a failure of the tool like any other, but an
 * action that may have been done or not ends the agent with `SideEffectUnknownError`, whatever the tool's `failureMode`. A tool with
 * `needsApproval` is refused: approval belongs to the action.
 *
 * Errors, when it is made: `InvalidOptionError`. Of the handler: `Failure`, and those of the tools.
 *
 * @example
 * ```ts
 * class Researcher extends Agent.make("Researcher", {
 *   description: "Answers questions about companies",
 *   payload: { question: Schema.NonEmptyString },
 *   success: { answer: Schema.String, sources: Schema.Array(Schema.String) },
 *   error: ModelAgent.Failure
 * }) {
 *   static readonly layer = this.toLayer(
 *     ModelAgent.make(this, { instructions: "You answer from what the tools give, with its sources.", toolkit: Tools })
 *   )
 * }
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = <A extends Agent.Any, Tools extends Record<string, Tool.Any> = {}, RT = never>(
  agent: A,
  options: Options<A, Tools, RT>
): Effect.Effect<
  (
    payload: Agent.Payload<A>
  ) => Effect.Effect<Agent.Success<A>, Failure | ToolFailure<Tools>, Tool.HandlerServices<Tools[keyof Tools]>>,
  InvalidOptionError,
  LanguageModel.LanguageModel | RT
> => makeHandler(agent, options)

/**
 * A language model that follows a script: it answers what a test says, and breaks the test where it is asked something else, more, or
 * less than the script has.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import type * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import type * as AiError from "effect/ai/AiError"
import * as LanguageModel from "effect/ai/LanguageModel"
import type * as Prompt from "effect/ai/Prompt"
import type * as Response from "effect/ai/Response"
import { Player } from "./internal/scriptPlayer.ts"
import { ScriptBrokenError } from "./internal/scriptErrors.ts"

export {
  /**
   * The model and the script did not go together: a request that no step is for, or a step that was never used. It is a defect, so that
   * nothing that handles failures of models hides it.
   *
   * @category errors
   * @since 0.1.0
   */
  ScriptBrokenError
}

/**
 * What the model was asked.
 *
 * @category models
 * @since 0.1.0
 */
export interface Request {
  /** From 1, in the order in which requests came. */
  readonly number: number
  readonly prompt: Prompt.Prompt
  /** All texts of the last message, and its tool results as JSON. */
  readonly last: string
  /** The names of the tools. */
  readonly tools: ReadonlyArray<string>
  readonly toolChoice: LanguageModel.ToolChoice<string>
  readonly isStream: boolean
  /** All that the provider gets, such as the schema of an object. */
  readonly options: LanguageModel.ProviderOptions
}

/**
 * What a request has to be: a text or pattern that is in its last message, or a function that gives `false`, a sentence on what is
 * wrong, or throws, as assertions do.
 *
 * @category models
 * @since 0.1.0
 */
export type Expectation = string | RegExp | ((request: Request) => unknown)

/**
 * What is the same for all kinds of steps.
 *
 * @category models
 * @since 0.1.0
 */
export interface StepOptions {
  /** Default: any request. */
  readonly expect?: Expectation | undefined
  /** How long it takes until the answer begins. Default: no time. */
  readonly delay?: Duration.Input | undefined
  /** How long each piece of a streamed answer takes. Default: no time. */
  readonly pieceDelay?: Duration.Input | undefined
  /** What the provider reports as used. Default: 10 input and 5 output tokens; `"none"` is a provider that does not say. */
  readonly usage?:
    | {
        readonly input: number
        readonly output: number
        readonly cached?: number | undefined
        readonly reasoning?: number | undefined
      }
    | "none"
    | undefined
  /** Why the model ended. Default: `"tool-calls"` where there are calls, else `"stop"`. */
  readonly finish?: Response.FinishReason | undefined
}

/**
 * One request and its answer. A step is used once.
 *
 * @category models
 * @since 0.1.0
 */
export interface Step extends StepOptions {
  readonly parts: ReadonlyArray<Response.PartEncoded>
  /** What the request fails with; of a stream, after its parts. */
  readonly error?: AiError.AiErrorReason | undefined
  /** Whether it never ends; of a stream, after its parts. */
  readonly hangs?: boolean | undefined
}

/**
 * A call of a tool.
 *
 * @category models
 * @since 0.1.0
 */
export interface Call {
  readonly tool: string
  /** As the model writes them. Default `{}`. */
  readonly params?: unknown
  /** Default: `"call-1"` and so on, through the whole script. */
  readonly id?: string | undefined
}

/**
 * A step that answers with text.
 *
 * @category constructors
 * @since 0.1.0
 */
export const text = (text: string, options: StepOptions = {}): Step => ({ ...options, parts: [{ type: "text", text }] })

/**
 * A step that answers with an object, as `LanguageModel.generateObject` takes it: as JSON.
 *
 * @category constructors
 * @since 0.1.0
 */
export const object = (value: Schema.Json, options: StepOptions = {}): Step => text(JSON.stringify(value), options)

/**
 * A step that calls tools.
 *
 * @category constructors
 * @since 0.1.0
 */
export const calls = (calls: ReadonlyArray<Call>, options: StepOptions = {}): Step => ({
  ...options,
  parts: calls.map(({ id = "", params = {}, tool }) => ({ type: "tool-call", id, name: tool, params }))
})

/**
 * A step that answers with any parts, such as reasoning before a call. What it reports as used comes from the options.
 *
 * @category constructors
 * @since 0.1.0
 */
export const parts = (parts: ReadonlyArray<Response.PartEncoded>, options: StepOptions = {}): Step => ({
  ...options,
  parts
})

/**
 * A step that fails. With `after`, a stream is cut off behind this text.
 *
 * @category constructors
 * @since 0.1.0
 */
export const fails = (
  error: AiError.AiErrorReason,
  options: StepOptions & { readonly after?: string | undefined } = {}
): Step => ({ ...options, error, parts: options.after === undefined ? [] : [{ type: "text", text: options.after }] })

/**
 * A step that never answers: for timeouts and interruptions.
 *
 * @category constructors
 * @since 0.1.0
 */
export const hangs = (options: StepOptions = {}): Step => ({ ...options, hangs: true, parts: [] })

/**
 * How a script is followed.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /**
   * `"strict"`: the first request gets the first step. `"any"`: a request gets the first unused step whose expectation it meets, for
   * requests that are made at once. Default `"strict"`.
   */
  readonly order?: "strict" | "any" | undefined
  /** Whether steps may stay unused. Default `false`. */
  readonly allowUnused?: boolean | undefined
}

/**
 * A script that is being followed.
 *
 * @category models
 * @since 0.1.0
 */
export interface Script {
  /** All requests so far. */
  readonly requests: Effect.Effect<ReadonlyArray<Request>>
  /** How many steps are left. */
  readonly remaining: Effect.Effect<number>
  /** How many requests were interrupted before their answer was whole. */
  readonly interrupted: Effect.Effect<number>
  /** Dies with `ScriptBrokenError` where a request did not go with the script, or a step is left. Runs at the end by itself. */
  readonly verify: Effect.Effect<void>
  /** The functions of the model as `LanguageModel.make` takes them, for what is put around them: meters, limits. */
  readonly functions: {
    readonly provider: string
    readonly model: string
    readonly generateText: (
      options: LanguageModel.ProviderOptions
    ) => Effect.Effect<Array<Response.PartEncoded>, AiError.AiError>
    readonly streamText: (
      options: LanguageModel.ProviderOptions
    ) => Stream.Stream<Response.StreamPartEncoded, AiError.AiError>
  }
}

/**
 * The script that the model of `layer` follows.
 *
 * @category services
 * @since 0.1.0
 */
export class CurrentScript extends Context.Service<CurrentScript, Script>()(
  "@aria/testkit/ScriptedModel/CurrentScript"
) {}

/**
 * Follows a script until its scope ends. It is verified then, but where the test has failed already.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (steps: ReadonlyArray<Step>, options: Options = {}): Effect.Effect<Script, never, Scope.Scope> =>
  Effect.suspend(() => {
    const player = new Player(steps, options)
    const script: Script = {
      requests: Effect.sync(() => [...player.requests]),
      remaining: Effect.sync(() => player.remaining),
      interrupted: Effect.sync(() => player.interrupted),
      verify: Effect.suspend(() => player.verdict()),
      functions: {
        provider: "scripted",
        model: "scripted-1",
        generateText: player.generateText,
        streamText: player.streamText
      }
    }
    return Effect.as(
      Effect.addFinalizer((exit) => (Exit.isSuccess(exit) ? script.verify : Effect.void)),
      script
    )
  })

/**
 * A language model that follows a script.
 *
 * @example
 * ```ts
 * const model = ScriptedModel.layer([
 *   ScriptedModel.calls([{ tool: "search", params: { query: "Acme" } }], { expect: "What is new at Acme?" }),
 *   ScriptedModel.text("Acme has raised 5 million dollars.", { expect: /raised/ })
 * ])
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (
  steps: ReadonlyArray<Step>,
  options: Options = {}
): Layer.Layer<LanguageModel.LanguageModel | CurrentScript> =>
  Layer.effectContext(
    Effect.gen(function* () {
      const script = yield* make(steps, options)
      const model = yield* LanguageModel.make(script.functions)
      return Context.make(LanguageModel.LanguageModel, model).pipe(Context.add(CurrentScript, script))
    })
  )

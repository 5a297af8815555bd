/**
 * A language model that records the answers of a real one into a file, and from then on gives them from there: tests of prompts without
 * network, key and chance. A request that is not the recorded one fails and says what differs.
 *
 * @since 0.1.0
 */
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Stream from "effect/Stream"
import type * as AiError from "effect/ai/AiError"
import type * as IdGenerator from "effect/ai/IdGenerator"
import * as LanguageModel from "effect/ai/LanguageModel"
import type * as Response from "effect/ai/Response"
import { recorder } from "./internal/replayRecorder.ts"
import { replayer } from "./internal/replayPlayer.ts"
import { RecordingError, RequestChangedError } from "./internal/replayErrors.ts"

export {
  /**
   * There is no recording to replay, or it cannot be read.
   *
   * @category errors
   * @since 0.1.0
   */
  RecordingError,
  /**
   * A request that was not recorded: the prompt, the tools or a schema have changed. It is a defect, so that nothing that handles
   * failures of models hides it.
   *
   * @category errors
   * @since 0.1.0
   */
  RequestChangedError
}

/**
 * A real model, as `LanguageModel.make` takes it. `AiSdk.provider` of `@aria/adapter-ai-sdk` gives such.
 *
 * @category models
 * @since 0.1.0
 */
export interface Functions {
  readonly generateText: (
    options: LanguageModel.ProviderOptions
  ) => Effect.Effect<Array<Response.PartEncoded>, AiError.AiError, IdGenerator.IdGenerator>
  readonly streamText: (
    options: LanguageModel.ProviderOptions
  ) => Stream.Stream<Response.StreamPartEncoded, AiError.AiError, IdGenerator.IdGenerator>
  readonly codecTransformer?: LanguageModel.CodecTransformer | undefined
}

/**
 * How answers are recorded and replayed.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options<E = never, R = never> {
  /** The path of the recording, a JSON file that belongs to the test. Prompts and answers are in it in clear; keys and headers are not. */
  readonly file: string
  /** The real model. It is made only when recording. */
  readonly functions: Effect.Effect<Functions, E, R>
  /**
   * Whether the real model is called and the file is written anew. Default: the environment variable `ARIA_RECORD`, else `false`.
   */
  readonly record?: boolean | undefined
  /** How schemas of objects are written for the provider, when replaying. Default: as effect does. */
  readonly codecTransformer?: LanguageModel.CodecTransformer | undefined
}

/**
 * A language model that replays a recording, or makes it.
 *
 * A request is known by the hash of its messages, its tools with their schemas, the form of the answer, and whether it is streamed; the
 * same request made twice has its answers in the order in which they were recorded. Failed and interrupted calls are not recorded.
 *
 * Errors: `RecordingError`; those of the real model when recording. A request that is not in the recording dies with
 * `RequestChangedError`.
 *
 * @example
 * ```ts
 * const model = ReplayModel.layer({ file: "test/recordings/brief.json", functions: AiSdk.provider("openai/gpt-5-mini") })
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = <E = never, R = never>(
  options: Options<E, R>
): Layer.Layer<LanguageModel.LanguageModel, E | RecordingError | Config.ConfigError, R> =>
  Layer.effect(
    LanguageModel.LanguageModel,
    Effect.gen(function* () {
      const isRecording = options.record ?? (yield* Config.withDefault(Config.Boolean("ARIA_RECORD"), false))
      const functions = isRecording
        ? yield* recorder(options.file, yield* options.functions)
        : yield* replayer(options.file, options.codecTransformer)
      return yield* LanguageModel.make(functions)
    })
  )

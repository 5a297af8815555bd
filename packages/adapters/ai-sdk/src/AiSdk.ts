/**
 * Any language model of the AI SDK as effect's `LanguageModel`.
 *
 * @since 0.1.0
 */
import type { LanguageModelV3, LanguageModelV4 } from "@ai-sdk/provider"
import type * as AiError from "effect/ai/AiError"
import * as AnthropicStructuredOutput from "effect/ai/AnthropicStructuredOutput"
import * as LanguageModel from "effect/ai/LanguageModel"
import * as Model from "effect/ai/Model"
import * as OpenAiStructuredOutput from "effect/ai/OpenAiStructuredOutput"
import type * as Response from "effect/ai/Response"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { type AiSdkError, InvalidSettingError, UnsupportedModelError } from "./AiSdkError.ts"
import * as CallSettings from "./CallSettings.ts"
import { advised } from "./internal/advised.ts"
import { connectLanguage } from "./internal/connect.ts"
import { remembering } from "./internal/codecs.ts"
import { generate } from "./internal/generate.ts"
import { providerName } from "./internal/names.ts"
import type { Plan } from "./internal/request.ts"
import { scrubber } from "./internal/secrets.ts"
import { refusalOf, secretsOf } from "./internal/settings.ts"
import { stream } from "./internal/stream.ts"
import * as Spent from "./Spent.ts"

/**
 * @category models
 * @since 0.1.0
 */
export interface Options extends CallSettings.CallSettings {
  /**
   * The key, where the model is given by its name. Without it, the provider's environment variable.
   */
  readonly apiKey?: Redacted.Redacted | undefined
  /**
   * Where the provider's server is, where the model is given by its name; with the version in its path, as in
   * `http://127.0.0.1:11434/v1`. Without it, the provider's environment variable, or its own address.
   */
  readonly baseUrl?: string | undefined
  /**
   * How schemas of objects and tools are written for the provider: `"openai"` and `"anthropic"` keep to what these two take, and read
   * answers back into your schema; `"plain"` is the JSON schema as it is. Default `"anthropic"` for its models, `"openai"` for all others:
   * it is the strictest, so others take it too.
   */
  readonly codec?: "anthropic" | "openai" | "plain" | undefined
  /**
   * How a model is told the schema of an object: in the request's own field, or with a system message, for servers that only know "JSON".
   * Default `"native"`.
   */
  readonly jsonSchema?: "native" | "prompt" | undefined
}

/**
 * effect's options of a call, and a limit for this one request.
 *
 * @category models
 * @since 0.1.0
 */
export interface RequestOptions extends LanguageModel.ProviderOptions {
  /** The most tokens that this answer may have; a lower limit of the settings stays. Whole, minimum 1. */
  readonly maxOutputTokens?: number | undefined
}

/**
 * A model's two functions, as `LanguageModel.make` takes them, and what one needs to know to work around them: to count, to limit, to
 * hold back. One evaluation of `generateText`, and one run of a stream, is one request; tools are not run in it.
 *
 * **Example**
 *
 * ```ts
 * import { AiSdk } from "@aria/adapter-ai-sdk"
 * import { LanguageModel } from "effect/ai"
 * import * as Effect from "effect/Effect"
 *
 * const logged = (self: AiSdk.Provider): AiSdk.Provider => ({
 *   ...self,
 *   generateText: (options) => Effect.tap(self.generateText(options), () => Effect.log(`called ${self.provider}/${self.model}`))
 * })
 *
 * const service = AiSdk.provider("openai/gpt-5").pipe(Effect.map(logged), Effect.flatMap(LanguageModel.make))
 * ```
 *
 * @category models
 * @since 0.1.0
 */
export interface Provider {
  /** The provider's name, such as `openai`: the part of the AI SDK's name before the first dot. */
  readonly provider: string
  /** The name of the model, as the provider has it. */
  readonly model: string
  /** The settings that a call made here would have: those of the region and, under them, those of the layer. */
  readonly settings: Effect.Effect<CallSettings.CallSettings>
  readonly codecTransformer: LanguageModel.CodecTransformer
  readonly generateText: (options: RequestOptions) => Effect.Effect<Array<Response.PartEncoded>, AiError.AiError>
  /** The last part is always `finish`, with the usage; a stream that ends without one has failed. */
  readonly streamText: (options: RequestOptions) => Stream.Stream<Response.StreamPartEncoded, AiError.AiError>
  /** What a call that failed with this error has cost. */
  readonly spent: (error: AiError.AiError) => Spent.Spent
}

const codecs: Record<NonNullable<Options["codec"]>, LanguageModel.CodecTransformer> = {
  anthropic: remembering(AnthropicStructuredOutput.toCodecAnthropic),
  openai: remembering(OpenAiStructuredOutput.toCodecOpenAI),
  plain: remembering(LanguageModel.defaultCodecTransformer)
}

const specification = (model: LanguageModelV3 | LanguageModelV4): Effect.Effect<"v3" | "v4", UnsupportedModelError> => {
  // typed, and still met: models of older packages in programs that are not type-checked
  const version: unknown = model.specificationVersion
  return version === "v3" || version === "v4"
    ? Effect.succeed(version)
    : Effect.fail(
        new UnsupportedModelError({
          model: `${model.provider}/${model.modelId}`,
          detail: `it is of AI SDK specification ${String(version)}; v3 and v4 can be used. Install a newer version of its package.`
        })
      )
}

const limit = (settings: CallSettings.CallSettings, maxOutputTokens: number | undefined): CallSettings.CallSettings =>
  maxOutputTokens === undefined
    ? settings
    : { ...settings, maxOutputTokens: Math.min(maxOutputTokens, settings.maxOutputTokens ?? maxOutputTokens) }

/**
 * The pieces of a model, for whoever puts something around them. `layer` is for everybody else.
 *
 * @category constructors
 * @since 0.1.0
 */
export const provider = Effect.fnUntraced(function* (
  model: LanguageModelV3 | LanguageModelV4 | string,
  options: Options = {}
): Effect.fn.Return<Provider, AiSdkError> {
  const { apiKey, baseUrl, codec, jsonSchema = "native", ...own } = options
  if (typeof model !== "string" && (apiKey !== undefined || baseUrl !== undefined)) {
    return yield* new InvalidSettingError({
      setting: apiKey === undefined ? "baseUrl" : "apiKey",
      received: "a value, and a model that is made already",
      allowed: "a value where the model is given by its name; otherwise pass it to what makes the model"
    })
  }
  const { model: given, secrets } =
    typeof model === "string" ? yield* connectLanguage(model, { apiKey, baseUrl, jsonSchema }) : { model, secrets: [] }
  const version = yield* specification(given)
  const refusal = refusalOf(own, version)
  if (refusal !== undefined) return yield* new InvalidSettingError(refusal)

  const name = providerName(given.provider)
  const codecTransformer = codecs[codec ?? (/\banthropic\b/.test(given.provider) ? "anthropic" : "openai")]
  // both specifications have the same two functions; what differs in their arguments is written by version
  const callee = given as LanguageModelV4
  const effective = Effect.map(CallSettings.Current, (current) => CallSettings.merge(own, current))
  const plan = (settings: CallSettings.CallSettings): Plan => ({
    caller: { provider: name, model: given.modelId, scrub: scrubber([...secrets, ...secretsOf(settings)]) },
    specification: version,
    transformer: codecTransformer,
    jsonSchema
  })
  return {
    provider: name,
    model: given.modelId,
    settings: effective,
    codecTransformer,
    generateText: (options) =>
      Effect.flatMap(effective, (settings) => {
        const limited = limit(settings, options.maxOutputTokens)
        return generate(callee, plan(limited), options, limited)
      }),
    streamText: (options) =>
      Stream.unwrap(
        Effect.map(effective, (settings) => {
          const limited = limit(settings, options.maxOutputTokens)
          return stream(callee, plan(limited), options, limited)
        })
      ),
    spent: Spent.of
  }
})

/**
 * effect's `LanguageModel` from a model of the AI SDK, or from `"provider/model"`: `openai` (Responses API), `anthropic`, `google`, and
 * `openai-compatible` with a `baseUrl`, which is any server that speaks OpenAI's chat protocol. A name needs the provider's package
 * (`npm install @ai-sdk/openai`), and its key in `OPENAI_API_KEY`, `ANTHROPIC_API_KEY`, `GOOGLE_GENERATIVE_AI_API_KEY` or
 * `GEMINI_API_KEY`, through effect's `Config`.
 *
 * Calls are not retried here: an `AiError` says whether that helps (`isRetryable`) and when (`retryAfter`). Interrupting a call, or
 * leaving its stream, closes the connection.
 *
 * **Example**
 *
 * ```ts
 * import { AiSdk } from "@aria/adapter-ai-sdk"
 * import { LanguageModel } from "effect/ai"
 * import * as Effect from "effect/Effect"
 *
 * const program = LanguageModel.generateText({ prompt: "Say hello" }).pipe(
 *   Effect.provide(AiSdk.layer("anthropic/claude-sonnet-4-5", { maxOutputTokens: 200 }))
 * )
 * ```
 *
 * Errors: those of `AiSdkError`, while the layer is built.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (
  model: LanguageModelV3 | LanguageModelV4 | string,
  options?: Options
): Layer.Layer<LanguageModel.LanguageModel | Model.ModelName | Model.ProviderName, AiSdkError> =>
  Layer.effectContext(
    Effect.gen(function* () {
      const made = yield* provider(model, options)
      return Context.make(LanguageModel.LanguageModel, advised(yield* LanguageModel.make(made))).pipe(
        Context.add(Model.ProviderName, made.provider),
        Context.add(Model.ModelName, made.model)
      )
    })
  )

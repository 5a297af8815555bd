/**
 * What can be seen of models: spans and metrics by OpenTelemetry's conventions for generative AI, without a word of what was said.
 *
 * A model of `Metered` or `Guarded` has all of it. What is emitted is listed in the README.
 *
 * @since 0.1.0
 */
import type * as Context from "effect/Context"
import type * as LanguageModel from "effect/ai/LanguageModel"
import { type Names, observed } from "./internal/observedModel.ts"
import { SpansRef } from "./internal/spanText.ts"

/**
 * What is written on the spans of models and tools. `"names"`, the default: who was asked and how much it took, never what was said.
 * With `"content"` also messages, arguments and results of tools, and the messages of errors, which may repeat them.
 *
 * @example
 * ```ts
 * const shown = Scout.run(payload).pipe(Effect.provideService(Telemetry.Spans, "content"))
 * ```
 *
 * @category references
 * @since 0.1.0
 */
export const Spans: Context.Reference<"names" | "content"> = SpansRef

/**
 * A model made by hand, seen as those of `Metered.layer` and `Guarded.layer` are. Each of its calls has a `chat` span beneath effect's own
 * and is in the metrics, unless the functions inside are metered and say so themselves, for each exchange. Each tool that effect runs for
 * it has an `execute_tool` span; the arguments, which effect writes on the span around, are left out.
 *
 * Of a model that is not metered only the whole call can be seen: retries inside it are not told apart, and what it used is not known
 * where one of the tools that effect runs for it fails the call.
 *
 * @example
 * ```ts
 * const model = LanguageModel.make(functions).pipe(
 *   Effect.map((model) => Telemetry.model(model, { provider: "acme", model: "large" }))
 * )
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const model = (self: LanguageModel.LanguageModel, names: Names = {}): LanguageModel.LanguageModel =>
  observed(self, names)

import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as LanguageModel from "effect/ai/LanguageModel"
import * as Model from "effect/ai/Model"
import { advised } from "./advised.ts"
import { type Names, observed } from "./observedModel.ts"

/** Who a model is: what its options say before what its functions say. */
export const namesOf = (options: Names, functions: Names): { readonly provider: string; readonly model: string } => ({
  provider: options.provider ?? functions.provider ?? "unknown",
  model: options.model ?? functions.model ?? "unknown"
})

/** A model as a service that can be seen, and who it is, as effect's own services for that: spans and fallbacks tell it. */
export const named = <E, R>(
  options: Names,
  functions: Names,
  make: Effect.Effect<LanguageModel.LanguageModel, E, R>
): Layer.Layer<LanguageModel.LanguageModel | Model.ProviderName | Model.ModelName, E, R> => {
  const { model, provider } = namesOf(options, functions)
  return Layer.effectContext(
    Effect.map(make, (service) =>
      Context.make(LanguageModel.LanguageModel, observed(advised(service), { provider, model })).pipe(
        Context.add(Model.ProviderName, provider),
        Context.add(Model.ModelName, model)
      )
    )
  )
}

import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"

/** The same service out of each layer. TypeScript does not infer the union of what the layers need, so it is stated. */
export const buildAll = <I, S, L extends Layer.Layer<I, unknown, unknown>>(
  service: Context.Key<I, S>,
  layers: ReadonlyArray<L>
): Effect.Effect<ReadonlyArray<S>, Layer.Error<L>, Layer.Services<L> | Scope.Scope> =>
  Effect.forEach(
    layers,
    (layer) =>
      Effect.map(
        Layer.build(layer as unknown as Layer.Layer<I, Layer.Error<L>, Layer.Services<L>>),
        Context.get(service)
      ),
    { concurrency: "unbounded" }
  )

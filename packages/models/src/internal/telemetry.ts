import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"

const overrunTokens = Metric.counter("aria.models.overrun", {
  description: "Tokens that providers reported beyond what was reserved, by provider",
  incremental: true
})
const retries = Metric.counter("aria.models.retries", {
  description: "Calls that were made again, by provider or host",
  incremental: true
})

export const overran = (provider: string, tokens: number): Effect.Effect<void> =>
  Metric.update(Metric.withAttributes(overrunTokens, { provider }), tokens)

export const retried = (target: string): Effect.Effect<void> =>
  Metric.update(Metric.withAttributes(retries, { target }), 1)

import type * as Context from "effect/Context"
import * as Metric from "effect/Metric"

/** effect's exporter takes the unit from the attribute of that name. Names and buckets are those of OpenTelemetry's conventions. */
const usage = Metric.histogram("gen_ai.client.token.usage", {
  description: "Input and output tokens used, as providers reported them",
  attributes: { unit: "{token}" },
  boundaries: [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864]
})
const duration = Metric.histogram("gen_ai.client.operation.duration", {
  description: "How long calls of providers took",
  attributes: { unit: "s" },
  boundaries: [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92]
})

/** Whose calls one series is of. */
export interface Series {
  readonly operation: "chat" | "embeddings"
  readonly provider: string
  readonly model: string | undefined
  readonly answeredBy: string | undefined
}

/** Looking a metric up by its attributes costs more than the rest of it, so each is made once. */
const cached = <Input, State>(metric: Metric.Metric<Input, State>, name: string) => {
  const byKey = new Map<string, Metric.Metric<Input, State>>()
  return ({ answeredBy, model, operation, provider }: Series, value: string | undefined): Metric.Metric<Input, State> => {
    const key = `${operation}\u0000${provider}\u0000${model ?? ""}\u0000${answeredBy ?? ""}\u0000${value ?? ""}`
    let made = byKey.get(key)
    if (made === undefined) {
      // Names of models come from providers, of which there are few; should one make them up, the memory is bounded.
      if (byKey.size >= 1_000) byKey.clear()
      made = Metric.withAttributes(metric, {
        "gen_ai.operation.name": operation,
        "gen_ai.provider.name": provider,
        ...(model === undefined ? {} : { "gen_ai.request.model": model }),
        ...(answeredBy === undefined ? {} : { "gen_ai.response.model": answeredBy }),
        ...(value === undefined ? {} : { [name]: value })
      })
      byKey.set(key, made)
    }
    return made
  }
}
const usageBy = cached(usage, "gen_ai.token.type")
const durationBy = cached(duration, "error.type")

type Services = Context.Context<never>

export const used = (services: Services, series: Series, type: "input" | "output", tokens: number): void =>
  usageBy(series, type).updateUnsafe(tokens, services)

export const lasted = (services: Services, series: Series, seconds: number, error: string | undefined): void =>
  durationBy(series, error).updateUnsafe(seconds, services)

import type * as Context from "effect/Context"
import * as Metric from "effect/Metric"

/** Names and buckets are those of OpenTelemetry's conventions; effect's exporter takes the unit from the attribute of that name. */
const usage = {
  id: "gen_ai.client.token.usage",
  description: "Input and output tokens used, as providers reported them",
  unit: "{token}",
  boundaries: [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864]
}
const duration = {
  id: "gen_ai.client.operation.duration",
  description: "How long calls of providers took",
  unit: "s",
  boundaries: [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92]
}

/** Whose calls one series is of. */
export interface Series {
  readonly operation: "chat" | "embeddings"
  readonly provider: string
  readonly model: string | undefined
  readonly answeredBy: string | undefined
}

/** Finding a series by its attributes costs more than the rest of it, so each is made once, and knows its own key. */
const cached = ({ boundaries, description, id, unit }: typeof usage, name: string) => {
  const byKey = new Map<string, Metric.Histogram<number>>()
  return ({ answeredBy, model, operation, provider }: Series, value: string | undefined): Metric.Histogram<number> => {
    const key = `${operation}\u0000${provider}\u0000${model ?? ""}\u0000${answeredBy ?? ""}\u0000${value ?? ""}`
    let made = byKey.get(key)
    if (made === undefined) {
      // Names of models come from providers, of which there are few; should one make them up, the memory is bounded.
      if (byKey.size >= 1_000) byKey.clear()
      made = Metric.histogram(id, {
        description,
        boundaries,
        attributes: {
          unit,
          "gen_ai.operation.name": operation,
          "gen_ai.provider.name": provider,
          ...(model === undefined ? {} : { "gen_ai.request.model": model }),
          ...(answeredBy === undefined ? {} : { "gen_ai.response.model": answeredBy }),
          ...(value === undefined ? {} : { [name]: value })
        }
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

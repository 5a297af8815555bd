import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import type * as Exit from "effect/Exit"
import * as References from "effect/References"
import type * as Tracer from "effect/Tracer"
import type * as Prompt from "effect/ai/Prompt"
import type * as Response from "effect/ai/Response"
import type { Answer } from "./answer.ts"
import * as messages from "./chatMessages.ts"
import * as metrics from "./genAiMetrics.ts"
import { providerName } from "./providerNames.ts"
import { toldOf } from "./reported.ts"
import { errorType, SpansRef, withoutText } from "./spanText.ts"
import { agentOf } from "./whoAsks.ts"

/** What is asked of a provider in one exchange, as far as it is known. */
export interface Asked {
  readonly operation: "chat" | "embeddings"
  readonly provider: string
  readonly model: string | undefined
  readonly maxTokens?: number | undefined
  readonly outputType?: string | undefined
  readonly isStream?: boolean | undefined
  /** Where it hangs. Default: the span around. */
  readonly parent?: Tracer.Span | undefined
  /** Looked at only where content is wanted. */
  readonly prompt?: Prompt.Prompt | undefined
}

type Services = Context.Context<never>

export const nameOf = ({ model, operation }: Asked): string => (model === undefined ? operation : `${operation} ${model}`)

/** By OpenTelemetry's conventions for generative AI. */
export const attributesOf = (asked: Asked, services: Services): Record<string, unknown> => {
  const attributes: Record<string, unknown> = {
    "gen_ai.operation.name": asked.operation,
    "gen_ai.provider.name": providerName(asked.provider)
  }
  const agent = agentOf(services)
  if (agent !== undefined) attributes["gen_ai.agent.name"] = agent
  if (asked.model !== undefined) attributes["gen_ai.request.model"] = asked.model
  if (asked.maxTokens !== undefined) attributes["gen_ai.request.max_tokens"] = asked.maxTokens
  if (asked.outputType !== undefined) attributes["gen_ai.output.type"] = asked.outputType
  if (asked.isStream === true) attributes["gen_ai.request.stream"] = true
  if (asked.prompt !== undefined && Context.get(services, SpansRef) === "content") {
    attributes["gen_ai.input.messages"] = messages.input(asked.prompt)
  }
  return attributes
}

/** When an exchange began: on the clock of spans, and on one that nobody sets. */
export interface Began {
  readonly wall: bigint
  readonly steady: bigint
}

export const now = (services: Services): Began => {
  const clock = Context.get(services, Clock.Clock)
  return { wall: clock.currentTimeNanosUnsafe(), steady: clock.monotonicTimeNanosUnsafe() }
}

const seconds = (nanos: bigint): number => Number(nanos) / 1e9

/** The end of an exchange: what came of it goes on its span, which ends here, and into the metrics. */
export const end = (
  exchange: {
    readonly asked: Asked
    readonly span: Tracer.Span | undefined
    readonly began: Began
    readonly ended: Began
    readonly services: Services
  },
  answer: Answer,
  usage: typeof Response.Usage.Encoded | undefined,
  exit: Exit.Exit<unknown, unknown>
): void => {
  const { asked, began, ended, services, span } = exchange
  const told = usage === undefined ? {} : toldOf(usage)
  const error = errorType(exit)
  const series: metrics.Series = {
    operation: asked.operation,
    provider: providerName(asked.provider),
    model: asked.model,
    answeredBy: answer.model
  }
  if (told.inputTokens !== undefined) metrics.used(services, series, "input", told.inputTokens)
  if (told.outputTokens !== undefined && asked.operation === "chat") {
    metrics.used(services, series, "output", told.outputTokens)
  }
  metrics.lasted(services, series, seconds(ended.steady - began.steady), error)
  if (span === undefined) return
  const write = (name: string, value: unknown) => {
    if (value !== undefined) span.attribute(name, value)
  }
  write("gen_ai.response.id", answer.id)
  write("gen_ai.response.model", answer.model)
  if (answer.finish !== undefined) span.attribute("gen_ai.response.finish_reasons", [answer.finish])
  if (asked.isStream === true && answer.begunAt !== undefined) {
    span.attribute("gen_ai.response.time_to_first_chunk", seconds(answer.begunAt - began.steady))
  }
  write("gen_ai.usage.input_tokens", told.inputTokens)
  if (asked.operation === "chat") write("gen_ai.usage.output_tokens", told.outputTokens)
  write("gen_ai.usage.cache_read.input_tokens", told.cachedInputTokens)
  write("gen_ai.usage.cache_creation.input_tokens", told.cacheWriteTokens)
  write("gen_ai.usage.reasoning.output_tokens", told.reasoningTokens)
  write("error.type", error)
  const isContent = answer.parts !== undefined
  if (isContent && answer.hasBegun) {
    span.attribute("gen_ai.output.messages", messages.output(answer.parts, answer.finish))
  }
  span.end(Context.get(services, References.TracerTimingEnabled) ? ended.wall : 0n, isContent ? exit : withoutText(exit))
}

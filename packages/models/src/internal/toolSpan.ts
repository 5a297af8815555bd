import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as References from "effect/References"
import * as Clock from "effect/Clock"
import * as Stream from "effect/Stream"
import type * as Tracer from "effect/Tracer"
import type * as Tool from "effect/ai/Tool"
import { discreet, errorType, type Spans, SpansRef, withoutText } from "./spanText.ts"
import { CallRef } from "./watchedCall.ts"
import { agentOf } from "./whoAsks.ts"

type Results = Stream.Stream<Tool.HandlerResult<any>, unknown, unknown>
type Handle = (
  name: string,
  params: unknown,
  callId?: string,
  ...rest: ReadonlyArray<unknown>
) => Effect.Effect<Results, unknown, unknown>

/** A toolkit with its handlers, without types; where nothing is to be run it has none. */
interface Kit {
  readonly tools: Readonly<Record<string, Tool.Any>>
  readonly handle?: Handle | undefined
}

/** On toolkits whose calls have spans, so that they do not get two; copies of them have it as well. */
const isTraced: unique symbol = Symbol.for("@aria/models/Telemetry/isTraced")

const textOf = (value: unknown): string => JSON.stringify(value) ?? "null"

const end = (
  span: Tracer.Span,
  last: Tool.HandlerResult<any> | undefined,
  isContent: boolean,
  exit: Exit.Exit<unknown, unknown>,
  services: Context.Context<never>
): void => {
  const error = errorType(exit) ?? (last?.isFailure === true ? "tool_failure" : undefined)
  if (error !== undefined) span.attribute("error.type", error)
  if (isContent && last !== undefined) span.attribute("gen_ai.tool.call.result", textOf(last.encodedResult))
  const time = Context.get(services, References.TracerTimingEnabled)
    ? Context.get(services, Clock.Clock).currentTimeNanosUnsafe()
    : 0n
  span.end(time, isContent ? exit : withoutText(exit))
}

const traced =
  (handle: Handle, spans: Spans | undefined): Handle =>
  (name, params, callId, ...rest) =>
    Effect.succeed(
      Stream.unwrap(
        Effect.contextWith((services: Context.Context<never>) => {
          const isContent = (spans ?? Context.get(services, SpansRef)) === "content"
          const agent = agentOf(services)
          const attributes = {
            "gen_ai.operation.name": "execute_tool",
            ...(agent === undefined ? {} : { "gen_ai.agent.name": agent }),
            "gen_ai.tool.name": name,
            ...(callId === undefined ? {} : { "gen_ai.tool.call.id": callId }),
            "gen_ai.tool.type": "function",
            ...(isContent ? { "gen_ai.tool.call.arguments": textOf(params) } : {})
          }
          let last: Tool.HandlerResult<any> | undefined
          const span = Effect.acquireRelease(
            Effect.makeSpan(`execute_tool ${name}`, { kind: "internal", attributes }),
            (span, exit) => Effect.sync(() => end(span, last, isContent, exit, services))
          )
          return Effect.flatMap(span, (span) =>
            handle(name, params, callId, ...rest).pipe(
              Effect.withParentSpan(discreet(span), { captureStackTrace: false }),
              Effect.provideService(CallRef, undefined),
              Effect.map(
                Stream.mapArray((results) => {
                  for (const result of results) if (!result.preliminary) last = result
                  return results
                })
              )
            )
          )
        })
      )
    )

/**
 * The same toolkit with an `execute_tool` span around each call, which takes the place of what effect writes on the span around:
 * arguments. `spans` holds for the span itself and not for what the tool does.
 */
export const withToolSpans = <K>(toolkit: K, spans?: Spans): K => {
  const kit = toolkit as Kit
  if (kit.handle === undefined || isTraced in kit) return toolkit
  return { ...kit, [isTraced]: true, handle: traced(kit.handle, spans) } as K
}

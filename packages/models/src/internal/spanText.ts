import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Exit from "effect/Exit"
import type * as Tracer from "effect/Tracer"
import * as AiError from "effect/ai/AiError"
import * as Refusal from "../Refusal.ts"

/** What is written on spans: documented where it is public, in `Telemetry`. */
export type Spans = "names" | "content"

export const SpansRef: Context.Reference<Spans> = Context.Reference("@aria/models/Telemetry/Spans", {
  defaultValue: (): Spans => "names"
})

/** The same span with some of its methods replaced. */
export const replacing = (span: Tracer.Span, methods: Partial<Tracer.Span>): Tracer.Span =>
  new Proxy(span, {
    get: (target, key) => {
      if (Object.hasOwn(methods, key)) return Reflect.get(methods, key)
      // Read from the span itself: its ids are made when they are first asked for, and must not become another's.
      const value: unknown = Reflect.get(target, key, target)
      return typeof value === "function" ? value.bind(target) : value
    }
  })

/**
 * The same span, but for what `Toolkit.handle` writes on it before it calls the handler: the arguments, which are not for traces. What
 * the handler itself writes comes later, and stays.
 */
export const discreet = (span: Tracer.Span): Tracer.Span => {
  const dropped = new Set(["tool", "parameters"])
  return replacing(span, {
    attribute: (key, value) => {
      if (!dropped.delete(key)) span.attribute(key, value)
    }
  })
}

const nameOf = (error: unknown): string => {
  if (AiError.isAiError(error)) return Refusal.of(error)?._tag ?? error.reason._tag
  if (typeof error !== "object" || error === null) return "error"
  if ("_tag" in error && typeof error._tag === "string") return error._tag
  return error instanceof Error ? error.name : "error"
}

/** What something failed with, as a name of which there are few; `undefined` where it did not. */
export const errorType = (exit: Exit.Exit<unknown, unknown>): string | undefined => {
  if (Exit.isSuccess(exit)) return undefined
  const { reasons } = exit.cause
  const failed = reasons.find(Cause.isFailReason)
  if (failed !== undefined) return nameOf(failed.error)
  return reasons.some(Cause.isDieReason) ? "defect" : "cancelled"
}

/** Stands on a span in place of an error whose message may repeat what was asked or answered. */
const untold = (name: string): Error => {
  const error = new Error(`messages of errors are written on spans only where Telemetry.Spans is "content"`)
  error.name = name
  error.stack = `${name}: ${error.message}`
  return error
}

/** How something ended, without what it gave and without the messages of its errors: exporters write those down. */
export const withoutText = (exit: Exit.Exit<unknown, unknown>): Exit.Exit<unknown, unknown> => {
  const name = errorType(exit)
  if (Exit.isSuccess(exit) || name === undefined) return Exit.void
  if (Cause.hasInterruptsOnly(exit.cause)) return exit
  return exit.cause.reasons.some(Cause.isFailReason) ? Exit.fail(untold(name)) : Exit.die(untold(name))
}

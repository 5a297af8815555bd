import { Budget, Progress } from "@aria/orchestrator-core"
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Tracer from "effect/Tracer"
import type * as AiError from "effect/ai/AiError"
import type { Limiter, Permit } from "../Limiter.ts"
import * as PriceTable from "../PriceTable.ts"
import * as Refusal from "../Refusal.ts"
import type { Spent } from "../Spent.ts"
import { Answer } from "./answer.ts"
import * as chat from "./chatSpan.ts"
import { type Reserved, tokensOf } from "./reported.ts"
import { SpansRef } from "./spanText.ts"
import { type Standby, StandbyRef } from "./standby.ts"
import { overran } from "./telemetry.ts"
import { CallRef } from "./watchedCall.ts"

/** Whom a call goes to, and what it costs there. */
export interface Meter {
  readonly provider: string
  readonly model: string
  readonly price: PriceTable.Price | undefined
  readonly limiter: Limiter["Service"]
  readonly spent: (error: AiError.AiError) => Spent
}

/**
 * One exchange with a provider: reserved in all budgets, then admitted by the limiter, then made, then settled at what was reported.
 * From its admission on it has a span, and counts in the metrics.
 *
 * In this order, because waiting for a rate while a budget is reserved holds up only those who share that budget; the other way round
 * a user whose budget is used up would hold up everybody who shares the rate.
 */
export const exchange = <A, R>(
  meter: Meter,
  method: string,
  reserved: Reserved,
  asked: Pick<chat.Asked, "operation" | "isStream" | "maxTokens" | "outputType" | "prompt" | "parent">,
  call: (answer: Answer, span: Tracer.Span) => Effect.Effect<A, AiError.AiError, R>
): Effect.Effect<A, AiError.AiError, R> => {
  const { limiter, model, price, provider } = meter
  const microUsd = price === undefined ? 0 : PriceTable.bound(price, reserved)
  const reserve = (standby: Standby | undefined) =>
    Budget.reserve({ ...reserved, calls: 1, usd: microUsd / 1_000_000 }, (reservation) => {
      let wasAdmitted = false
      const admitted = limiter.withPermit(
        { provider, tokens: reserved.inputTokens + reserved.outputTokens },
        (permit) =>
          Effect.suspend(() => {
            wasAdmitted = true
            standby?.sent()
            return traced({ ...asked, provider, model }, call, (answer, exit) => {
              const spent = spentBy(meter, answer, exit)
              const settled = settle(meter, reserved, microUsd, spent, exit, reservation, permit)
              return [spent, standby === undefined ? settled : Effect.andThen(settled, told(standby, answer, exit))]
            })
          })
      )
      // Refused, or interrupted while it waited: nothing was sent.
      return Effect.onExit(admitted, () => (wasAdmitted ? Effect.void : reservation.release))
    })
  const waiting = Effect.flatMap(StandbyRef, (standby) => {
    standby?.waits()
    return reserve(standby)
  })
  const refusals = Effect.catchTag(waiting, "TooLargeError", (error) => Effect.fail(Refusal.toAiError(error, method)))
  const priced =
    price !== undefined
      ? refusals
      : Effect.flatMap(Budget.remaining, ({ usd }) =>
          usd === Infinity
            ? refusals
            : Effect.fail(Refusal.toAiError(new Refusal.UnpricedModelError({ provider, model }), method))
        )
  return Effect.flatMap(CallRef, (around) => {
    // Whoever watches the model's call need not tell of this exchange, though it may never be made.
    if (around !== undefined) around.isTold = true
    return priced
  })
}

/** The call with its span, whose end is told once it is known what was spent. */
const traced = <A, R>(
  asked: chat.Asked,
  call: (answer: Answer, span: Tracer.Span) => Effect.Effect<A, AiError.AiError, R>,
  settled: (answer: Answer, exit: Exit.Exit<A, AiError.AiError>) => readonly [spent: Spent, settle: Effect.Effect<void>]
): Effect.Effect<A, AiError.AiError, R> =>
  Effect.contextWith((services: Context.Context<R>) => {
    const options = { kind: "client", attributes: chat.attributesOf(asked, services), parent: asked.parent } as const
    return Effect.useSpan(chat.nameOf(asked), options, (span) => {
      const answer = new Answer(Context.get(services, SpansRef) === "content")
      const began = chat.now(services)
      return Effect.onExit(Effect.withParentSpan(call(answer, span), span, { captureStackTrace: false }), (exit) => {
        const [spent, settle] = settled(answer, exit)
        const usage = spent._tag === "reported" ? spent.usage : undefined
        chat.end({ asked, span, began, ended: chat.now(services), services }, answer, usage, exit)
        return settle
      })
    })
  })

const told = (standby: Standby, { hasBegun }: Answer, exit: Exit.Exit<unknown, AiError.AiError>): Effect.Effect<void> =>
  Effect.sync(() => {
    const error = Exit.isFailure(exit) ? exit.cause.reasons.find(Cause.isFailReason)?.error : undefined
    standby.ended(hasBegun ? undefined : error)
  })

const spentBy = (meter: Meter, account: Answer, exit: Exit.Exit<unknown, AiError.AiError>): Spent => {
  if (account.usage !== undefined) return { _tag: "reported", usage: account.usage }
  // A defect or an interruption tells nothing of what was spent.
  if (Exit.isSuccess(exit) || exit.cause.reasons.some((reason) => !Cause.isFailReason(reason)))
    return { _tag: "unknown" }
  const error = exit.cause.reasons.find(Cause.isFailReason)?.error
  if (error === undefined) return { _tag: "unknown" }
  // What was refused on this side of the provider never came to it, whatever its own errors cost.
  if (Refusal.of(error) !== undefined) return { _tag: "notSent" }
  const spent = meter.spent(error)
  return account.hasBegun && spent._tag !== "reported" ? { _tag: "unknown" } : spent
}

const settle = (
  meter: Meter,
  reserved: Reserved,
  microUsd: number,
  spent: Spent,
  exit: Exit.Exit<unknown, AiError.AiError>,
  reservation: Budget.Reservation,
  permit: Permit
): Effect.Effect<void> =>
  Effect.suspend(() => {
    const throttled = Exit.isFailure(exit) ? coolDown(exit.cause, permit) : Effect.void
    switch (spent._tag) {
      case "notSent":
        return Effect.andThen(reservation.release, permit.release)
      case "refused":
        return Effect.andThen(throttled, Effect.andThen(reservation.settle({ calls: 1 }), permit.settle(0)))
      case "unknown":
        // Whatever is not settled was used as reserved.
        return throttled
      case "reported": {
        const tokens = tokensOf(spent.usage, reserved)
        const cost =
          meter.price === undefined ? 0 : (tokens.isComplete ? PriceTable.cost : PriceTable.bound)(meter.price, tokens)
        const { cachedInputTokens, inputTokens, outputTokens, reasoningTokens } = tokens
        return Effect.andThen(
          Effect.andThen(
            throttled,
            Effect.andThen(
              reservation.settle({
                inputTokens,
                outputTokens,
                cachedInputTokens: Math.min(cachedInputTokens, inputTokens),
                reasoningTokens: Math.min(reasoningTokens, outputTokens),
                calls: 1,
                microUsd: cost
              }),
              permit.settle(inputTokens + outputTokens)
            )
          ),
          overrun(meter, inputTokens + outputTokens - reserved.inputTokens - reserved.outputTokens, cost - microUsd)
        )
      }
    }
  })

/** A provider that says it is too much is left alone by all who use it. */
const coolDown = (cause: Cause.Cause<AiError.AiError>, permit: Permit): Effect.Effect<void> => {
  const error = cause.reasons.find(Cause.isFailReason)?.error
  if (error === undefined) return Effect.void
  const isThrottle = error.reason._tag === "RateLimitError"
  return isThrottle || (error.retryAfter !== undefined && Refusal.of(error) === undefined)
    ? permit.coolDown(error.retryAfter)
    : Effect.void
}

/** More was used than was reserved: whoever set the limits should hear of it. */
const overrun = ({ model, provider }: Meter, tokens: number, microUsd: number): Effect.Effect<void> => {
  if (tokens <= 0 && microUsd <= 0) return Effect.void
  const more = [tokens > 0 ? `${tokens} tokens` : "", microUsd > 0 ? `${microUsd / 1_000_000} US dollars` : ""].filter(
    (part) => part !== ""
  )
  return Effect.andThen(
    overran(provider, Math.max(0, tokens)),
    Progress.report({
      message: `${provider}/${model} used ${more.join(" and ")} more than was reserved for the call`,
      data: { _tag: "overrun", provider, model, tokens: Math.max(0, tokens), microUsd: Math.max(0, microUsd) }
    })
  )
}

import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { Approval, type Request } from "../Approval.ts"
import * as Receipt from "../Receipt.ts"
import { ReceiptStore } from "../ReceiptStore.ts"
import { issues } from "./issue.ts"
import { sentence } from "./issue.ts"
import { currentUser, RunInfoRef } from "./runInfo.ts"
import { JournalRef } from "./journal.ts"
import { carryOut } from "./sideEffect.ts"
import { type Definition, eventOf } from "./sideEffectDefinition.ts"
import { notPerformed } from "./sideEffectErrors.ts"
import { AllowedRef, isAllowed, RehearsalRef } from "./sideEffectRegion.ts"

/** What an action says of itself; a function of the definition that throws is a mistake in it, and nothing is done. */
const describe = (definition: Definition, key: string, input: unknown, encoded: Schema.Json) => {
  const { amount, recipients, summary } = definition.options
  const cost = amount?.(input)
  return {
    summary: summary === undefined ? `${definition.kind} ${JSON.stringify(encoded)}` : summary(input),
    recipients: recipients?.(input) ?? [],
    ...(cost === undefined ? {} : { amount: cost }),
    ...(definition.undoWithin === undefined ? {} : { undoMillis: definition.undoWithin }),
    kind: definition.kind,
    key
  }
}

export const perform = (
  definition: Definition,
  action: { readonly key: string; readonly input: unknown; readonly once?: "task" | "user" | "global" | undefined }
): Effect.Effect<any, any, any> =>
  Effect.gen(function* () {
    const { kind } = definition
    const { input, key } = action
    const named = { kind, key }
    if (typeof key !== "string" || key.trim() === "") {
      return yield* Effect.fail(notPerformed({ kind, key: String(key) }, "invalidInput", `The key of ${kind} was ${JSON.stringify(key)}; allowed is a text that is not blank`))
    }
    const exit = Schema.encodeResult(definition.input, { errors: "all" })(input)
    if (Result.isFailure(exit)) {
      return yield* Effect.fail(notPerformed(named, "invalidInput", `The input of ${kind} is not valid, nothing was done: ${sentence(issues(exit.failure.issue))}`))
    }
    const info = Option.getOrUndefined(yield* RunInfoRef)
    const userId = yield* currentUser
    const once = action.once ?? definition.options.once ?? "task"
    const scope =
      once === "global"
        ? "global"
        : once === "user" || info === undefined
          ? `user:${userId}`
          : `run:${(yield* JournalRef)?.origin ?? info.rootRunId}:${JSON.stringify(info.path)}`
    const about = describe(definition, key, input, exit.success)
    if (about.amount !== undefined && !Number.isFinite(about.amount)) {
      return yield* Effect.fail(notPerformed(named, "invalidInput", `The amount of ${kind} was ${about.amount}, nothing was done; allowed is a finite number of US dollars`))
    }
    const now = yield* Clock.currentTimeMillis
    const request: Request = {
      receiptId: Receipt.idOf({ scope, kind, key }),
      scope,
      inputHash: Receipt.hashOf(exit.success),
      input: exit.success,
      ...about,
      userId,
      ...(info === undefined ? {} : { runId: info.runId, taskId: info.taskId }),
      at: now,
      expiresAt: now + definition.expiresIn
    }
    if (!isAllowed(yield* AllowedRef, kind)) {
      yield* (yield* ReceiptStore).record(eventOf("refused", request))
      return yield* Effect.fail(
        notPerformed(named, "notAllowed", `${kind} was not given to this run, nothing was done; wrap what may do it in SideEffect.allow(["${kind}"])`)
      )
    }
    const approval = yield* Approval
    return yield* carryOut({ definition, input, request, decide: (asked) => approval.decide(asked) })
  }).pipe(Effect.withSpan("SideEffect.perform", { attributes: { "aria.side_effect.kind": definition.kind } }))

/** Collects the requests of an effect in which nothing is carried out. */
export const rehearse = <A, E, R>(self: Effect.Effect<A, E, R>) =>
  Effect.suspend(() => {
    const requests: Array<Request> = []
    const rehearsed = Effect.updateContext(Effect.result(self), (context: Context.Context<R>) =>
      // Where nothing was given, a rehearsal may still say what it would ask for: it does nothing.
      Context.add(context, AllowedRef, Context.get(context, AllowedRef).filter((kinds) => kinds.length > 0))
    )
    return Effect.map(
      Effect.provideService(rehearsed, RehearsalRef, (request) => void requests.push(request)),
      (result) => ({ requests: requests as ReadonlyArray<Request>, result })
    )
  })

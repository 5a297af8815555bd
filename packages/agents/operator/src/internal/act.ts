import * as Approval from "@aria/orchestrator-core/Approval"
import * as Receipt from "@aria/orchestrator-core/Receipt"
import type { ReceiptStore } from "@aria/orchestrator-core/ReceiptStore"
import * as SideEffect from "@aria/orchestrator-core/SideEffect"
import type { Portable } from "@aria/orchestrator-core/Agent"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

/** A key that is the input's own: the same write within a task is one action. */
export const keyOf = <S extends Portable>(schema: S, input: S["Type"], key: string | undefined): string =>
  key ??
  Receipt.hashOf(Schema.encodeSync(Schema.toCodecJson(schema as unknown as Schema.Codec<S["Type"], unknown>))(input))

/**
 * Performs an action, and looks whether it can be done before anybody is asked: only then, since an action that was done already
 * may well look impossible now. A check that fails is what the whole fails with; the log has it as a denial.
 */
export const act = <In extends Portable, Out extends Portable, Err extends Portable, R, E, R2>(
  effect: SideEffect.SideEffect<In, Out, Err, R>,
  action: { readonly key: string; readonly input: In["Type"] },
  check: (receiptId: string) => Effect.Effect<void, E, R2>
): Effect.Effect<Out["Type"], Err["Type"] | SideEffect.Failure | E, R | R2 | Approval.Approval | ReceiptStore> =>
  Effect.gen(function* () {
    const approval = yield* Approval.Approval
    const context = yield* Effect.context<R2>()
    let refusal: Option.Option<E> = Option.none()
    const decide = (request: Approval.Request): Effect.Effect<Approval.Decision> =>
      Effect.matchEffect(Effect.provideContext(check(request.receiptId), context), {
        onSuccess: () => approval.decide(request),
        onFailure: (error) => {
          refusal = Option.some(error)
          const message = Predicate.hasProperty(error, "message") ? String(error.message) : String(error)
          return Effect.succeed({ _tag: "denied", by: "Operator", reason: "denied", message } as const)
        }
      })
    return yield* Effect.mapError(
      Effect.provideService(effect.perform(action), Approval.Approval, { decide }),
      (error) =>
        Option.isSome(refusal) && error instanceof SideEffect.SideEffectNotPerformedError ? refusal.value : error
    )
  })

/** What a rehearsed action came to: it was done before, or this would be asked for. */
export interface Rehearsed {
  readonly alreadyDone: boolean
  readonly approval?: Approval.Request
}

/** The request that an action would make. Asked for by itself the kind counts as given: nothing is done. */
export const rehearse = <In extends Portable, Out extends Portable, Err extends Portable, R>(
  effect: SideEffect.SideEffect<In, Out, Err, R>,
  action: { readonly key: string; readonly input: In["Type"] }
): Effect.Effect<Rehearsed, Err["Type"] | SideEffect.Failure, R | Approval.Approval | ReceiptStore> =>
  Effect.gen(function* () {
    const performed = effect.perform(action).pipe(SideEffect.allow([effect.kind]))
    const { requests, result } = yield* SideEffect.rehearse(performed)
    const [approval] = requests
    if (approval !== undefined) return { alreadyDone: false, approval }
    if (Result.isSuccess(result)) return { alreadyDone: true }
    const error = result.failure
    return yield* error instanceof SideEffect.KindsRefusedError ? Effect.die(error) : Effect.fail(error)
  })

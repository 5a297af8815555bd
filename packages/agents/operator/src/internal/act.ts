import type * as Approval from "@aria/orchestrator-core/Approval"
import * as Receipt from "@aria/orchestrator-core/Receipt"
import type { ReceiptStore } from "@aria/orchestrator-core/ReceiptStore"
import * as SideEffect from "@aria/orchestrator-core/SideEffect"
import type { Portable } from "@aria/orchestrator-core/Agent"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { TimeConflictError } from "../OperatorError.ts"

/** A key that is the input's own: the same write within a task is one action. */
export const keyOf = <S extends Portable>(schema: S, input: S["Type"], key: string | undefined): string =>
  key ??
  Receipt.hashOf(Schema.encodeSync(Schema.toCodecJson(schema as unknown as Schema.Codec<S["Type"], unknown>))(input))

/** Which action of a kind: what `perform` takes. */
export interface Action<Input> {
  readonly key: string
  readonly once?: "task" | "user" | "global"
  readonly input: Input
}

/** What a rehearsed action came to: it was done before, this would be asked for, or its time is taken. */
export interface Rehearsed {
  readonly alreadyDone: boolean
  readonly approval?: Approval.Request
}

/** The request that an action would make. Asked for by itself the kind counts as given: nothing is done. */
export const rehearse = <In extends Portable, Out extends Portable, Err extends Portable, R>(
  effect: SideEffect.SideEffect<In, Out, Err, R>,
  action: Action<In["Type"]>
): Effect.Effect<Rehearsed, Err["Type"] | SideEffect.Failure, R | Approval.Approval | ReceiptStore> =>
  Effect.gen(function* () {
    const performed = effect.perform(action).pipe(SideEffect.allow([effect.kind]))
    const { requests, result } = yield* SideEffect.rehearse(performed)
    const [approval] = requests
    if (approval !== undefined) return { alreadyDone: false, approval }
    if (Result.isSuccess(result)) return { alreadyDone: true }
    const error = result.failure
    // What takes the time is shown; nobody would be asked.
    if (error instanceof TimeConflictError) return { alreadyDone: false }
    return yield* error instanceof SideEffect.KindsRefusedError ? Effect.die(error) : Effect.fail(error)
  })

import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type { Request } from "../Approval.ts"
import { isKind, isPattern } from "./kinds.ts"
import { KindsRefusedError } from "./sideEffectErrors.ts"

/** The kinds that this code may perform: every list must name a kind for it to be allowed. No list, nothing allowed. */
export const AllowedRef: Context.Reference<ReadonlyArray<ReadonlyArray<string>>> = Context.Reference(
  "@aria/orchestrator-core/SideEffect/Allowed",
  { defaultValue: (): ReadonlyArray<ReadonlyArray<string>> => [] }
)

/** Where requests go instead of being carried out, in a rehearsal. */
export const RehearsalRef: Context.Reference<((request: Request) => void) | undefined> = Context.Reference(
  "@aria/orchestrator-core/SideEffect/Rehearsal",
  { defaultValue: (): ((request: Request) => void) | undefined => undefined }
)

/** Adds a list to those that must all name a kind. */
export const allowing =
  (kinds: ReadonlyArray<string>) =>
  <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E | KindsRefusedError, R> => {
    const wrong = kinds.find((kind) => !isPattern(kind))
    if (wrong !== undefined || kinds.length === 0) {
      const received = wrong === undefined ? "no kinds" : JSON.stringify(wrong)
      return Effect.fail(new KindsRefusedError({ received, allowed: 'at least one kind, prefix such as "calendar.*", or "*"' }))
    }
    return Effect.updateContext(self, (context: Context.Context<R>) =>
      Context.add(context, AllowedRef, [...Context.get(context, AllowedRef), kinds])
    )
  }

/** Whether a kind was given to this region. */
export const isAllowed = (allowed: ReadonlyArray<ReadonlyArray<string>>, kind: string): boolean =>
  allowed.length > 0 && allowed.every((kinds) => kinds.some((pattern) => isKind(pattern, kind)))

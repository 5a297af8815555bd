/** Changes of the core that break what side effects promise: the laws have to see them. */
export interface SideEffectMutant {
  readonly description: string
  /** What is changed: the text must be there once. */
  readonly edits: ReadonlyArray<readonly [file: string, find: string, replace: string]>
}

const machine = "internal/sideEffect.ts"
const states = "internal/sideEffectStates.ts"
const settling = "internal/sideEffectSettle.ts"

const mutant = (description: string, ...edits: SideEffectMutant["edits"]): SideEffectMutant => ({ description, edits })

export const sideEffectMutants: ReadonlyArray<SideEffectMutant> = [
  mutant("another input under the same key is let through", [machine, "if (stored.inputHash !== request.inputHash)", "if (stored.inputHash === request.inputHash.slice(1))"]),
  mutant("what is unknown is tried again", [
    machine,
    'settled ? Effect.succeed({ _tag: "again" as const }) : Effect.fail(unknown(definition, stored))',
    'Effect.succeed({ _tag: settled ? ("again" as const) : ("notDone" as const) })'
  ]),
  mutant("what is done is done again", [machine, '    case "undone":\n    case "notDone":\n      return Effect.succeed({ _tag: stored.state })', '    case "undone":\n    case "notDone":\n      return Effect.succeed({ _tag: "notDone" })']),
  mutant("a call in flight elsewhere is taken for lost", [machine, "stored.leaseUntil > now ?", "stored.leaseUntil < 0 ?"]),
  mutant("a lost call counts as not done", [states, '{ ...stored, state: "unknown", doubt: "ownerLost", endedAt: now, version: stored.version + 1 }', '{ ...stored, state: "notDone", endedAt: now, version: stored.version + 1 }']),
  mutant("the intent is written, and whether that was refused is not looked at", [
    machine,
    'if (!(yield* store.put(intent, before?.version ?? 0, eventOf("intended", request, { by: approvedBy })))) return { _tag: "again" } as const',
    'yield* store.put(intent, before?.version ?? 0, eventOf("intended", request, { by: approvedBy }))'
  ]),
  mutant("a store that fails does not keep the call from being made", [
    machine,
    'if (!(yield* store.put(intent, before?.version ?? 0, eventOf("intended", request, { by: approvedBy })))) return { _tag: "again" } as const',
    'if (!(yield* Effect.orElseSucceed(store.put(intent, before?.version ?? 0, eventOf("intended", request, { by: approvedBy })), () => true))) return { _tag: "again" } as const'
  ]),
  mutant("an interruption counts as not done", [machine, 'return Cause.hasDies(cause) ? "defect" : "interrupted"', 'return Cause.hasDies(cause) ? "defect" : undefined']),
  mutant("a defect counts as not done", [machine, 'return Cause.hasDies(cause) ? "defect" : "interrupted"', 'return Cause.hasDies(cause) ? undefined : "interrupted"']),
  mutant("a timeout counts as not done", [machine, 'if (Cause.isTimeoutError(error.value)) return "timedOut"', "if (Cause.isTimeoutError(error.value)) return undefined"]),
  mutant("an ambiguous failure counts as not done", [machine, 'return leavesOpen ? "ambiguous" : undefined', "return undefined"]),
  mutant("what has not arrived yet counts as not done", [states, "now >= (stored.endedAt ?? now) + definition.settleAfter", "now >= 0"]),
  mutant("a look-up counts for when it was answered", [
    states,
    "    const settle = (change:",
    "    const asked = now\n    const answered = yield* Clock.currentTimeMillis\n    const settle = (change:"
  ], [states, "now >= (stored.endedAt ?? now) + definition.settleAfter", "Math.max(asked, answered) >= (stored.endedAt ?? now) + definition.settleAfter"]),
  mutant("a look-up that fails counts as not done", [states, 'Effect.succeed<Verdict<unknown>>({ _tag: "undecided" })', 'Effect.succeed<Verdict<unknown>>({ _tag: "notDone" })']),
  mutant("leases are not kept", [states, "return Effect.raceFirst(Effect.as(call, false), over)", "return Effect.as(call, false)"]),
  mutant("a call whose lease cannot be renewed goes on", [states, "if (Option.isSome(renewed)) until = now + lease", "until = now + lease"]),
  mutant("a call that was ended with its lease counts as not done", [
    machine,
    'yield* next(store, intent, { state: "unknown", endedAt: at, doubt: "ownerLost" }, eventOf("unknown", request, { reason: "ownerLost" }))',
    'yield* next(store, intent, { state: "notDone", endedAt: at }, eventOf("notDone", request))'
  ]),
  mutant("how a call ended is written over whatever is there", [states, 'if (stored?.state === "unknown" && stored.owner === intent.owner) {', "if (stored !== undefined) {"]),
  mutant("a success is not kept", [machine, '{ state: "done", endedAt: now, ...value, ...undo }', '{ state: "done", endedAt: now, ...undo }']),
  mutant("calls whose process was lost are not found", [settling, "if (receipt.leaseUntil <= now) yield* lost(store, receipt)", "if (receipt.leaseUntil < 0) yield* lost(store, receipt)"]),
  mutant("settling believes nobody", [settling, 'if (stored.state !== "unknown" || !(yield* lookUp(definition, store, stored))) return stored', "return stored"]),
  mutant("who waits for another waits for ever", [states, 'if (stored?.state !== "calling" || stored.leaseUntil <= (yield* Clock.currentTimeMillis)) return', 'if (stored?.state !== "calling") return'])
]

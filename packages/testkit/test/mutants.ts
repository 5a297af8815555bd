/** A change of the core that breaks a law: the law has to see it. */
export interface Mutant {
  /** The beginning of the law's name. */
  readonly law: string
  readonly description: string
  /** What is changed: the text must be there once, in the file or, where it may move, in all of the core. */
  readonly edits: ReadonlyArray<{ readonly file: string; readonly find: string; readonly replace: string }>
}

const mutant = (law: string, description: string, ...edits: ReadonlyArray<readonly [file: string, find: string, replace: string]>): Mutant => ({
  law,
  description,
  edits: edits.map(([file, find, replace]) => ({ file, find, replace }))
})

/** One file of the core, wherever the text is. */
export const anywhere = "*"
const permits = "internal/permits.ts"
const ledger = "internal/ledger.ts"
const slot = "internal/slot.ts"
const spending = "internal/spending.ts"
const reservation = "internal/reservation.ts"
const attempt = "internal/attempt.ts"
const taskState = "internal/taskState.ts"
const listening = "internal/listening.ts"

export const mutants: ReadonlyArray<Mutant> = [
  mutant(
    "Scheduling: a task starts only after",
    "optional dependencies are not waited for",
    [taskState, "new Set(state.task.dependsOn.map(", "new Set(state.task.dependsOn.filter(({ optional }) => !optional).map("],
    [taskState, "outputs[id] = outcome._tag ===", "outputs[id] = outcome?._tag ==="]
  ),
  mutant("Scheduling: no batches", "one slot of several stays empty", [
    permits,
    "if (inUse >= max) return false",
    "if (inUse >= Math.max(1, max - 1)) return false"
  ]),
  mutant("Scheduling: who waits", "who waits keeps its permit", [slot, "this.giveBack()\n        return Effect.flatMap", "return Effect.flatMap"]),
  mutant("Scheduling: the cap counts", "one more than the cap", [permits, "if (inUse >= max) return false", "if (inUse > max) return false"]),
  mutant("Scheduling: every run ends", "who waits keeps its permit", [slot, "this.giveBack()\n        return Effect.flatMap", "return Effect.flatMap"]),
  mutant("Scheduling: who waited for a child", "who resumes stands at the end of the line", [
    permits,
    "if (ticket.resumes) return this.resumed.push(waiting)",
    "if (ticket.resumes && ticket.priority > 99) return this.resumed.push(waiting)"
  ]),
  mutant("Scheduling: first come", "what is ready at first starts from the end", [
    anywhere,
    "for (const state of this.states) if (state.pending === 0)",
    "for (const state of [...this.states].reverse()) if (state.pending === 0)"
  ]),
  mutant("Scheduling: a higher priority", "a lower number goes first", [permits, ".sort((a, b) => b - a)", ".sort((a, b) => a - b)"]),
  mutant("Scheduling: users share", "all users stand in one line", [
    permits,
    "return turn === 0 ? a.order < b.order : turn < 0",
    "return a.order < b.order"
  ]),
  mutant("Scheduling: results come", "results come the other way round", [anywhere, "const results = this.states.flatMap", "const results = [...this.states].reverse().flatMap"]),
  mutant("Scheduling: limits that are none", "0 and fractions are taken", ["internal/limits.ts", "Number.isSafeInteger(value) && value >= 1", "value >= -1"]),

  mutant("Outcomes: every task ends", "cancelled tasks have no terminal event", [
    anywhere,
    "this.emitter.ended(state, outcome)",
    'if (outcome._tag !== "cancelled") this.emitter.ended(state, outcome)'
  ]),
  mutant("Outcomes: a failure never", "every failure stops the run", [anywhere, 'if (this.setup.plan.onFailure === "stop" && (', "if (("]),
  mutant("Outcomes: skipped says why", "a skipped task blames itself", [taskState, "else return { blockedBy: id }", "else return { blockedBy: state.id }"]),
  mutant("Outcomes: a condition that is false", "what is missing is given as some", [taskState, ": Option.none()", ": Option.some(undefined)"]),
  mutant("Outcomes: onFailure stop", "onFailure is not looked at", [anywhere, 'this.setup.plan.onFailure === "stop"', 'this.setup.plan.onFailure === "never"']),
  mutant("Outcomes: what finished stays", "outputs are lost", [anywhere, "output: exit.value }", "output: null }"]),
  mutant("Outcomes: a timeout counts", "timeouts are not kept", [
    anywhere,
    "if (timeout === undefined || state.fiber === undefined) return",
    "if (timeout === undefined || state.fiber !== undefined) return"
  ]),
  mutant("Outcomes: each evaluation", "retries are not counted", [attempt, "const number = ++state.attempts", "const number = (state.attempts = 1)"]),
  mutant("Outcomes: usage adds up", "a nested run is not counted in its caller", [
    "internal/engine.ts",
    "[...(caller?.ledgers ?? []), user.ledger, shared.ledger]",
    "[user.ledger, shared.ledger]"
  ]),
  mutant("Outcomes: the usage of a run", "a run has the usage of its first task", [anywhere, "usage: node.ledger.usage,", "usage: results[0]!.usage,"]),
  mutant("Outcomes: a payload that does not decode", "the path lacks its first part", ["internal/issue.ts", "path: path.map((segment) => {", "path: path.slice(1).map((segment) => {"]),

  mutant("Stop: when a run has ended, no handler", "a stopped task ends before its handler", [
    anywhere,
    "state.fiber !== undefined && !state.isRecalled) this.launcher.interrupt(state, state.fiber)",
    'state.fiber !== undefined) {\n      this.skip(state, { _tag: "Stopped" })\n      this.launcher.interrupt(state, state.fiber)\n    }'
  ]),
  mutant(
    "Stop: no handler starts",
    "what waits is neither taken out of the line nor turned away",
    [anywhere, "state.ticket.lane.permits.cancel(state.ticket)\n        state.ticket = undefined", "state.ticket = undefined"],
    [anywhere, "if (budgetNode.isClosed(this.setup.node)) {", "if (this.result !== undefined) {"]
  ),
  mutant(
    "Stop: when a run has ended, the finalizers",
    "the scope of a call is never closed",
    [attempt, 'import * as Tracer from "effect/Tracer"', 'import * as Tracer from "effect/Tracer"\nimport * as Scope from "effect/Scope"'],
    [attempt, "Effect.scoped(handle(payload))", "Effect.provideService(handle(payload), Scope.Scope, Scope.makeUnsafe())"]
  ),
  mutant("Stop: permits are back", "calls of priority 2 keep their permits", [slot, "this.leave()\n    this.giveBack()", "this.leave()\n    if (this.claim.priority < 2) this.giveBack()"]),
  mutant("Stop: nothing is held", "what nobody settles stays held", [reservation, "() => settle(worst))\n})", "() => Effect.void)\n})"]),
  mutant("Stop: no reservation is admitted", "an ended call may go on to spend", ["internal/budgetNode.ts", "if (at.closed) return true", "if (at.closed) return false"]),
  mutant("Stop: await gives", "await fails", ["internal/engine.ts", "await: execution.await,", "await: Effect.interrupt,"]),
  mutant("Stop: the result of an interrupted run", "a stopped run has no last event", [
    anywhere,
    "this.emitter.runEnded(result)",
    "if (this.stopping === undefined) this.emitter.runEnded(result)"
  ]),

  mutant("Budget: used + held", "what is held does not count", [ledger, "this.used[d] + this.held[d] + request[d] > this.limit[d]", "this.used[d] + request[d] > this.limit[d]"]),
  mutant("Budget: honest providers", "all usage is overrun", [ledger, "+= Math.max(0, usage.tokens - held.tokens)", "+= usage.tokens"]),
  mutant(
    "Budget: nothing is admitted while",
    "a limit that is used up still admits what asks for none of it",
    [ledger, "if (this.used[d] >= this.limit[d] || this.used[d] + request[d] > this.limit[d]) return d", "if (this.used[d] + request[d] > this.limit[d]) return d"],
    [ledger, "if (this.used[d] >= this.limit[d] || this.used[d] + this.held[d]", "if (this.used[d] + this.held[d]"]
  ),
  mutant("Budget: what can never fit", "what can never fit waits", [
    ledger,
    'if (refusal !== undefined) return { _tag: "refused", refusal }',
    'if (refusal !== undefined) return patient ? { _tag: "wait" } : { _tag: "refused", refusal }'
  ]),
  mutant("Budget: what fits and nobody waits", "one call at a time", [
    ledger,
    "if (!admissible(ledgers, amounts, undefined))",
    "if (!admissible(ledgers, amounts, undefined) || ledgers.some(({ held }) => held.calls > 0))"
  ]),
  mutant("Budget: what would fit once", "who waits is not told that another settled", [
    ledger,
    "ledger.overrun.microUsd += Math.max(0, usage.microUsd - held.microUsd)\n  }\n  wake(ledgers)",
    "ledger.overrun.microUsd += Math.max(0, usage.microUsd - held.microUsd)\n  }"
  ]),
  mutant("Budget: waits in strict order", "small requests pass big ones", [ledger, "if (this.lacksRoom(earlier.request) !== undefined) return true", "if (this.lacksRoom(earlier.request) !== undefined) return false"]),
  mutant("Budget: a request beneath", "a request beneath a reservation waits", [spending, "ledgers.request(node.ledgers, amounts, !node.reserved)", "ledgers.request(node.ledgers, amounts, true)"]),
  mutant("Budget: a refused call", "a refused call returns", ["internal/budgetRefusal.ts", "owner.end?.(error)\n  return gone", "return Effect.void as Effect.Effect<never>"]),
  mutant("Budget: tryReserve", "the refusal names another ledger", [
    spending,
    "Effect.fail(exceeded(admission.refusal, wanted.amounts))",
    "Effect.fail(exceeded({ ...admission.refusal, ledger: node.ledgers[0]! }, wanted.amounts))"
  ]),
  mutant("Budget: a charge after", "charges are never refused", [spending, "Effect.andThen(stored, refuse(node, refusal, spent))", "stored"]),
  mutant("Budget: unknown usage", "what is not known counts nothing", [reservation, "() => settle(worst))\n})", "() => reservation.release)\n})"]),
  mutant("Budget: what is released", "what is released counts", [reservation, "release: once((hold) => hold.release(), () => ledgers.release(node.ledgers, amounts))", "release: settle(worst)"]),

  mutant("Progress: starting, running", "the first attempt is a retry", [attempt, "if (number === 1) emitter.running(state, 1)", "if (number === 1) emitter.retrying(state, 1)"]),
  mutant("Progress: events carry", "numbers do not rise", ["internal/emitter.ts", "seq: this.seq++", "seq: this.seq"]),
  mutant("Progress: a callback that throws", "a callback that throws is heard no more", [listening, "Cause.hasInterruptsOnly(cause)", "Cause.hasInterruptsOnly(cause) || !Cause.hasInterruptsOnly(cause)"]),
  mutant("Progress: under pressure", "everything is dropped", [listening, 'if (event._tag === "update" && !this.blocking &&', "if (!this.blocking &&"]),
  mutant("Progress: a listener that blocks", "who blocks loses what comes while there is no room", [
    listening,
    'if (event._tag === "update" && !this.blocking &&',
    'if ((event._tag === "update" || this.blocking) &&'
  ]),
  mutant("Progress: a reader of a run", "late readers get the first event", ["internal/history.ts", "this.events.slice(position)", "this.events.slice(position, position + 1)"]),

  mutant("Context: upstream results", "the envelope can be changed", [taskState, "Object.freeze(outputs)", "outputs"]),
  mutant("Context: a payload's own", "the field context is overwritten", [anywhere, "state.payload = payload\n", 'state.payload = { ...(payload as object), context: "" }\n']),
  mutant("Context: the same agent twice", "the last result stands for all", [
    taskState,
    'else if (outcome._tag === "succeeded") outputs[id] = outcome.output',
    'else if (outcome._tag === "succeeded") outputs[id] = (outcomeOf(state.task.dependsOn[state.task.dependsOn.length - 1]!.task) as any).output'
  ]),
  mutant("Encoding: results", "a timeout does not encode", ["internal/resultCodec.ts", "timeoutMillis: Schema.Finite", "timeoutMillis: Schema.Literal(7)"]),
  mutant("Encoding: events", "an index does not encode", ["Progress.ts", "index: Schema.Natural", "index: Schema.Literal(0)"])
]

import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Option from "effect/Option"
import * as Tracer from "effect/Tracer"
import * as Budget from "../Budget.ts"
import type * as Orchestrator from "../Orchestrator.ts"
import type * as Plan from "../Plan.ts"
import * as Run from "../Run.ts"
import type { RunResult } from "../RunResult.ts"
import { amountsOf } from "./amounts.ts"
import { errorTypeOf, usageAttributes, workflowAttributes } from "./attributes.ts"
import * as budgetNode from "./budgetNode.ts"
import { Execution } from "./execution.ts"
import { Hooks, none as noHooks } from "./hooks.ts"
import { JournalRef } from "./journal.ts"
import { Ledger } from "./ledger.ts"
import { isCount, timeoutMillis } from "./limits.ts"
import { ListenersRef } from "./listener.ts"
import { History } from "./history.ts"
import { Cap, Permits } from "./permits.ts"
import { placeOf } from "./nestedPlace.ts"
import { prepare } from "./planDefinition.ts"
import { nobodyNamed, RunInfoRef, RunOptionsRef } from "./runInfo.ts"

/** What all runs of one orchestrator share. */
class Shared {
  readonly options: Orchestrator.Options
  readonly permits: Permits
  readonly ledger: Ledger
  private readonly users = new Map<string, { readonly ledger: Ledger; readonly caps: ReadonlyArray<Cap> }>()

  constructor(options: Orchestrator.Options) {
    this.options = options
    this.permits = new Permits(options.concurrency ?? 10)
    this.ledger = new Ledger("orchestrator", "", amountsOf(options.limits ?? {}))
  }

  user(id: string) {
    let user = this.users.get(id)
    if (user === undefined) {
      const { userConcurrency, userLimits } = this.options
      user = {
        ledger: new Ledger("user", id, amountsOf(userLimits ?? {})),
        caps: capsOf(userConcurrency)
      }
      // Without limits of their own users leave no trace, so that their number does not matter.
      if (userLimits !== undefined || userConcurrency !== undefined) this.users.set(id, user)
    }
    return user
  }
}

const validate = (options: Orchestrator.Options): Effect.Effect<void, Budget.InvalidLimitError> =>
  Effect.gen(function* () {
    for (const name of ["concurrency", "userConcurrency", "runConcurrency"] as const) {
      const value = options[name]
      if (value !== undefined && !isCount(value)) {
        return yield* new Budget.InvalidLimitError({ setting: `Orchestrator: ${name}`, received: String(value), allowed: "a whole number from 1" })
      }
    }
    for (const name of ["limits", "userLimits", "runLimits"] as const) {
      yield* Budget.validate(options[name] ?? {}, `Orchestrator: ${name}`)
    }
    const { runTimeout } = options
    if (runTimeout !== undefined && timeoutMillis(runTimeout) === undefined) {
      return yield* new Budget.InvalidLimitError({
        setting: "Orchestrator: runTimeout",
        received: String(runTimeout),
        allowed: "a finite duration longer than 0"
      })
    }
  })

const capsOf = (max: number | undefined): ReadonlyArray<Cap> => (max === undefined ? [] : [new Cap(max)])

/** Below the orchestrator's: the caps that a nested run inherits from the run that its caller is a task of. */
const inherited = new WeakMap<Ledger, { readonly shared: Shared; readonly caps: ReadonlyArray<Cap> }>()

const inheritedCaps = (node: budgetNode.BudgetNode | undefined, shared: Shared): ReadonlyArray<Cap> | undefined => {
  for (const ledger of node?.ledgers ?? []) {
    const found = inherited.get(ledger)
    if (found !== undefined) return found.shared === shared ? found.caps : undefined
  }
  return undefined
}

/** Makes ready what a run needs, without starting it. */
const open = (shared: Shared, plan: Plan.Any, rawInput: unknown, role: "task" | "call" | "background") =>
  Effect.gen(function* () {
    const context = yield* Effect.context<never>()
    const { built, input } = yield* prepare(plan, rawInput)
    const options = Context.get(context, RunOptionsRef)
    const outer = Option.getOrUndefined(Context.get(context, RunInfoRef))
    const clock = Context.get(context, Clock.Clock)
    const now = clock.currentTimeMillisUnsafe()
    const runId = options.id ?? (yield* Context.get(context, Run.IdGenerator))
    const userId = options.userId ?? outer?.userId ?? nobodyNamed
    const user = shared.user(userId)

    const caller = Context.get(context, budgetNode.Current)
    const outerCaps = inheritedCaps(caller, shared) ?? [...capsOf(shared.options.runConcurrency), ...user.caps]
    const caps = [...capsOf(options.concurrency), ...outerCaps]

    const ledger = new Ledger("run", runId, amountsOf(shared.options.runLimits ?? {}))
    inherited.set(ledger, { shared, caps })
    const journal = Context.get(context, JournalRef)
    const place = journal === undefined ? "" : yield* placeOf(plan, rawInput, role === "task")
    if (journal !== undefined) ledger.record(journal.spent(place.slice(0, -1)))
    const around = [...(caller?.ledgers ?? []), user.ledger, shared.ledger]
    const node: budgetNode.BudgetNode = {
      // What started a run in the background may end before it: its limits stay around the run, its end does not end it.
      ...budgetNode.child(role === "background" ? undefined : caller, ledger),
      ledgers: Array.from(new Set([ledger, ...around]))
    }

    const timeouts = [options.timeout, outer === undefined ? shared.options.runTimeout : undefined]
      .filter((timeout) => timeout !== undefined)
      .map((timeout) => Duration.toMillis(timeout))
    const timeout = timeouts.length === 0 ? undefined : Math.min(...timeouts)
    const deadline = [outer?.deadline, timeout === undefined ? undefined : now + timeout].reduce(
      (a, b) => (a === undefined ? b : b === undefined ? a : Math.min(a, b)),
      undefined
    )
    const execution = new Execution(
      {
        plan,
        built,
        input,
        info: {
          runId,
          rootRunId: outer?.rootRunId ?? runId,
          path: outer?.path ?? [],
          agents: outer?.agents ?? [],
          userId,
          tags: { ...outer?.tags, ...options.tags },
          deadline
        },
        node,
        lane: shared.permits.lane(userId, caps),
        priority: options.priority ?? 0,
        listeners: Context.get(context, ListenersRef),
        journal,
        place,
        runPlan: (nested, nestedInput, opened) => execute(shared, nested, nestedInput, opened)
      },
      clock
    )
    return { execution, timeout }
  })

/** Runs what was made ready, to its end; interruption stops it and waits until nothing of it is alive. */
const carryOut = (execution: Execution, timeout: number | undefined): Effect.Effect<RunResult<any, any>> => {
  const { info, plan } = execution.setup
  const body = Effect.callback<RunResult<any, any>>((resume) => {
    execution.start(services!, (result) => resume(Effect.succeed(result)))
    return Effect.suspend(() => {
      execution.stop({ _tag: "cancelled" })
      return execution.await
    })
  })
  let services: Context.Context<never> | undefined
  const timer =
    timeout === undefined
      ? body
      : Effect.suspend(() => {
          const fiber = Effect.runForkWith(services!)(
            Effect.andThen(
              Effect.sleep(timeout),
              Effect.sync(() => execution.stop({ _tag: "deadline", timeoutMillis: timeout }))
            )
          )
          return Effect.ensuring(body, Effect.sync(() => fiber.interruptUnsafe()))
        })
  const spanned = Effect.useSpan(
    `invoke_workflow ${plan.name}`,
    { kind: "internal", attributes: workflowAttributes(plan.name, info.runId, info.userId) },
    (span) =>
      Effect.contextWith((context: Context.Context<never>) => {
        services = Context.makeUnsafe(Context.add(context, Tracer.ParentSpan, span).mapUnsafe, { maxDepth: 24 })
        return Effect.onExit(timer, (exit) => {
          usageAttributes(span, execution.setup.node.ledger.usage)
          if (exit._tag === "Failure") span.attribute("error.type", errorTypeOf(exit.cause))
          return Effect.void
        })
      })
  )
  return Effect.flatMap(Hooks, (hooks) => hooks.suspend("child run", spanned))
}

const execute = (
  shared: Shared,
  plan: Plan.Any,
  input: unknown,
  opened?: (execution: Execution) => void
): Effect.Effect<RunResult<any, any>, Plan.InvalidPlanError> =>
  Effect.flatMap(open(shared, plan, input, opened === undefined ? "call" : "task"), ({ execution, timeout }) => {
    opened?.(execution)
    return carryOut(execution, timeout)
  })

const startIn = (shared: Shared, scope: Scope.Scope, plan: Plan.Any, input: unknown) =>
  Effect.gen(function* () {
    const history = new History()
    const heard = Effect.provideService(ListenersRef, [...(yield* ListenersRef), history])
    const { execution, timeout } = yield* heard(open(shared, plan, input, "background"))
    // A run in the background is nobody's child: whoever started it does not wait for it.
    const run = Effect.provideService(heard(carryOut(execution, timeout)), Hooks, noHooks)
    const fiber = yield* Effect.forkIn(run, scope, { startImmediately: true })
    // In an orchestrator that was closed before, the run never began; it ends all the same.
    fiber.addObserver(() => execution.stop({ _tag: "cancelled" }))
    return {
      runId: execution.setup.info.runId,
      await: execution.await,
      cancel: Effect.suspend(() => {
        execution.stop({ _tag: "cancelled" })
        return execution.await
      }),
      events: history.stream
    }
  })

/** The engine in this process. */
export const make = (options: Orchestrator.Options): Effect.Effect<Orchestrator.Orchestrator["Service"], Budget.InvalidLimitError, Scope.Scope> =>
  Effect.gen(function* () {
    yield* validate(options)
    const shared = new Shared(options)
    const scope = yield* Effect.scope
    return {
      run: (plan: any, ...input: any) => execute(shared, plan, input[0]) as any,
      start: (plan: any, ...input: any) => startIn(shared, scope, plan, input[0]) as any
    }
  })

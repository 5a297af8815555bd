import type * as Agent from "@aria/orchestrator-core/Agent"
import * as Budget from "@aria/orchestrator-core/Budget"
import * as Orchestrator from "@aria/orchestrator-core/Orchestrator"
import type * as Plan from "@aria/orchestrator-core/Plan"
import * as Progress from "@aria/orchestrator-core/Progress"
import * as Run from "@aria/orchestrator-core/Run"
import * as Usage from "@aria/orchestrator-core/Usage"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { Scope } from "effect/Scope"
import { Helper, type Payload, ScriptedError, Worker } from "./lawAgents.ts"
import type { Op, PlanSpec, Script } from "./lawScenario.ts"
import type { Call, Reserve, Trace } from "./lawTrace.ts"

/** Plans need the agents, and handlers run plans: so how to make them is given to the world. */
export type MakePlan = (trace: Trace, spec: PlanSpec) => Plan.Plan<string, any, any, any>

/** Which call a fiber works for, and whether beneath an open reservation. */
const Standing = Context.Reference<{ readonly beneath: boolean }>("@aria/testkit/law/Standing", { defaultValue: () => ({ beneath: false }) })

/** The handlers of a scenario, which write down all they do. */
export class World {
  readonly trace: Trace
  /** The orchestrator and the agents, once they are there. */
  services: Context.Context<never> = Context.empty()
  readonly layer: Layer.Layer<Agent.Handler<"law/Worker"> | Agent.Handler<"law/Helper">>

  private readonly makePlan: MakePlan
  /** So that no two regions have one name. */
  private regions = 0

  constructor(trace: Trace, makePlan: MakePlan) {
    this.trace = trace
    this.makePlan = makePlan
    this.layer = Layer.mergeAll(
      Worker.toLayer((payload) => this.handle(payload, false)),
      Helper.toLayer((payload) => this.handle(payload, true))
    )
  }

  private handle(payload: Payload, child: boolean): Effect.Effect<Payload, any, Scope> {
    const { trace } = this
    return Effect.flatMap(Standing, ({ beneath }) =>
      Effect.contextWith((context: Context.Context<never>) => {
        const info = Option.getOrThrow(Context.get(context, Run.Current))
        const call: Call = {
          id: trace.calls.length,
          runId: info.runId,
          rootRunId: info.rootRunId,
          taskId: info.taskId,
          attempt: info.attempt,
          child,
          beneath,
          user: info.userId,
          payload,
          context,
          startAt: trace.now(),
          startOrder: trace.order,
          endAt: undefined,
          endOrder: Infinity,
          exit: undefined,
          waiting: 0,
          branches: 1,
          givenUp: 0,
          taken: 1
        }
        trace.calls.push(call)
        trace.add({ kind: "start", call })
        const { attempts } = this.script(payload.script)
        const ops = attempts[Math.min(child ? 0 : info.attempt - 1, attempts.length - 1)] ?? []
        const scoped = Effect.addFinalizer(() =>
          Effect.sync(() => {
            call.taken--
          })
        )
        const handled = Effect.onExit(
          Effect.provideService(Effect.as(this.perform(call, ops), payload), Standing, { beneath }),
          (exit) =>
            Effect.sync(() => {
              call.endAt = trace.now()
              call.exit = exit
              call.endOrder = trace.add({ kind: "end", call })
            })
        )
        return Effect.andThen(scoped, handled)
      })
    )
  }

  private script(index: number): Script {
    return this.trace.scenario.scripts[index] ?? { attempts: [[{ op: "sleep", ms: 1 }]] }
  }

  private perform(call: Call, ops: ReadonlyArray<Op>): Effect.Effect<void, any> {
    return Effect.forEach(ops, (op) => Effect.andThen(this.see, Effect.suspend(() => {
      for (; call.givenUp > 0; call.givenUp--) this.back(call)
      return this.one(call, op)
    })), { discard: true })
  }

  private wait(call: Call): void {
    call.waiting++
    this.trace.add({ kind: "wait", call })
  }

  private back(call: Call): void {
    call.waiting--
    this.trace.add({ kind: "back", call })
  }

  private readonly see = Effect.map(Budget.capture, (states) => this.trace.look(states))

  /** The branch waits, in an effect during which it holds no permit. */
  private without<A, E, R>(call: Call, effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> {
    return Effect.suspend(() => {
      this.wait(call)
      return Effect.onExit(effect, (exit) =>
        Effect.sync(() => {
          // Whoever is interrupted is on its way out, unless it goes on with something else.
          if (Exit.hasInterrupts(exit)) call.givenUp++
          else this.back(call)
        })
      )
    })
  }

  private one(call: Call, op: Op): Effect.Effect<unknown, any> {
    const { trace } = this
    switch (op.op) {
      case "sleep":
        return Effect.sleep(op.ms)
      case "report":
        return Progress.report({ message: `from ${call.id}`, fraction: 0.5, data: { call: call.id } })
      case "charge":
        return Effect.suspend(() => {
          trace.spends.push({ call, usage: Usage.make(op.usage), order: trace.order })
          return Effect.flatMap(Budget.capture, (before) => {
            const charge = { call, before, returned: false }
            trace.charges.push(charge)
            return Effect.andThen(Effect.andThen(Budget.charge(op.usage), this.see), Effect.sync(() => {
              charge.returned = true
            }))
          })
        })
      case "child": {
        const payload = { script: op.script, context: `child of ${call.id}`, upstream: [] }
        return this.without(call, Effect.provide(Helper.run(payload) as Effect.Effect<unknown, any>, this.services))
      }
      case "run": {
        const nested = Orchestrator.run(this.makePlan(trace, op.plan)) as Effect.Effect<unknown, any, any>
        return this.without(call, Effect.provide(nested, this.services) as Effect.Effect<unknown, any>)
      }
      case "par":
        return Effect.suspend(() => {
          call.branches += op.branches.length - 1
          return Effect.ensuring(
            Effect.all(op.branches.map((branch) => this.perform(call, branch)), { concurrency: "unbounded", discard: true }),
            Effect.sync(() => {
              call.branches -= op.branches.length - 1
            })
          )
        })
      case "wait":
        return this.without(call, Run.waiting("told to")(Effect.sleep(op.ms)))
      case "region": {
        const region = Budget.limit(op.limits, { name: `region${this.regions++}` })(this.perform(call, op.body))
        return op.caught ? Effect.catchTag(region, "BudgetExceededError", () => Effect.void) : region
      }
      case "step":
        return Run.step(op.name, { success: Schema.Null }, Effect.as(Effect.orDie(this.perform(call, op.body)), null))
      case "guard":
        return Effect.acquireUseRelease(
          Effect.sync(() => {
            call.taken++
          }),
          () => this.perform(call, op.body),
          () =>
            Effect.andThen(
              op.cleanup === 0 ? Effect.void : Effect.sleep(op.cleanup),
              Effect.sync(() => {
                call.taken--
              })
            )
        )
      case "within":
        return Effect.timeoutOption(this.perform(call, op.body), op.ms)
      case "leak":
        return Effect.forkDetach(
          Effect.andThen(Effect.sleep(op.ms), this.reserve(call, { id: -1, patient: true, request: { tokens: 1 }, body: [], end: "none", actual: {} }, true))
        )
      case "reserve":
        return this.reserve(call, op, false)
      case "fail":
        return Effect.fail(new ScriptedError({ script: call.payload.script, attempt: call.attempt }))
      case "die":
        return Effect.die(new Error("scripted defect"))
    }
  }

  private reserve(call: Call, op: Omit<Extract<Op, { op: "reserve" }>, "op">, leaked: boolean): Effect.Effect<void, any> {
    const { trace } = this
    return Effect.flatMap(Standing, ({ beneath }) =>
      Effect.contextWith((context: Context.Context<never>) => {
        const { calls = 0, inputTokens = 0, outputTokens = 0, usd = 0 } = op.request
        const tokens = op.request.tokens ?? inputTokens + outputTokens
        const before = Effect.runSync(Effect.provideContext(Budget.capture, context))
        trace.look(before)
        const reserve: Reserve = {
          call,
          id: op.id,
          patient: op.patient,
          leaked,
          beneath,
          request: { tokens, calls, usd },
          askedAt: trace.now(),
          askedOrder: trace.order,
          before,
          context,
          admittedAt: undefined,
          admittedOrder: Infinity,
          after: undefined,
          refusal: undefined,
          refusedAt: undefined,
          leftAt: undefined,
          returned: false,
          endedAt: undefined,
          endedOrder: Infinity,
          ended: undefined,
          spent: undefined
        }
        trace.reserves.push(reserve)
        trace.add({ kind: "asked", reserve })
        // A leaked fiber is no branch of its call.
        if (!leaked) this.wait(call)
        let left = false
        const enter = (isInterrupted: boolean) => {
          if (left) return
          left = true
          reserve.leftAt = trace.now()
          if (leaked) return
          if (isInterrupted) call.givenUp++
          else this.back(call)
        }
        const worst = Usage.make({ inputTokens, outputTokens: tokens - inputTokens, calls, usd })
        const use = (reservation: Budget.Reservation): Effect.Effect<void, any> =>
          Effect.suspend(() => {
            enter(false)
            reserve.admittedAt = trace.now()
            reserve.admittedOrder = trace.add({ kind: "admitted", reserve })
            reserve.after = Effect.runSync(Effect.provideContext(Budget.capture, context))
            trace.look(reserve.after)
            const finish = (how: NonNullable<Reserve["ended"]>, spent: Usage.Usage) => {
              if (reserve.ended !== undefined) return
              reserve.ended = how
              reserve.spent = spent
              reserve.endedAt = trace.now()
              trace.spends.push({ call, usage: spent, order: trace.order })
              reserve.endedOrder = trace.add({ kind: "ended", reserve })
            }
            return Effect.onExit(
              Effect.andThen(
                Effect.provideService(this.perform(call, op.body), Standing, { beneath: true }),
                // Written down before: what it wakes may end this very fiber.
                Effect.suspend(() => {
                  if (op.end === "none") return Effect.void
                  if (op.end === "settle") finish("settled", Usage.make(op.actual))
                  else finish("released", Usage.zero)
                  return op.end === "settle" ? reservation.settle(op.actual) : reservation.release
                })
              ),
              (exit) => Effect.sync(() => finish(Exit.isSuccess(exit) ? "unknown" : "interrupted", worst))
            )
          })
        const asked = op.patient
          ? Budget.reserve(op.request, use)
          : Effect.catchTag(Budget.tryReserve(op.request, use) as Effect.Effect<void, Budget.BudgetExceededError>, "BudgetExceededError", (error) =>
              Effect.suspend(() => {
                // An inner `tryReserve` that failed comes through here as well; it is its own.
                if (reserve.admittedAt !== undefined) return Effect.fail(error)
                reserve.refusal = error
                reserve.refusedAt = trace.now()
                return Effect.void
              })
            )
        return Effect.onExit(asked, (exit) =>
          Effect.sync(() => {
            enter(Exit.hasInterrupts(exit))
            reserve.returned = reserve.admittedAt === undefined && !Exit.hasInterrupts(exit)
          })
        )
      })
    )
  }
}

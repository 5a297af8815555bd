import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import type { Journal } from "../Journal.ts"
import type { TaskOutcome } from "../TaskOutcome.ts"
import * as attempts from "./attempt.ts"
import * as budgetNode from "./budgetNode.ts"
import { Ledger } from "./ledger.ts"
import * as outcomes from "./outcomes.ts"
import type { Past } from "./past.ts"
import type { RunInfo } from "./runInfo.ts"
import type { Claim } from "./slot.ts"
import { stored } from "./stored.ts"
import type { TaskState } from "./taskState.ts"

/** The run that its tasks get fibers in. */
interface Run {
  readonly info: RunInfo
  readonly node: budgetNode.BudgetNode
  readonly claim: Claim
  readonly journal: Journal | undefined
  readonly past: Past
  readonly hooksFor: attempts.HooksFor
  readonly now: () => number
  /** What it is being stopped for, if it is. */
  readonly stopping: () => outcomes.StopCause | undefined
}

/** Gives tasks their fibers, and ends those from outside. */
export class Launcher {
  private readonly run: Run
  private services: Context.Context<never> = Context.empty()

  constructor(run: Run) {
    this.run = run
  }

  /** Of whoever runs the plan, whose types have promised that they suffice. */
  provide(services: Context.Context<never>): void {
    this.services = services
  }

  fork<A, E>(effect: Effect.Effect<A, E, any>): Fiber.Fiber<A, E> {
    return Effect.runForkWith(this.services)(effect as Effect.Effect<A, E>)
  }

  /** What a task may spend, and what ends it where it may not. */
  nodeOf(state: TaskState): budgetNode.BudgetNode {
    const ledger = new Ledger("task", state.id)
    // What earlier lives of the run spent here is in the run's own ledger from its start.
    if (this.run.journal !== undefined) ledger.record(this.run.past.spentOn(state))
    const node = budgetNode.child(state.parent?.node ?? this.run.node, ledger, true)
    node.end = (error) => {
      state.refused ??= error
      this.interrupt(state, this.interruptible(state))
    }
    return node
  }

  /** What the task comes to is told once, and not in this step where it waits for anything. */
  launch(state: TaskState, task: Effect.Effect<unknown, unknown, any>, isAwaited: boolean, ended: (outcome: TaskOutcome<unknown, unknown>) => void): void {
    const { claim, hooksFor, info, journal, past, stopping } = this.run
    const outcomeOf: Parameters<typeof stored>[4]["outcomeOf"] = (exit) => outcomes.ofExit(state, exit, this.run.now(), stopping())
    const body = attempts.inTask(info, claim.priority, state, hooksFor, task)
    const fiber = this.fork(
      journal === undefined
        ? body
        : stored(journal, past.key(state), state, body, {
            isAwaited,
            interrupt: (fiber) => this.interrupt(state, fiber),
            isStopping: () => stopping() !== undefined,
            outcomeOf
          })
    )
    state.fiber = fiber
    // It may have been refused in its first step, before there was a fiber to interrupt.
    if (state.refused !== undefined) this.interrupt(state, this.interruptible(state))
    // So may the run have been stopped, by somebody whom that step woke.
    if (stopping() !== undefined && !state.isRecalled) this.interrupt(state, fiber)
    // A policy that does not call at once waits for something, and who waits holds no permit.
    if (journal === undefined) attempts.returnPermit(claim, state)
    this.startTimer(state)
    fiber.addObserver((exit) => {
      state.fiber = undefined
      state.timer?.interruptUnsafe()
      state.timer = undefined
      if (state.node !== undefined) state.node.closed = true
      attempts.returnPermit(claim, state)
      // A fiber that crashed has not run its finalizers: its permits come back all the same.
      for (const slot of Array.from(state.slots)) slot.close()
      ended(state.stored ?? outcomeOf(exit))
    })
  }

  /** Ends a task from outside: its calls take no permit any more, and nothing can be reserved in it. */
  interrupt(state: TaskState, fiber: Fiber.Fiber<unknown, unknown> | undefined): void {
    if (state.node !== undefined) state.node.closed = true
    const slots = Array.from(state.slots)
    // First of all: whoever is woken goes on in this very step, and has to find itself interrupted.
    fiber?.interruptUnsafe()
    for (const slot of slots) slot.leave()
  }

  /** What a timeout or a refusal ends. Where the engine stores, what has come to its outcome already keeps it while that is stored. */
  private interruptible(state: TaskState): Fiber.Fiber<unknown, unknown> | undefined {
    return this.run.journal === undefined ? state.fiber : state.inner
  }

  /** A timer of our own: unlike `Effect.timeout` it tells the calls of the task that they are on their way out. */
  private startTimer(state: TaskState): void {
    const { timeout } = state.task
    if (timeout === undefined || state.fiber === undefined) return
    state.timer = this.fork(
      Effect.andThen(
        Effect.sleep(timeout),
        Effect.sync(() => {
          const fiber = this.interruptible(state)
          if (fiber === undefined) return
          state.timer = undefined
          state.isTimedOut = true
          this.interrupt(state, fiber)
        })
      )
    )
  }
}

import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Schema from "effect/Schema"
import type * as Agent from "../Agent.ts"
import type * as Plan from "../Plan.ts"
import * as RunResult from "../RunResult.ts"
import type * as Task from "../Task.ts"
import type { DefectError, DuplicateKeyError, SkipReason, TaskOutcome } from "../TaskOutcome.ts"
import * as Usage from "../Usage.ts"
import * as attempts from "./attempt.ts"
import * as budgetNode from "./budgetNode.ts"
import { callsOf } from "./calls.ts"
import { Emitter } from "./emitter.ts"
import { Fifo } from "./fifo.ts"
import type { Journal } from "../Journal.ts"
import { Launcher } from "./launcher.ts"
import type { Listener } from "./listener.ts"
import { defect } from "./defect.ts"
import * as outcomes from "./outcomes.ts"
import * as payloads from "./payload.ts"
import { Past } from "./past.ts"
import type { Built } from "./planDefinition.ts"
import type { Lane, Ticket } from "./permits.ts"
import type { RunInfo } from "./runInfo.ts"
import type { Claim } from "./slot.ts"
import * as taskState from "./taskState.ts"
import type { TaskState } from "./taskState.ts"
import * as telemetry from "./telemetry.ts"
import { hashOf, keyWithin } from "./unitKey.ts"

/** What a run is started with. */
export interface Setup {
  readonly plan: Plan.Any
  readonly built: Built
  readonly input: unknown
  readonly info: RunInfo
  readonly node: budgetNode.BudgetNode
  readonly lane: Lane
  readonly priority: number
  readonly listeners: ReadonlyArray<Listener>
  readonly journal: Journal | undefined
  /** What the keys of its tasks begin with, where the engine stores. */
  readonly place: string
  /** How a task that is a plan is run. */
  readonly runPlan: (
    plan: Plan.Any,
    input: unknown,
    opened: (nested: Execution) => void
  ) => Effect.Effect<RunResult.RunResult<any, any>, Plan.InvalidPlanError>
}

/**
 * One run while it lives. Tasks that wait are plain objects; only what was started has a fiber. All bookkeeping is
 * synchronous, so there is no instant in which it is half done.
 */
export class Execution {
  readonly setup: Setup
  readonly states: ReadonlyArray<TaskState>
  readonly emitter: Emitter
  private readonly byTask: ReadonlyMap<Task.Any, TaskState>
  private readonly ids: ReadonlySet<string>
  private readonly claim: Claim
  private readonly hooksFor: attempts.HooksFor
  private readonly past: Past
  private readonly launcher: Launcher
  private readonly room: Effect.Effect<void> | undefined
  private services: Context.Context<never> = Context.empty()
  private clock!: Clock.Clock
  private live: number
  private startedAt: number
  private stopping: outcomes.StopCause | undefined
  /** What this run is stopped for as soon as it begins: it only gives what earlier lives of it have stored. */
  endsWith: outcomes.StopCause | undefined
  private readonly ready = new Fifo<TaskState>()
  private draining = false
  private tell: ((result: RunResult.RunResult<any, any>) => void) | undefined
  private result: RunResult.RunResult<any, any> | undefined
  private waiters: Array<(result: RunResult.RunResult<any, any>) => void> = []

  constructor(setup: Setup, clock: Clock.Clock) {
    this.setup = setup
    this.clock = clock
    this.states = taskState.ofPlan(setup.built.tasks)
    this.byTask = new Map(this.states.map((state) => [state.task, state]))
    this.ids = new Set(this.states.map(({ id }) => id))
    this.live = this.states.length
    this.startedAt = this.now()
    this.claim = { lane: setup.lane, priority: setup.priority }
    this.emitter = new Emitter(setup.listeners, setup.info, () => this.now())
    this.emitter.total = this.states.length
    this.room = attempts.roomFor(setup.listeners)
    this.hooksFor = attempts.hooks(this.emitter, setup.info, this.claim, this.room)
    const { info, journal, node, place } = setup
    this.past = new Past(journal, place)
    this.launcher = new Launcher({
      info,
      node,
      claim: this.claim,
      journal,
      past: this.past,
      hooksFor: this.hooksFor,
      now: () => this.now(),
      stopping: () => this.stopping
    })
  }

  private now(): number {
    return this.clock.currentTimeMillisUnsafe()
  }

  /** Starts what can start. `services` are those of whoever runs the plan, which handlers work with. */
  start(services: Context.Context<never>, ended: (result: RunResult.RunResult<any, any>) => void): void {
    this.services = services
    this.launcher.provide(services)
    this.tell = ended
    this.startedAt = this.now()
    const { info, node, plan } = this.setup
    this.emitter.runStarted(plan.name, plan.version, info.userId, node)
    if (this.endsWith !== undefined) return this.stop(this.endsWith)
    for (const state of this.states) if (state.pending === 0) this.ready.push(state)
    this.drain()
  }

  /** Waits for the end. */
  readonly await: Effect.Effect<RunResult.RunResult<any, any>> = Effect.callback((resume) => {
    if (this.result !== undefined) resume(Effect.succeed(this.result))
    else this.waiters.push((result) => resume(Effect.succeed(result)))
  })

  /** The result, once there is one. */
  get ended(): RunResult.RunResult<any, any> | undefined {
    return this.result
  }

  /** Interrupts what runs and skips what has not started; what has ended stays. */
  stop(cause: outcomes.StopCause): void {
    if (this.stopping !== undefined || this.result !== undefined) return
    this.stopping = cause
    // At once for the whole tree: nothing below is started, reserved or called from here on.
    this.setup.node.closed = true
    const all = this.states.flatMap((state) => (state.items === undefined ? [state] : [...state.items, state]))
    for (const state of all) {
      if (state.outcome !== undefined || state.fiber !== undefined) continue
      if (state.ticket !== undefined) {
        state.ticket.lane.permits.cancel(state.ticket)
        state.ticket = undefined
        this.skip(state, { _tag: "Stopped" })
      } else if (state.items === undefined && state.startedAt === undefined) {
        // What its input is made of may not have been read yet; it is when that has ended.
        if (state.pending === 0 || !this.past.hasBegunRun(state)) this.skip(state, { _tag: "Stopped" })
      }
    }
    for (const state of all) if (state.outcome === undefined && state.fiber !== undefined && !state.isRecalled) this.launcher.interrupt(state, state.fiber)
    this.drain()
  }

  /** Handles all that became ready, in plan order of discovery; a flat loop, because a chain of skips may be long. */
  private drain(): void {
    if (this.draining) return
    this.draining = true
    for (let next = this.ready.shift(); next !== undefined; next = this.ready.shift()) this.prepare(next)
    this.draining = false
    if (this.live === 0) this.finish()
  }

  private readonly outcomeOf = (task: Task.Any): TaskOutcome<unknown, unknown> => this.byTask.get(task)!.outcome!

  /** All that it depends on has ended: decides whether it runs, and with what. */
  private prepare(state: TaskState): void {
    if (state.outcome !== undefined) return
    if (this.stopping !== undefined) return this.skip(state, { _tag: "Stopped" })
    const upstream = taskState.upstream(state, this.outcomeOf)
    if ("blockedBy" in upstream) return this.skip(state, { _tag: "Upstream", taskId: upstream.blockedBy })
    const { outputs } = upstream
    const when = state.task["~when"]
    if (when === undefined) return this.dispatch(state, outputs)
    this.decide(state, "when", () => when(outputs), (run) => (run ? this.dispatch(state, outputs) : this.skip(state, { _tag: "Condition" })))
  }

  /**
   * Evaluates a function of the plan, and stores what it gave where the engine stores: in another life of the run it has to give the
   * same. What it throws is the task's failure.
   */
  private decide<A extends Schema.Json>(state: TaskState, name: string, compute: () => A, then: (value: A) => void): void {
    let value: A
    try {
      value = compute()
    } catch (error) {
      return this.failEarly(state, defect(`The function "${name}" of the task "${state.id}"`, error))
    }
    const { journal } = this.setup
    if (journal === undefined) return then(value)
    const unit = { key: keyWithin(this.past.key(state), name), kind: "decision", hash: hashOf(value), isAwaited: true, fits: () => true } as const
    const fiber = this.launcher.fork(journal.unit(unit, Effect.sync(() => JSON.stringify(value))))
    state.fiber = fiber
    if (this.stopping !== undefined) fiber.interruptUnsafe()
    fiber.addObserver((exit) => {
      state.fiber = undefined
      if (Exit.isSuccess(exit)) {
        if (this.stopping !== undefined) this.skip(state, { _tag: "Stopped" })
        else then(value)
      } else if (Cause.hasInterruptsOnly(exit.cause)) {
        this.skip(state, { _tag: "Stopped" })
      } else {
        this.failEarly(state, defect(`The function "${name}" of the task "${state.id}"`, Cause.squash(exit.cause)))
      }
      this.drain()
    })
  }

  /** Whether anything goes on with what it comes to: another task, a stop, or the handler that started this run. */
  private isAwaited(state: TaskState): boolean {
    const { place, plan } = this.setup
    return (state.parent ?? state).dependents.length > 0 || plan.onFailure === "stop" || place.includes("#")
  }

  private dispatch(state: TaskState, outputs: Readonly<Record<string, unknown>>): void {
    const body = state.task["~body"]
    switch (body._tag) {
      case "agent":
        return this.admit(state, body.agent, () => payloads.valueOf(body.payload, outputs))
      case "iterate":
        return this.admit(state, body.agent, () => payloads.valueOf(body.initial, outputs))
      case "forEach":
        return this.expand(state, body, outputs)
      case "plan":
        return this.begin(state, () => {
          state.payload = payloads.valueOf(body.input, outputs)
          const run = this.setup.runPlan(body.plan, state.payload, (nested) => {
            state.nested = nested
            if (state.isRecalled) nested.endsWith = { _tag: "cancelled" }
          })
          return state.isRecalled ? Effect.andThen(run, Effect.interrupt) : run
        })
    }
  }

  /** Checks the payload, then stands in line: what is not valid never takes a permit. */
  private admit(state: TaskState, agent: Agent.Any, payload: () => unknown): void {
    const decoded = payloads.decode(`The payload of the task "${state.id}"`, agent, payload)
    if ("error" in decoded) this.failEarly(state, decoded.error)
    else this.queue(state, decoded.value)
  }

  private queue(state: TaskState, payload: unknown): void {
    state.payload = payload
    const readyAt = this.now()
    const ticket: Ticket = {
      lane: this.claim.lane,
      priority: state.task.priority ?? this.claim.priority,
      resumes: false,
      granted: () => {
        state.ticket = undefined
        state.permit = true
        if (budgetNode.isClosed(this.setup.node)) {
          // A run around this one was stopped, and has not come to this one yet.
          attempts.returnPermit(this.claim, state)
          this.skip(state, { _tag: "Stopped" })
        } else {
          telemetry.taskStarted(this.services, this.now() - readyAt)
          this.begin(state, () => this.agentEffect(state))
        }
        this.drain()
      }
    }
    state.ticket = ticket
    ticket.lane.permits.request(ticket)
  }

  private expand(state: TaskState, body: Extract<Task.Any["~body"], { _tag: "forEach" }>, outputs: Readonly<Record<string, unknown>>): void {
    const found = payloads.itemsOf(state.id, body, outputs)
    if ("error" in found) return this.failEarly(state, found.error)
    const taken = found.items.find(({ key }) => this.ids.has(`${state.id}/${key}`))
    if (taken !== undefined) {
      const other = new Error(`its items are tasks of their own, and "${state.id}/${taken.key}" is the id of another one; rename one of them`)
      return this.failEarly(state, defect(`The key "${taken.key}" of the task "${state.id}"`, other))
    }
    this.decide(state, "items", () => found.items.map(({ key }) => key), () => {
      const items = this.grow(state, found.items.map(({ key }) => key))
      for (const [position, item] of items.entries()) {
        // One that fails at once may have stopped the run.
        if (item.outcome !== undefined) continue
        const { decoded } = found.items[position]!
        if ("error" in decoded) this.failEarly(item, decoded.error)
        else this.queue(item, decoded.value)
      }
    })
  }

  /** Gives a fan-out its items; one that has none has ended. */
  private grow(state: TaskState, keys: ReadonlyArray<string>): ReadonlyArray<TaskState> {
    state.startedAt = this.now()
    state.node = this.launcher.nodeOf(state)
    state.node.ledger.record(this.past.spentOnItems(state))
    const items = keys.map((key, position) => taskState.make(state.task, `${state.id}/${key}`, this.emitter.total + position, state))
    state.items = items
    state.itemsLeft = items.length
    this.live += items.length
    this.emitter.total += items.length
    this.emitter.starting(state)
    this.emitter.running(state, 0)
    if (items.length === 0) this.end(state, outcomes.ofItems(state, this.now()))
    return items
  }

  /** What is stored of a task that the run was stopped before is kept. */
  private recall(state: TaskState): boolean {
    if (state.startedAt !== undefined) return false
    if (state.task["~body"]._tag === "forEach" && state.parent === undefined) {
      const keys = this.past.itemKeys(state)
      if (keys === undefined) return false
      for (const item of this.grow(state, keys)) this.skip(item, { _tag: "Stopped" })
      return true
    }
    const outcome = this.past.outcomeOf(state)
    if (outcome !== undefined) this.end(state, outcome)
    return outcome !== undefined || this.recallNested(state)
  }

  /** What an earlier life has stored of a nested run is in its result, which stays with the task that it is. */
  private recallNested(state: TaskState): boolean {
    if (!this.past.hasBegunRun(state)) return false
    const upstream = taskState.upstream(state, this.outcomeOf)
    if ("blockedBy" in upstream) return false
    state.isRecalled = true
    this.dispatch(state, upstream.outputs)
    return true
  }

  /** Gives the task a fiber. */
  private begin(state: TaskState, effect: () => Effect.Effect<unknown, unknown, any>): void {
    state.startedAt = this.now()
    state.node = this.launcher.nodeOf(state)
    state.slots = new Set()
    this.emitter.starting(state)
    if (state.task["~body"]._tag === "plan") this.emitter.running(state, 0)
    let made: Effect.Effect<unknown, unknown, any>
    try {
      made = effect()
    } catch (error) {
      attempts.returnPermit(this.claim, state)
      return this.failEarly(state, defect(`The task "${state.id}"`, error))
    }
    this.launcher.launch(state, made, this.isAwaited(state), (outcome) => {
      this.end(state, outcome)
      this.drain()
    })
  }

  private agentEffect(state: TaskState): Effect.Effect<unknown, unknown, any> {
    return callsOf(state.id, state.task["~body"], state.payload, (agent, payload) =>
      attempts.attempt(this.claim, this.emitter, state, agent, payload, this.hooksFor, this.room)
    )
  }

  private skip(state: TaskState, reason: SkipReason): void {
    if (reason._tag === "Stopped" && this.recall(state)) return
    const about = outcomes.base(state, this.now())
    // A task that has a ledger in this life has it there.
    const usage = state.node === undefined ? this.past.spentInAll(state) : Usage.zero
    if (Usage.isZero(usage)) return this.end(state, { _tag: "skipped", ...about, reason })
    // It was under way in an earlier life of the run, and is not begun again.
    const ended = { ...about, usage, attempts: Math.max(1, about.attempts) }
    const { stopping } = this
    this.end(state, stopping?._tag === "deadline" ? { _tag: "timedOut", ...ended, timeoutMillis: stopping.timeoutMillis } : { _tag: "cancelled", ...ended })
  }

  /** A task that failed before it was started. */
  private failEarly(state: TaskState, error: Agent.InvalidPayloadError | DefectError | DuplicateKeyError): void {
    this.end(state, { _tag: "failed", ...outcomes.base(state, this.now()), origin: "engine", error })
  }

  private end(state: TaskState, outcome: TaskOutcome<unknown, unknown>): void {
    if (state.outcome !== undefined) return
    state.outcome = outcome
    state.payload = undefined
    this.live--
    this.emitter.ended(state, outcome)
    if (state.items === undefined) telemetry.taskEnded(this.services, outcome, state.node?.nestedUsage)
    // Its usage is in its outcome; whoever still works there has the node from its own context.
    state.node = undefined
    for (const dependent of state.dependents) if (--dependent.pending === 0) this.ready.push(dependent)
    const { parent } = state
    if (parent !== undefined && --parent.itemsLeft === 0) this.end(parent, outcomes.ofItems(parent, this.now()))
    if (this.setup.plan.onFailure === "stop" && (outcome._tag === "failed" || outcome._tag === "timedOut")) this.stop({ _tag: "failure" })
  }

  private finish(): void {
    if (this.result !== undefined) return
    const { built, info, input, node, plan } = this.setup
    node.closed = true
    budgetNode.countNested(node)
    const results = this.states.flatMap((state) => [state.outcome!, ...(state.items ?? []).map((item) => item.outcome!)])
    const result = RunResult.make({
      runId: info.runId,
      plan: plan.name,
      planVersion: plan.version,
      input,
      inputSchema: plan.inputSchema,
      goals: built.goals.map(({ id }) => id),
      startedAt: this.startedAt,
      endedAt: this.now(),
      usage: node.ledger.usage,
      results,
      tasks: new Map(built.tasks.map((task) => [task.id, task]))
    })
    this.result = result
    telemetry.runEnded(this.services, plan.name, result.allSucceeded ? "succeeded" : "incomplete")
    this.emitter.runEnded(result)
    this.tell?.(result)
    for (const waiter of this.waiters.splice(0)) waiter(result)
  }
}

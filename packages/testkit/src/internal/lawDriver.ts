import * as Budget from "@aria/orchestrator-core/Budget"
import * as Orchestrator from "@aria/orchestrator-core/Orchestrator"
import * as Plan from "@aria/orchestrator-core/Plan"
import * as Progress from "@aria/orchestrator-core/Progress"
import * as Run from "@aria/orchestrator-core/Run"
import * as Task from "@aria/orchestrator-core/Task"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as References from "effect/References"
import * as Scheduler from "effect/Scheduler"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import { checkCodecs } from "./lawCodecs.ts"
import { type AnyPlan, planOf } from "./lawPlans.ts"
import type { ListenerSpec, RunSpec, Scenario } from "./lawScenario.ts"
import { type RunRecord, Trace } from "./lawTrace.ts"
import { Worker } from "./lawAgents.ts"
import { CountingScheduler, Instants, turn } from "./lawTime.ts"
import { World } from "./lawWorld.ts"

/** Makes the orchestrator that a scenario runs on. */
export type MakeLayer = (options: Orchestrator.Options) => Layer.Layer<Orchestrator.Orchestrator, Budget.InvalidLimitError>

const mostInstants = 4_000
const mostTurns = 20_000
const timeLimit = 20_000

/** What of an engine the scenarios need to know. */
export interface Driven {
  readonly layer: MakeLayer
  readonly storesReservations?: boolean | undefined
  readonly untilQuiet?: Effect.Effect<void> | undefined
}

/** Runs a scenario on an engine, from one instant to the next, and gives all that it showed. */
export const trace = (engine: Driven, scenario: Scenario): Effect.Effect<Trace> =>
  Effect.scopedWith((scope) =>
    Effect.gen(function* (): Effect.fn.Return<Trace> {
      const { layer: makeLayer, storesReservations = false, untilQuiet = Effect.void } = engine
      const record = new Trace(scenario, storesReservations)
      const live = yield* Clock.clockWith(Effect.succeed)
      const startedAt = live.currentTimeMillisUnsafe()
      const test = yield* Effect.provideService(TestClock.make({ warningDelay: "1 day" }), Scope.Scope, scope)
      const instants = new Instants(test)
      const scheduler = new CountingScheduler()
      record.now = () => instants.now
      const world = new World(record, planOf)
      const ids = new Map<string, number>()
      const makeId = Effect.map(Run.Current, (current) => {
        const parent = Option.getOrUndefined(current)
        const count = (ids.get(parent?.runId ?? "") ?? 0) + 1
        ids.set(parent?.runId ?? "", count)
        const id = parent === undefined ? `r${count}` : `${parent.runId}.${count}`
        const above = parent === undefined ? [] : record.ancestors.get(parent.runId) ?? []
        record.ancestors.set(id, parent === undefined ? [] : [...above, { runId: parent.runId, taskId: parent.taskId }])
        return id
      })
      const base = Context.empty().pipe(
        Context.add(Clock.Clock, instants.clock),
        Context.add(Scheduler.Scheduler, scheduler),
        Context.add(References.MinimumLogLevel, "None" as const),
        Context.add(Run.IdGenerator, makeId)
      )
      const engineScope = Scope.makeUnsafe()
      const layer = Layer.merge(world.layer, makeLayer(scenario.options))
      const services = yield* Effect.provideContext(Effect.orDie(Layer.buildWithScope(layer, engineScope)), base)
      world.services = services as Context.Context<never>
      const context = Context.merge(base, services)

      const settle = Effect.gen(function* () {
        let seen = -1
        for (let calm = 0, turns = 0; calm < 3; turns++) {
          yield* turn
          const quiet = yield* Effect.forkChild(untilQuiet, { startImmediately: true })
          // Whoever waited for an answer goes on with it now, and may ask for the next one.
          const wasQuiet = quiet.pollUnsafe() !== undefined
          yield* Fiber.join(quiet)
          const moved = record.order + scheduler.ran + instants.added
          calm = moved === seen && scheduler.pending === 0 && wasQuiet ? calm + 1 : 0
          seen = moved
          if (turns > mostTurns || live.currentTimeMillisUnsafe() - startedAt > timeLimit) {
            record.hung = "it never came to rest"
            return
          }
        }
      })
      const fork = <A, E>(effect: Effect.Effect<A, E, any>) => Effect.runForkWith(context)(effect as Effect.Effect<A, E>)
      const untilDone = (done: () => boolean, what: string) =>
        Effect.gen(function* () {
          for (let count = 0; record.hung === undefined; count++) {
            yield* settle
            const here = record.calls.filter(({ endAt }) => endAt === undefined)
            const working = here.filter(({ branches, givenUp, waiting }) => waiting - givenUp < branches).map((call) => ({ call, sure: call.waiting === 0 }))
            const asking = record.reserves
              .filter(({ call, leftAt }) => leftAt === undefined && call.endAt === undefined)
              .map((reserve) => ({ reserve, states: Effect.runSync(Effect.provideContext(Budget.capture, reserve.context)) }))
            record.add({ kind: "quiet", working, waits: here.some(({ waiting }) => waiting > 0), asking })
            for (const { context } of record.calls.slice(-12)) record.look(Effect.runSync(Effect.provideContext(Budget.capture, context)))
            if (!(yield* instants.advance)) {
              if (!done()) record.hung = `nothing moves any more, and ${what}`
              return
            }
            if (count > mostInstants) record.hung = `${what} after ${mostInstants} instants`
          }
        })

      const fibers = record.runs.map((run, index) => fork(oneRun(record, run, index)))
      yield* untilDone(() => record.runs.every(({ exit }) => exit !== undefined), "a run has not ended")
      if (record.hung === undefined) {
        record.held = heldIn(record, () => true)
        const probe = probePlan(scenario)
        let seen = 0
        record.probe = { seen, wanted: probe.wanted }
        const before = record.order
        const prober = fork(Effect.provideService(Orchestrator.run(probe.plan), Run.IdGenerator, Effect.succeed("probe")).pipe(Run.configure({ userId: "probe" })))
        yield* settle
        for (const entry of record.entries.slice(before)) if (entry.kind === "start") seen++
        record.probe = { seen, wanted: probe.wanted }
        yield* untilDone(() => prober.pollUnsafe() !== undefined, "a run after all others has not ended")
        record.invalid = yield* refusal(makeLayer, scenario)
      }
      for (const fiber of fibers) fiber.interruptUnsafe()
      yield* settle
      const closing = fork(Scope.close(engineScope, Exit.void))
      yield* settle
      for (let step = 0; step < 100 && closing.pollUnsafe() === undefined; step++) {
        yield* instants.advance
        yield* settle
      }
      if (record.hung === undefined) checkCodecs(record)
      return record
    })
  )

const oneRun = (record: Trace, run: RunRecord, index: number): Effect.Effect<void, never, any> => {
  const { spec } = run
  const listen = Progress.listen((event) => {
    if (event._tag === "RunStarted" && event.path.length === 0) run.runId ??= event.runId
    record.add({ kind: "event", run: index, event })
  })
  const ended = (exit: RunRecord["exit"]) =>
    Effect.sync(() => {
      run.exit = exit
      const own = (call: { readonly rootRunId: string }) => call.rootRunId === run.runId
      run.resultOrder = record.add({ kind: "result", run: index })
      run.liveAtEnd = record.calls.filter((call) => own(call) && call.endAt === undefined).length
      run.takenAtEnd = record.calls.filter((call) => own(call) && call.taken !== 0).length
      run.heldAtEnd = heldIn(record, own, ["call", "task", "run"])
    })
  const stopping = Effect.sync(() => {
    run.stoppingAt = record.now()
    run.stoppingOrder = record.add({ kind: "stopping", run: index })
  })
  const stopped = Effect.sync(() => {
    run.stoppedOrder = record.add({ kind: "stopped", run: index })
  })
  const plan = planOf(record, spec.plan)
  const started: Effect.Effect<void, any, any> =
    spec.mode === "run"
      ? Effect.gen(function* () {
          const fiber = yield* Effect.forkChild(Effect.onExit(region(spec, Orchestrator.run(plan)), ended as any), { startImmediately: true })
          if (spec.stopAt !== undefined) {
            yield* Effect.raceFirst(Effect.sleep(spec.stopAt), Fiber.await(fiber))
            if (run.exit === undefined) {
              yield* stopping
              yield* Fiber.interrupt(fiber)
              yield* stopped
            }
          }
          yield* Fiber.await(fiber)
        })
      : Effect.exit(
          region(
            spec,
            Effect.gen(function* () {
              const handle = yield* Orchestrator.start(plan)
              const reader = yield* Effect.forkChild(Stream.runForEach(handle.events, (event) => Effect.sync(() => run.read.push(event))))
              const waiter = yield* Effect.forkChild(Effect.onExit(handle.await, ended as any))
              if (spec.stopAt !== undefined) {
                yield* Effect.raceFirst(Effect.sleep(spec.stopAt), Fiber.await(waiter))
                if (run.exit === undefined) {
                  yield* stopping
                  yield* handle.cancel
                  yield* stopped
                }
              }
              yield* Fiber.await(waiter)
              if (run.exit?._tag !== "Success") return
              run.late = yield* Stream.runCollect(handle.events)
              yield* Fiber.await(reader)
            })
          )
        )
  const options: Run.Options = { userId: spec.user, priority: spec.priority, concurrency: spec.concurrency, timeout: spec.timeout }
  const flawed = spec.listeners.reduce<Effect.Effect<void, any, any>>((effect, listener) => listenWith(run, listener)(effect), started)
  return Effect.andThen(Effect.sleep(spec.startAt), Effect.ignore(Run.configure(options)(listen(flawed))))
}

/** The run inside its regions. A region that is itself refused has no result: its exit is that refusal. */
const region = <A, E, R>(spec: RunSpec, effect: Effect.Effect<A, E, R>): Effect.Effect<A, any, R> =>
  spec.regions.reduce<Effect.Effect<A, any, R>>((inner, limits, index) => Budget.limit(limits, { name: `${spec.plan.name}.region${index}` })(inner), effect)

const listenWith = (run: RunRecord, listener: ListenerSpec) => {
  const hear = (event: Progress.Event) => {
    run.heard.push(event)
  }
  switch (listener) {
    case "throws":
      return Progress.listen((event) => {
        hear(event)
        throw new Error("a callback that throws")
      })
    case "slow":
      return Progress.listen((event) => Effect.andThen(Effect.sync(() => hear(event)), Effect.sleep(1)))
    case "fails":
      return Progress.listen((event) => Effect.andThen(Effect.sync(() => hear(event)), Effect.fail("a callback that fails")))
    case "rejects":
      return Progress.listen((event) => {
        hear(event)
        return Promise.reject(new Error("a callback that rejects"))
      })
    case "small":
      return Progress.listen((event) => Effect.andThen(Effect.sync(() => hear(event)), Effect.sleep(2)), { capacity: 1 })
    case "block":
      return Progress.listen((event) => Effect.andThen(Effect.sync(() => hear(event)), Effect.sleep(0.5)), { capacity: 1, onFull: "block" })
  }
}

/** What the ledgers of these calls hold, innermost first; none where all is settled. */
const heldIn = (record: Trace, which: (call: { readonly rootRunId: string }) => boolean, owners?: ReadonlyArray<string>): ReadonlyArray<string> => {
  const held = new Set<string>()
  for (const call of record.calls) {
    if (!which(call)) continue
    for (const { held: amounts, name, owner } of Effect.runSync(Effect.provideContext(Budget.capture, call.context))) {
      if (owners !== undefined && !owners.includes(owner)) continue
      if (amounts.tokens !== 0 || amounts.calls !== 0 || amounts.usd !== 0) held.add(`${owner} "${name}" holds ${JSON.stringify(amounts)}`)
    }
  }
  return Array.from(held)
}

/** As many calls as the caps admit, at once: all of them start only if every permit is back. */
const probePlan = ({ options }: Scenario): { readonly plan: AnyPlan; readonly wanted: number } => {
  // Of a cap that is wide a part will do.
  const wanted = Math.min(6, options.concurrency ?? 10, options.userConcurrency ?? Infinity, options.runConcurrency ?? Infinity)
  const tasks = Array.from({ length: wanted }, (_, index) =>
    Task.make(`probe${index}`, Worker, {
      payload: { script: -1, context: "probe", upstream: [] },
      policy: (call) => Effect.ensuring(call, Effect.sleep(0.001))
    })
  )
  return { plan: Plan.make("probe", tasks as any) as any, wanted }
}

const refusal = (makeLayer: MakeLayer, { invalidOptions: { name, value } }: Scenario): Effect.Effect<string> =>
  Effect.map(Effect.exit(Effect.scoped(Layer.build(makeLayer({ [name]: value })))), (exit) => {
    const error = Exit.isFailure(exit) ? Option.getOrUndefined(Exit.findErrorOption(exit)) : undefined
    return error === undefined ? (Exit.isSuccess(exit) ? "accepted" : "a defect") : error._tag
  })


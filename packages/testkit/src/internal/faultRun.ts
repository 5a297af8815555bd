/** Runs a schedule in virtual time and says which laws it broke. */
import * as Approval from "@aria/orchestrator-core/Approval"
import type * as Receipt from "@aria/orchestrator-core/Receipt"
import * as ReceiptStore from "@aria/orchestrator-core/ReceiptStore"
import * as SideEffect from "@aria/orchestrator-core/SideEffect"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as References from "effect/References"
import * as Scheduler from "effect/Scheduler"
import * as Scope from "effect/Scope"
import * as TestClock from "effect/testing/TestClock"
import { CountingScheduler, Instants, turn } from "./lawTime.ts"
import { lawsOf } from "./faultLaws.ts"
import type { Performer, Scenario } from "./faultScenario.ts"
import { kind, World } from "./faultWorld.ts"

export interface Performance {
  readonly performer: Performer
  readonly startedAt: number
  /** The receipt that was there when it began. */
  readonly before: Receipt.Receipt | undefined
  endedAt: number | undefined
  exit: Exit.Exit<string, unknown> | undefined
}

const mostInstants = 20_000
const hour = 60 * 60 * 1_000

export const violations = (layer: Layer.Layer<ReceiptStore.ReceiptStore, unknown>, scenario: Scenario): Effect.Effect<ReadonlyArray<string>> =>
  Effect.scopedWith((scope) =>
    Effect.gen(function* () {
      const test = yield* Effect.provideService(TestClock.make({ warningDelay: "1 day" }), Scope.Scope, scope)
      const instants = new Instants(test)
      const scheduler = new CountingScheduler()
      const base = Context.empty().pipe(
        Context.add(Clock.Clock, instants.clock),
        Context.add(Scheduler.Scheduler, scheduler),
        Context.add(References.MinimumLogLevel, "None" as const),
        Context.add(ReceiptStore.Lease, Duration.millis(scenario.lease))
      )
      const approval = yield* Layer.buildWithScope(Approval.layerApproveAll("ada"), scope)
      const store = Context.get(yield* Effect.orDie(Layer.buildWithScope(Layer.fresh(layer), scope)), ReceiptStore.ReceiptStore)
      const world = new World(scenario, (effect) => void Effect.runForkWith(base)(effect))
      const broken: Array<string> = []
      const performances: Array<Performance> = []

      const isDead = (process: number) => instants.now >= (scenario.kills.get(process) ?? Infinity)
      const views = Array.from({ length: scenario.processes + 2 }, (_, process) => world.view(process, store))
      const fork = <A, E>(process: number, effect: Effect.Effect<A, E, any>) => {
        const context = Context.merge(base, approval).pipe(Context.add(ReceiptStore.ReceiptStore, views[process]!))
        return Effect.runForkWith(context)(SideEffect.allow([kind])(effect as Effect.Effect<A, E>))
      }
      /** From one instant to the next, until nobody waits for a time. */
      const untilRest = Effect.gen(function* () {
        for (let count = 0; count < mostInstants; count++) {
          for (let calm = 0, seen = -1; calm < 2; ) {
            yield* turn
            const moved = scheduler.ran + instants.added
            calm = moved === seen && scheduler.pending === 0 ? calm + 1 : 0
            seen = moved
          }
          if (!(yield* instants.advance)) return
        }
        broken.push(`it did not come to rest in ${mostInstants} instants`)
      })

      const perform = (performer: Performer, action: ReturnType<World["action"]>) =>
        Effect.gen(function* () {
          yield* Effect.sleep(performer.at)
          for (let left = performer.again; left >= 0; left--) {
            const before = (yield* store.list({ limit: 100 })).find((receipt) => receipt.kind === kind && receipt.key === performer.key)
            const performance: Performance = { performer, startedAt: instants.now, before, endedAt: undefined, exit: undefined }
            performances.push(performance)
            const fiber = yield* Effect.forkDetach(action.perform({ key: performer.key, input: performer.input }), { startImmediately: true })
            fiber.addObserver((exit) => {
              performance.exit = exit
              performance.endedAt = instants.now
            })
            if (performer.patience !== undefined) {
              yield* Effect.forkDetach(Effect.andThen(Effect.sleep(performer.patience), Effect.sync(() => fiber.interruptUnsafe())))
            }
            const exit = yield* Effect.exit(Effect.callback<string, unknown>((resume) => void fiber.addObserver((ended) => resume(ended))))
            if (exit._tag === "Success" || isDead(performer.process)) return
            yield* Effect.sleep((left * 7_919) % 60_000)
          }
        })
      const at = (time: number, effect: Effect.Effect<unknown, unknown, any>) => fork(0, Effect.andThen(Effect.sleep(time), Effect.ignore(effect)))

      for (const performer of scenario.performers) fork(performer.process, perform(performer, world.action(performer.process)))
      for (const time of scenario.settles) at(time, SideEffect.settle(world.action(0)))
      // Somebody who knows: from when on nothing arrives any more.
      const resolve = Effect.flatMap(SideEffect.doubtful(), (receipts) =>
        Effect.forEach(receipts, ({ attempts: attempt, endedAt = 0, id, kind: of }) => {
          const arrived = world.arrivals.some(({ receiptId }) => receiptId === id)
          if (instants.now < endedAt + scenario.settleAfter || of !== kind) return Effect.void
          return Effect.ignore(SideEffect.resolve(id, arrived ? { _tag: "done", success: "found by ada", attempt } : { _tag: "notDone", attempt }, "ada"))
        })
      )
      for (const time of scenario.resolves) at(time, resolve)
      const undo = Effect.flatMap(store.list({ states: ["done"], kind, limit: 1 }), ([receipt]) =>
        receipt === undefined ? Effect.void : SideEffect.undo(world.action(0), receipt.id, "ada")
      )
      for (const time of scenario.undoes) at(time, undo)
      yield* untilRest
      for (const { exit, performer } of performances) {
        if (exit === undefined && !isDead(performer.process)) broken.push(`a perform of ${performer.key} never ended`)
      }

      // Everything works again, and a new process looks at what is there.
      world.quiet = true
      const recovered = world.action(scenario.processes + 1)
      const look = lawsOf(scenario, world, store, performances)
      const recovery = fork(
        scenario.processes + 1,
        Effect.gen(function* () {
          yield* Effect.sleep(hour)
          const doubtful = yield* SideEffect.doubtful()
          broken.push(...(yield* look.atAnyTime), ...(yield* look.whenListed(doubtful)))
          // Who was lost was found just now: for a while what it sent may still arrive.
          yield* Effect.sleep(hour)
          const settled = yield* SideEffect.settle(recovered)
          for (const { key, state } of settled) if (state === "unknown") broken.push(`${key} could be looked up and is still unknown`)
          broken.push(...(yield* look.atAnyTime))
          for (const key of new Set(scenario.performers.map((performer) => performer.key))) {
            const receipt = (yield* store.list({ kind })).find((one) => one.key === key)
            const input = typeof receipt?.input === "string" ? receipt.input : "one"
            const exit = yield* Effect.exit(recovered.perform({ key, input }))
            if (receipt?.state !== "undone" && exit._tag === "Failure") broken.push(`${key} cannot be performed when everything works: ${String(exit.cause)}`)
            const other = yield* Effect.flip(recovered.perform({ key, input: "a third" }))
            if (other._tag !== "SideEffectConflictError") broken.push(`${key} with another input gave ${other._tag}`)
          }
          broken.push(...(yield* look.atAnyTime), ...(yield* look.whenListed([])))
        })
      )
      yield* untilRest
      const exit = recovery.pollUnsafe()
      if (exit === undefined) broken.push("the recovery never ended")
      else if (exit._tag === "Failure") broken.push(`the recovery failed: ${String(exit.cause)}`)
      return broken
    })
  )

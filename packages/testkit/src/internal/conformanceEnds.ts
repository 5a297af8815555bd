import * as Budget from "@aria/orchestrator-core/Budget"
import * as Orchestrator from "@aria/orchestrator-core/Orchestrator"
import * as Progress from "@aria/orchestrator-core/Progress"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Metric from "effect/Metric"
import { type Check, verdict } from "./conformanceCheck.ts"
import { call, ending, endOf, inFreshLayers, planOf, show, type Subject } from "./conformanceHarness.ts"

const forEachValid = (subject: Subject, about: (payload: unknown) => Effect.Effect<string | undefined, any>) =>
  Effect.forEach(subject.valid, (payload) =>
    Effect.map(about(payload), (problem) => (problem === undefined ? undefined : `with the payload ${show(payload)} ${problem}`))
  )

/** When calls are interrupted, in milliseconds after their start. */
const moments = [0, 1, 5, 20]
/** How long one listens for what comes too late. */
const quietMillis = 20

/** Interrupts a call by itself; gives its exit where it was still alive. */
const interrupted = (subject: Subject, payload: unknown, moment: number) =>
  Effect.gen(function* () {
    const fiber = yield* Effect.forkDetach(call(subject, payload), { startImmediately: true })
    yield* Effect.sleep(moment)
    if (fiber.pollUnsafe() !== undefined) return undefined
    fiber.interruptUnsafe()
    const end = yield* endOf(fiber, subject.promptMillis)
    return { end, exit: fiber.pollUnsafe() }
  })

/** Cancels the run of a plan with the call in it; gives what is wrong. */
const cancelled = (subject: Subject, payload: unknown, moment: number) => {
  const events: Array<Progress.Event> = []
  return Effect.gen(function* () {
    const handle = yield* Orchestrator.start(planOf(subject, payload))
    yield* Effect.sleep(moment)
    const end = yield* ending(handle.cancel, subject.promptMillis)
    if (end._tag === "hung") return `its run could not be cancelled within ${subject.promptMillis} ms`
    const ended = events.findIndex(({ _tag }) => _tag === "RunEnded")
    yield* Effect.sleep(quietMillis)
    const late = ended < 0 ? [] : events.slice(ended + 1)
    return late.length === 0 ? undefined : `it told of "${late[0]!._tag}" after its run had been cancelled`
  }).pipe(
    Progress.listen((event) => {
      events.push(event)
    })
  )
}

const interruption: Check = {
  name: "interruption: it ends promptly with its finalizers, and nothing is told afterwards",
  run: (subject) => {
    let alive = 0
    return Effect.map(
      forEachValid(subject, (payload) =>
        Effect.gen(function* () {
          for (const moment of moments) {
            const seen = yield* inFreshLayers(subject, interrupted(subject, payload, moment))
            if (seen === undefined) break
            alive++
            const { end, exit } = seen
            if (end._tag === "hung") return `it did not end within ${subject.promptMillis} ms of an interruption after ${moment} ms`
            if (exit !== undefined && Exit.isFailure(exit) && Cause.hasDies(exit.cause)) {
              return `it threw when it was interrupted after ${moment} ms: ${String(Cause.squash(exit.cause))}`
            }
            const problem = yield* inFreshLayers(subject, cancelled(subject, payload, moment))
            if (problem !== undefined) return problem
          }
          return undefined
        })
      ),
      (problems) =>
        verdict(problems, alive === 0 ? "every call ended before it could be interrupted" : `${alive} calls were interrupted and ended promptly`)
    )
  }
}

/** Counts the fibers of a call and of all that they start. */
class Tracker implements Metric.FiberRuntimeMetricsService {
  alive = 0
  readonly recordFiberStart = (): void => {
    this.alive++
  }
  readonly recordFiberEnd = (): void => {
    this.alive--
  }
}

/** How many fibers of a call live on when it has ended and its layers are closed. */
const leftBehind = (subject: Subject, payload: unknown, moment: number | undefined): Effect.Effect<number, any> =>
  Effect.gen(function* () {
    const tracker = new Tracker()
    const one = Effect.gen(function* () {
      const fiber = yield* Effect.provideService(
        Effect.forkDetach(call(subject, payload), { startImmediately: true }),
        Metric.FiberRuntimeMetrics,
        tracker
      )
      if (moment === undefined) return yield* endOf(fiber, subject.callMillis)
      yield* Effect.sleep(moment)
      fiber.interruptUnsafe()
      return yield* endOf(fiber, subject.promptMillis)
    })
    const end = yield* inFreshLayers(subject, one)
    // What does not end at all is found elsewhere.
    if (end._tag === "hung") return 0
    for (let waited = 0; tracker.alive > 0 && waited < subject.promptMillis; waited += 10) yield* Effect.sleep(10)
    return tracker.alive
  })

const fibers: Check = {
  name: "fibers: no fiber of a call lives longer than the call and its layer",
  run: (subject) =>
    Effect.map(
      forEachValid(subject, (payload) =>
        Effect.gen(function* () {
          for (const moment of [undefined, 1]) {
            const alive = yield* leftBehind(subject, payload, moment)
            const after = moment === undefined ? "it ended" : "it was interrupted"
            if (alive > 0) return `${alive} of its fibers lived on after ${after}; fork with forkChild or forkScoped`
          }
          return undefined
        })
      ),
      (problems) => verdict(problems, `${problems.length} payloads left no fiber behind`)
    )
}

const budget: Check = {
  name: "budget: inside a limit of one call it ends, whatever is refused",
  run: (subject) => {
    let refused = 0
    return Effect.map(
      forEachValid(subject, (payload) =>
        Effect.gen(function* () {
          const end = yield* inFreshLayers(subject, ending(Budget.limit({ calls: 1 })(call(subject, payload)), subject.callMillis))
          if (end._tag === "failed" && end.error instanceof Budget.BudgetExceededError) refused++
          if (end._tag !== "hung") return undefined
          // What never ends without a limit either is found elsewhere.
          const unlimited = yield* inFreshLayers(subject, ending(call(subject, payload), subject.callMillis))
          return unlimited._tag === "hung" ? undefined : `it did not end within ${subject.callMillis} ms inside a limit of one call`
        })
      ),
      (problems) =>
        verdict(problems, `of ${problems.length} payloads one call was enough for ${problems.length - refused}, and ${refused} ended with BudgetExceededError`)
    )
  }
}

export const checks: ReadonlyArray<Check> = [interruption, fibers, budget]

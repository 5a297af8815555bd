/**
 * How many calls a whole run may make again: what ends a storm of retries.
 *
 * @since 0.1.0
 */
import { Budget, Run } from "@aria/orchestrator-core"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { retried } from "./internal/telemetry.ts"

/**
 * The limits of retries, for each outermost run and all runs beneath it. In a run, retries are never more than
 * `burst + ratio * first calls`, nor than `perRun`.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** How many retries each first call adds. From 0 to 1. Default 0.2: one for five. */
  readonly ratio?: number | undefined
  /** How many there are to begin with, and how many can be saved up at most. Whole, from 1. Default 10. */
  readonly burst?: number | undefined
  /** The most of one run. Whole, from 1. Default 100. Does not hold outside of runs, which have no end. */
  readonly perRun?: number | undefined
}

/**
 * The retries that are left. All models and clients of a program share one.
 *
 * @category services
 * @since 0.1.0
 */
export class RetryBudget extends Context.Service<
  RetryBudget,
  {
    /** Counts a first call. */
    readonly called: Effect.Effect<void>
    /** Takes one retry for a call to this provider or host; `false` where none is left, and the call must not be made again. */
    readonly take: (target: string) => Effect.Effect<boolean>
  }
>()("@aria/models/RetryBudget/RetryBudget") {}

interface Account {
  balance: number
  taken: number
}

/** So many runs are remembered; that of one more forgets the one that was idle for longest. */
const mostRuns = 10_000

const invalid = (name: string, received: number, allowed: string) =>
  new Budget.InvalidLimitError({ setting: `RetryBudget: ${name}`, received: String(received), allowed })

/**
 * A budget of retries. Errors: `InvalidLimitError`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function* (options: Options = {}) {
  const { burst = 10, perRun = 100, ratio = 0.2 } = options
  if (!(ratio >= 0 && ratio <= 1)) return yield* invalid("ratio", ratio, "a number from 0 to 1")
  if (!(Number.isSafeInteger(burst) && burst >= 1)) return yield* invalid("burst", burst, "a whole number from 1")
  if (!(Number.isSafeInteger(perRun) && perRun >= 1)) return yield* invalid("perRun", perRun, "a whole number from 1")

  const accounts = new Map<string, Account>()
  const outside: Account = { balance: burst, taken: 0 }
  const account = Effect.map(Run.Current, (run): Account => {
    if (run._tag === "None") return outside
    const { rootRunId } = run.value
    const known = accounts.get(rootRunId) ?? { balance: burst, taken: 0 }
    accounts.delete(rootRunId)
    accounts.set(rootRunId, known)
    if (accounts.size > mostRuns) {
      for (const oldest of accounts.keys()) {
        accounts.delete(oldest)
        break
      }
    }
    return known
  })

  return RetryBudget.of({
    called: Effect.map(account, (one) => {
      one.balance = Math.min(burst, one.balance + ratio)
    }),
    take: (target) =>
      Effect.flatMap(account, (one) => {
        if (one.balance < 1 || (one !== outside && one.taken >= perRun)) return Effect.succeed(false)
        one.balance--
        one.taken++
        return Effect.as(retried(target), true)
      })
  })
})

/**
 * The budget as a layer.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (options: Options = {}): Layer.Layer<RetryBudget, Budget.InvalidLimitError> =>
  Layer.effect(RetryBudget, make(options))

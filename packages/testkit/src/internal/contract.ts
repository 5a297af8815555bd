import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { CheckResult, ContractBrokenError } from "../Contract.ts"

/** The checks to run: the one that was asked for, or all. One that is not there is a mistake in the test. */
export const chosen = <C extends { readonly name: string }>(
  contract: string,
  all: ReadonlyArray<C>,
  check: string | undefined
): Effect.Effect<ReadonlyArray<C>> => {
  const found = all.filter(({ name }) => check === undefined || name === check)
  if (found.length > 0) return Effect.succeed(found)
  const names = all.map(({ name }) => name).join("; ")
  return Effect.die(new Error(`${contract}: there is no check ${JSON.stringify(check)}, allowed are: ${names}`))
}

const messageOf = (failure: unknown): string => (failure instanceof Error ? failure.message : String(failure))

export const resultOf = (name: string, result: Result.Result<unknown, unknown>): CheckResult =>
  new CheckResult({ name, passed: Result.isSuccess(result), message: Result.isSuccess(result) ? "" : messageOf(result.failure) })

/** Fails with the first check that was not passed. */
export const expectAll = (what: string, name: string, results: ReadonlyArray<CheckResult>): Effect.Effect<void, ContractBrokenError> => {
  const first = results.find(({ passed }) => !passed)
  return first === undefined ? Effect.void : Effect.fail(new ContractBrokenError({ what, subject: name, check: first.name, reason: first.message }))
}

/** How many, from 0; anything else is a mistake in the test. */
export const whole = (contract: string, name: string, value: number): Effect.Effect<number> =>
  Number.isSafeInteger(value) && value >= 0
    ? Effect.succeed(value)
    : Effect.die(new Error(`${contract}: ${name}: received ${value}, allowed is a whole number, 0 or more`))

import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Plan from "../Plan.ts"
import { RunInfoRef } from "./runInfo.ts"
import { inputText } from "./stored.ts"
import { hashOf, keyWithin, PlaceRef } from "./unitKey.ts"

/**
 * What the keys of a run's tasks begin with. A task that is a plan has one run; those that a handler starts are told apart as its calls
 * are: by attempt, plan and input, and equal ones by their order.
 */
export const placeOf = (plan: Plan.Any, input: unknown, isTask: boolean): Effect.Effect<string> =>
  Effect.contextWith((context: Context.Context<never>) => {
    const place = Context.get(context, PlaceRef)
    const info = Context.get(context, RunInfoRef)
    if (place === undefined || info._tag === "None") return Effect.succeed("")
    if (isTask) return Effect.succeed(`${place.key}/`)
    const { attempt } = info.value
    return Effect.map(inputText(plan, input), (text) => {
      const hash = hashOf([plan.name, plan.version, text]).slice(0, 16)
      const same = `${attempt}/${hash}`
      const count = (place.calls.get(same) ?? 0) + 1
      place.calls.set(same, count)
      return `${keyWithin(place.key, "run", String(attempt), plan.name, hash, String(count))}/`
    })
  })

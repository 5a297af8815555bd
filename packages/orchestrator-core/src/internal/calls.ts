import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Agent from "../Agent.ts"
import { defect } from "./defect.ts"
import * as handler from "./handler.ts"
import { NextFailed } from "./outcomes.ts"
import { invalid } from "./payload.ts"
import type { TaskBody } from "./taskBody.ts"
import { keyWithin, PlaceRef } from "./unitKey.ts"

/** What a later iteration stores is its own: a step of the same name is another one there. */
const inIteration = (n: number, call: Effect.Effect<unknown, unknown, any>): Effect.Effect<unknown, unknown, any> =>
  n === 1
    ? call
    : Effect.updateContext(call, (context: Context.Context<any>) => {
        const place = Context.get(context, PlaceRef)
        return place === undefined ? context : Context.add(context, PlaceRef, { ...place, key: keyWithin(place.key, "iteration", String(n)), calls: new Map() })
      })

/** All calls that a task makes of its agent: one under its policy, or one after the other until `next` gives none. */
export const callsOf = (
  id: string,
  body: TaskBody,
  first: unknown,
  attempt: (agent: Agent.Any, payload: unknown) => Effect.Effect<unknown, unknown, any>
): Effect.Effect<unknown, unknown, any> => {
  if (body._tag === "plan") throw new Error("a plan has no agent")
  const { agent, policy } = body
  const once = (payload: unknown) => {
    const call = attempt(agent, payload)
    return policy === undefined ? call : policy(call)
  }
  if (body._tag !== "iterate") return once(first)
  const iteration = (payload: unknown, n: number): Effect.Effect<unknown, unknown, any> =>
    Effect.flatMap(inIteration(n, once(payload)), (success) => {
      if (n >= body.maxIterations) return Effect.succeed(success)
      let following: Option.Option<unknown>
      try {
        following = body.next(success, n)
      } catch (error) {
        return Effect.fail(new NextFailed(defect(`The function "next" of the task "${id}"`, error)))
      }
      if (Option.isNone(following)) return Effect.succeed(success)
      const decoded = Effect.mapError(
        agent.payloadSchema.makeEffect(following.value, handler.makeOptions),
        (issue) => new NextFailed(invalid(agent, issue))
      )
      return Effect.flatMap(decoded, (next) => iteration(next, n + 1))
    })
  return iteration(first, 1)
}

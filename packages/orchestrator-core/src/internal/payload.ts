import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Agent from "../Agent.ts"
import { DuplicateKeyError, type DefectError } from "../TaskOutcome.ts"
import { defect } from "./defect.ts"
import * as handler from "./handler.ts"
import { issues } from "./issue.ts"
import type { TaskBody } from "./taskBody.ts"

export type Decoded = { readonly value: unknown } | { readonly error: Agent.InvalidPayloadError | DefectError }

export const invalid = (agent: Agent.Any, issue: Parameters<typeof issues>[0]): Agent.InvalidPayloadError =>
  new Agent.InvalidPayloadError({ agent: agent._tag, issues: issues(issue) })

/** What the handler gets, or what is wrong with it. `subject` names the payload where making it threw. */
export const decode = (subject: string, agent: Agent.Any, payload: () => unknown): Decoded => {
  try {
    const exit = Effect.runSyncExit(agent.payloadSchema.makeEffect(payload(), handler.makeOptions))
    if (Exit.isSuccess(exit)) return { value: exit.value }
    const issue = Option.getOrUndefined(Exit.findErrorOption(exit))
    return { error: issue === undefined ? defect(subject, Cause.squash(exit.cause)) : invalid(agent, issue) }
  } catch (error) {
    // A plan that came as data finds out here that an output does not fit.
    return { error: error instanceof Agent.InvalidPayloadError ? error : defect(subject, error) }
  }
}

/** A payload or input is a value, or a function of the outputs. */
export const valueOf = (given: unknown, outputs: unknown): unknown => (typeof given === "function" ? given(outputs) : given)

/** One item of a fan-out, told from the others by its key. */
export interface Item {
  readonly key: string
  readonly decoded: Decoded
}

/** The items of a fan-out, or why there are none. An item that does not decode has no key of its own: it gets its position. */
export const itemsOf = (
  id: string,
  body: Extract<TaskBody, { readonly _tag: "forEach" }>,
  outputs: unknown
): { readonly items: ReadonlyArray<Item> } | { readonly error: DefectError | DuplicateKeyError } => {
  let payloads: ReadonlyArray<unknown>
  try {
    payloads = body.items(outputs)
    if (!Array.isArray(payloads)) throw new TypeError(`it gave ${payloads === null ? "null" : typeof payloads}; it gives a list of payloads`)
  } catch (error) {
    return { error: defect(`The function "items" of the task "${id}"`, error) }
  }
  const decoded = payloads.map((payload, position) => decode(`Item ${position} of the task "${id}"`, body.agent, () => payload))
  const keys = new Map<string, number>()
  const found: Array<Item> = []
  for (const [position, one] of decoded.entries()) {
    if ("error" in one) continue
    let key: string
    try {
      key = body.key(one.value)
      if (typeof key !== "string") throw new TypeError(`it gave ${key === null ? "null" : typeof key} for item ${position}; it gives a text`)
    } catch (error) {
      return { error: defect(`The function "key" of the task "${id}"`, error) }
    }
    const before = keys.get(key)
    if (before !== undefined) return { error: new DuplicateKeyError({ taskId: id, key, items: [before, position] }) }
    keys.set(key, position)
    found[position] = { key, decoded: one }
  }
  for (const [position, one] of decoded.entries()) {
    if ("value" in one) continue
    let key = String(position)
    while (keys.has(key)) key += "?"
    keys.set(key, position)
    found[position] = { key, decoded: one }
  }
  return { items: found }
}

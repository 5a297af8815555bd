import * as Option from "effect/Option"
import type * as Agent from "../Agent.ts"
import type { AgentOutcome, ExecutionContext } from "../AgentOrchestrator.ts"

/** What has ended so far; each step is a frozen copy, made when it ended. */
export class Steps {
  private readonly before: ReadonlyArray<AgentOutcome<unknown, unknown>>
  private readonly steps: Array<AgentOutcome<unknown, unknown>> = []

  constructor(before: ExecutionContext | undefined) {
    this.before = before?.steps ?? []
  }

  add(outcome: AgentOutcome<unknown, unknown>): void {
    this.steps.push(
      Object.freeze(outcome._tag === "succeeded" ? { ...outcome, output: snapshot(outcome.output, new Map()) } : { ...outcome })
    )
  }

  /** An envelope of what has ended by now, in the order of the list; later steps do not appear in it. */
  envelope(): ExecutionContext {
    return new Envelope(Object.freeze([...this.before, ...this.steps.toSorted((a, b) => a.index - b.index)]))
  }
}

class Envelope implements ExecutionContext {
  readonly steps: ReadonlyArray<AgentOutcome<unknown, unknown>>
  readonly latest: Readonly<Record<string, AgentOutcome<unknown, unknown>>>

  constructor(steps: ReadonlyArray<AgentOutcome<unknown, unknown>>) {
    this.steps = steps
    // No prototype: an agent may be called "constructor".
    const latest: Record<string, AgentOutcome<unknown, unknown>> = Object.create(null)
    for (const step of steps) if (step._tag !== "skipped") latest[step.agent] = step
    this.latest = Object.freeze(latest)
    Object.freeze(this)
  }

  outcome(agent: Agent.Any): Option.Option<AgentOutcome<any, any>> {
    return Option.fromUndefinedOr(this.latest[agent._tag])
  }

  output(agent: Agent.Any): Option.Option<any> {
    const step = this.latest[agent._tag]
    return step?._tag === "succeeded" ? Option.some(step.output) : Option.none()
  }
}

/** A frozen copy of plain data. Instances of classes stay what they are: they know how to guard themselves. */
const snapshot = (value: unknown, copies: Map<unknown, unknown>): unknown => {
  if (typeof value !== "object" || value === null) return value
  const known = copies.get(value)
  if (known !== undefined) return known
  if (Array.isArray(value)) {
    const copy: Array<unknown> = []
    copies.set(value, copy)
    for (const each of value) copy.push(snapshot(each, copies))
    return Object.freeze(copy)
  }
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return value
  const copy: Record<PropertyKey, unknown> = Object.create(prototype)
  copies.set(value, copy)
  for (const key of Reflect.ownKeys(value)) {
    Object.defineProperty(copy, key, { value: snapshot((value as any)[key], copies), enumerable: true, configurable: true, writable: true })
  }
  return Object.freeze(copy)
}

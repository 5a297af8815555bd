/**
 * What every agent has to keep, as tests of vitest, one for each check.
 *
 * @since 0.1.0
 */
import type * as Agent from "@aria/orchestrator-core/Agent"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as AgentConformance from "./AgentConformance.ts"

/**
 * How an agent is tried, and how its tests are run.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options<A extends Agent.Any, E = never> extends AgentConformance.Options<A, E> {
  /** What the tests are called, where one agent is tried in several layers. Default: the agent's tag. */
  readonly name?: string | undefined
  /** How long all checks together may take, in milliseconds of real time. Default 120,000. */
  readonly timeout?: number | undefined
}

/**
 * Registers a test for each check. They are run once, in the first test, and shared by all.
 *
 * @example
 * ```ts
 * AgentConformanceSuite.make(Greeter, {
 *   layer: Greeter.layer,
 *   valid: [{ name: "Ada" }],
 *   invalid: [{ payload: { name: "" }, path: ["name"] }]
 * })
 * ```
 *
 * @category running
 * @since 0.1.0
 */
export const make = <A extends Agent.Any, E = never>(agent: A, options: Options<A, E>): void => {
  describe(`Agent conformance: ${options.name ?? agent._tag}`, () => {
    const reported = Effect.runSync(Effect.cached(AgentConformance.check(agent, options)))
    for (const name of AgentConformance.checks) {
      it.live(
        name,
        () =>
          Effect.flatMap(reported, (report) => {
            const result = report.checks.find((one) => one.name === name)
            return result === undefined || result.passed
              ? Effect.void
              : Effect.fail(new AgentConformance.NotConformingError({ agent: agent._tag, check: name, reason: result.message }))
          }),
        options.timeout ?? 120_000
      )
    }
  })
}

/**
 * What every agent has to keep, as checks: run them on an agent of your own, with layers that need no network.
 *
 * The agent is called by itself and as a task of a plan, with good and bad payloads, twice at once, interrupted, inside
 * a budget and with a listener that throws; each time in layers that are built anew and in real time. A payload is used
 * some twenty times, so an agent that costs money gets a scripted model. `AgentConformanceSuite` is the same as tests.
 *
 * @since 0.1.0
 */
import type * as Agent from "@aria/orchestrator-core/Agent"
import { InvalidLimitError } from "@aria/orchestrator-core/Budget"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { checks as ofCalls } from "./internal/conformanceCalls.ts"
import { checks as ofEnds } from "./internal/conformanceEnds.ts"
import type { Subject } from "./internal/conformanceHarness.ts"

/**
 * A payload that the agent has to refuse.
 *
 * @category models
 * @since 0.1.0
 */
export interface InvalidPayload {
  readonly payload: unknown
  /** Where the problem is: one of the paths of the `InvalidPayloadError`. Default: anywhere. */
  readonly path?: ReadonlyArray<string | number> | undefined
}

/**
 * How an agent is tried.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options<A extends Agent.Any, E = never> {
  /** The agent's layer and all that it needs. */
  readonly layer: Layer.Layer<Agent.Services<A>, E>
  /** Payloads that succeed or fail with a declared error, one of them at least. */
  readonly valid: readonly [Agent.PayloadInput<A>, ...ReadonlyArray<Agent.PayloadInput<A>>]
  /** Payloads that the schema refuses. */
  readonly invalid: ReadonlyArray<InvalidPayload>
  /** Whether the same payload gives the same result. Default `true`. */
  readonly deterministic?: boolean | undefined
  /** Whether the tag has to have a scope, as that of a published agent has: `"acme/Translator"`. Default `false`. */
  readonly scoped?: boolean | undefined
  /** How long one call may take, in milliseconds. Default 10,000. */
  readonly callMillis?: number | undefined
  /** How long the end of an interruption may take, in milliseconds. Default 1,000. */
  readonly promptMillis?: number | undefined
}

/**
 * What one check came to.
 *
 * @category models
 * @since 0.1.0
 */
export class CheckResult extends Schema.Class<CheckResult>("@aria/testkit/AgentConformance/CheckResult")({
  name: Schema.String,
  passed: Schema.Boolean,
  /** What was seen, as a sentence. */
  message: Schema.String
}) {}

/**
 * What all checks of an agent came to, in the order of `checks`.
 *
 * @category models
 * @since 0.1.0
 */
export class Report extends Schema.Class<Report>("@aria/testkit/AgentConformance/Report")({
  agent: Schema.String,
  version: Schema.String,
  checks: Schema.Array(CheckResult)
}) {
  /** Whether the agent conforms. */
  get passed(): boolean {
    return this.checks.every(({ passed }) => passed)
  }
  /** The checks that it did not pass. */
  get failures(): ReadonlyArray<CheckResult> {
    return this.checks.filter(({ passed }) => !passed)
  }
}

/**
 * An agent that does not pass a check.
 *
 * @category errors
 * @since 0.1.0
 */
export class NotConformingError extends Schema.TaggedError<NotConformingError>()("NotConformingError", {
  agent: Schema.String,
  check: Schema.String,
  reason: Schema.String
}) {
  override get message(): string {
    return `The agent ${this.agent} does not pass "${this.check}": ${this.reason}`
  }
}

const all = [...ofCalls, ...ofEnds]

/**
 * The names of all checks, in the order of the report.
 *
 * @category queries
 * @since 0.1.0
 */
export const checks: ReadonlyArray<string> = all.map(({ name }) => name)

const millis = (name: string, value: number): Effect.Effect<number> =>
  Number.isFinite(value) && value > 0
    ? Effect.succeed(value)
    : Effect.die(new InvalidLimitError({ setting: `AgentConformance: ${name}`, received: String(value), allowed: "a finite number above 0" }))

/**
 * Runs all checks on an agent and tells of each. Fails only where the layer cannot be built. Always in real time, also
 * under a test clock.
 *
 * @example
 * ```ts
 * const report = yield* AgentConformance.check(Greeter, {
 *   layer: Greeter.layer,
 *   valid: [{ name: "Ada" }],
 *   invalid: [{ payload: { name: "" }, path: ["name"] }]
 * })
 * ```
 *
 * @category running
 * @since 0.1.0
 */
export const check = <A extends Agent.Any, E = never>(agent: A, options: Options<A, E>): Effect.Effect<Report, E> =>
  Effect.gen(function* () {
    const { deterministic = true, invalid, layer, scoped = false, valid } = options
    const callMillis = yield* millis("callMillis", options.callMillis ?? 10_000)
    const promptMillis = yield* millis("promptMillis", options.promptMillis ?? 1_000)
    const subject: Subject = { agent, layer, valid, invalid, deterministic, scoped, callMillis, promptMillis }
    const results = yield* Effect.forEach(all, ({ name, run }) =>
      Effect.map(run(subject), ({ message, passed }) => new CheckResult({ name, passed, message }))
    )
    return new Report({ agent: agent._tag, version: agent.version, checks: results })
  }).pipe(Effect.provideService(Clock.Clock, Clock.Clock.defaultValue()))

/**
 * As `check`, and fails with the first check that the agent does not pass.
 *
 * @category running
 * @since 0.1.0
 */
export const conform = <A extends Agent.Any, E = never>(
  agent: A,
  options: Options<A, E>
): Effect.Effect<Report, E | NotConformingError> =>
  Effect.flatMap(check(agent, options), (report): Effect.Effect<Report, NotConformingError> => {
    const [first] = report.failures
    return first === undefined
      ? Effect.succeed(report)
      : Effect.fail(new NotConformingError({ agent: report.agent, check: first.name, reason: first.message }))
  })

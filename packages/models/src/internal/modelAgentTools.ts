import { Run, SideEffect } from "@aria/orchestrator-core"
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as AiError from "effect/ai/AiError"
import * as Prompt from "effect/ai/Prompt"
import * as Tool from "effect/ai/Tool"
import * as Toolkit from "effect/ai/Toolkit"
import { report } from "./modelAgentActivity.ts"
import { CurrentCall } from "./modelAgentCall.ts"
import { modelCallError } from "./modelAgentTurn.ts"
import { ModelCallError } from "./modelAgentErrors.ts"
import type { Setup } from "./modelAgentSetup.ts"

/** What a call came to: what the model is told, and what is stored. */
export const CallResult = Schema.Struct({
  isFailure: Schema.Boolean,
  result: Schema.Json,
  modelOutput: Schema.optionalKey(Schema.Array(Prompt.ToolModelOutputPart))
})
export type CallResult = typeof CallResult.Type

export const failed = (sentence: string): CallResult => ({ isFailure: true, result: { error: sentence } })

/** What came of a call as JSON; a result that is none is a mistake in the tool. */
const resultOf = (tool: string, value: unknown): Effect.Effect<Schema.Json> =>
  Effect.try({ try: () => asJson(value), catch: String }).pipe(
    Effect.catch((reason) =>
      Effect.die(
        new Error(
          `The result of the tool "${tool}" cannot be written as JSON: ${reason}. Give it a success schema that says what it is`
        )
      )
    )
  )

/** As JSON keeps it, so that a conversation is the same whether a result was stored in between or not. */
const asJson = (value: unknown): Schema.Json => {
  const text = JSON.stringify(value)
  return text === undefined ? null : JSON.parse(text)
}

/** A failure as its schema writes it, with its sentence, which schemas of errors leave out. */
const told = (failure: unknown, encoded: unknown): Schema.Json => {
  const json = asJson(encoded)
  return failure instanceof Error &&
    typeof json === "object" &&
    json !== null &&
    !Array.isArray(json) &&
    !("message" in json)
    ? { ...json, message: failure.message }
    : json
}

/** The sentence on parameters that do not fit is for the model, whatever the tool does with its own failures. */
const misfit = (error: unknown): CallResult => {
  const detail =
    AiError.isAiError(error) && error.reason._tag === "ToolParameterValidationError"
      ? error.reason.description
      : String(error)
  return failed(`The parameters do not fit, the tool was not run: ${detail}`)
}

/** Services of tools come from the call of the agent; its type has them. */
type Handling = Effect.Effect<Stream.Stream<Tool.HandlerResult<any>, unknown>, unknown>

/** What the tool did, with a failure that ends the agent as a failure. */
const handled = (setup: Setup, turn: number, call: Prompt.ToolCallPart): Effect.Effect<CallResult, unknown> =>
  Effect.gen(function* () {
    let last: Tool.HandlerResult<any> | undefined
    const results = yield* setup.toolkit.handle(call.name, call.params as never, call.id) as Handling
    yield* Stream.runForEach(results, (result) =>
      Effect.sync(() => {
        if (!result.preliminary) last = result
      })
    )
    if (last === undefined) return yield* Effect.die(new Error(`The tool "${call.name}" ended without a result`))
    const { encodedResult, failureOrigin, isFailure, modelOutput, result } = last
    if (!isFailure) {
      const json = yield* resultOf(call.name, encodedResult)
      return { isFailure, result: json, ...(modelOutput === undefined ? {} : { modelOutput }) }
    }
    if (failureOrigin === "parameters") return misfit(result)
    if (AiError.isAiError(result) && isMistake(result)) return yield* Effect.die(result)
    // A doubt is for a person: a model that is told of it would try around it.
    if (result instanceof SideEffect.SideEffectUnknownError) return yield* result
    return { isFailure, result: told(result, encodedResult) }
  }).pipe(
    Effect.catchCause((cause) => {
      const error = Cause.findError(cause)
      if (error._tag === "Failure") return Effect.failCause(cause)
      const origin = Context.get(Cause.annotations(cause), Toolkit.FailureOrigin)
      if (origin === "parameters") return Effect.succeed(misfit(error.success))
      if (!AiError.isAiError(error.success)) return Effect.failCause(cause)
      // A result that its own schema does not take is a mistake in the tool.
      return isMistake(error.success)
        ? Effect.die(error.success)
        : Effect.fail(modelCallError(setup.agent, turn, error.success))
    })
  )

const isMistake = ({ reason }: AiError.AiError): boolean =>
  reason._tag === "InvalidToolResultError" || reason._tag === "ToolResultEncodingError"

/** What a tool may end the agent with; all of it has to be storable. */
const errorsOf = (tool: Tool.Any) =>
  Schema.toCodecJson(
    Schema.Union([
      SideEffect.SideEffectUnknownError,
      ModelCallError,
      ...(tool.failureMode === "error" ? [tool.failureSchema as Schema.Codec<unknown, unknown>] : [])
    ])
  )

/** Runs one call of a tool that exists, once: where the engine stores, its result is there ever after. */
export const run = (
  setup: Setup,
  turn: number,
  step: string,
  call: Prompt.ToolCallPart
): Effect.Effect<CallResult, unknown> => {
  const { id: callId, name: tool } = call
  const isContent = setup.progress === "content"
  const quiet = setup.progress === "none"
  const before = report({
    _tag: "toolCall",
    turn,
    tool,
    callId,
    ...(isContent ? { arguments: asJson(call.params) } : {})
  })
  const after = ({ isFailure, result }: CallResult) =>
    report({ _tag: "toolResult", turn, tool, callId, isFailure, ...(isContent ? { result } : {}) })
  const effect = handled(setup, turn, call)
  return Run.step(
    step,
    { success: Schema.toCodecJson(CallResult), error: errorsOf(setup.toolkit.tools[tool]) },
    (quiet ? effect : Effect.andThen(before, Effect.tap(effect, after))).pipe(
      Effect.provideService(CurrentCall, Option.some({ agent: setup.agent, tool, callId, turn, step }))
    )
  )
}

import { Limiter, Refusal } from "@aria/models"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { AiError } from "effect/ai"
import { ask, both, object, ok, refused, script, ways } from "./fallbackScript.ts"
import { broken, failure, lost, tooMany } from "./provider.ts"

const reasons: ReadonlyArray<readonly [AiError.AiErrorReason, boolean]> = [
  [tooMany().reason, true],
  [new AiError.QuotaExhaustedError({}), true],
  [new AiError.AuthenticationError({ kind: "InvalidKey" }), true],
  [broken.reason, true],
  [new AiError.InvalidResponseError({ description: "html" }), true],
  [new AiError.UnknownError({}), true],
  [lost.reason, true],
  [new AiError.NetworkError({ reason: "InvalidUrlError", method: "POST", url: "x" }), true],
  [new AiError.NetworkError({ reason: "EncodeError", method: "POST", url: "x" }), false],
  [new AiError.InvalidRequestError({ http: { response: { status: 404, headers: {} } } }), true],
  [new AiError.InvalidRequestError({ parameter: "temperature" }), false],
  [new AiError.UnsupportedSchemaError({ description: "unions" }), true],
  [new AiError.InvalidOutputError({ description: "no" }), true],
  [new AiError.StructuredOutputError({ description: "no", responseText: "no" }), true],
  [new AiError.ToolNotFoundError({ toolName: "x", availableTools: [] }), true],
  [new AiError.ToolParameterValidationError({ toolName: "x", description: "no" }), true],
  [refused.reason, false],
  [new AiError.InvalidToolResultError({ toolName: "x", description: "no" }), false],
  [new AiError.ToolResultEncodingError({ toolName: "x", toolResult: 1, description: "no" }), false],
  [new AiError.ToolConfigurationError({ toolName: "x", description: "no" }), false],
  [new AiError.ToolkitRequiredError({ pendingApprovals: [] }), false],
  [new AiError.InvalidUserInputError({ description: "no" }), false],
  [Refusal.toAiError(new Refusal.UnpricedModelError({ provider: "a", model: "1" }), "generateText").reason, true],
  [Refusal.toAiError(new Refusal.CircuitOpenError({ provider: "a" }), "generateText").reason, true],
  [
    Refusal.toAiError(
      new Limiter.TooLargeError({ scope: "provider", lane: "a", limit: 1, requested: 2 }),
      "generateText"
    ).reason,
    true
  ]
]

describe("which failures another model is asked after", () => {
  for (const [reason, goesOn] of reasons) {
    it.effect(`${goesOn ? "is" : "is not"}: ${reason._tag}, ${reason.message.slice(0, 60)}`, () =>
      Effect.gen(function* () {
        for (const way of Object.values(ways)) {
          const first = script(failure(reason))
          const second = script(object)
          const answer = yield* Effect.result(way(yield* both(first, second)))
          expect([first.times.length, second.times.length]).toEqual([1, goesOn ? 1 : 0])
          expect(answer._tag).toBe(goesOn ? "Success" : "Failure")
          if (answer._tag === "Failure") expect(answer.failure.reason).toEqual(reason)
        }
      })
    )
  }

  it.effect("every reason that effect has is in the list", () =>
    Effect.sync(() => {
      const listed = new Set(reasons.map(([{ _tag }]) => _tag))
      const all = AiError.AiErrorReason.members.map(({ fields }) => fields._tag.schema.literal)
      expect(all.filter((tag) => !listed.has(tag))).toEqual([])
    })
  )

  it.effect("or as it is told", () =>
    Effect.gen(function* () {
      const second = script(ok)
      const always = yield* both(script(refused), second, { while: () => true })
      expect((yield* ask(always)).text).toBe("hi")
      const never = yield* both(script(lost), second, { while: () => false })
      expect((yield* Effect.flip(ask(never))).reason._tag).toBe("NetworkError")
      expect(second.times.length).toBe(1)
    })
  )
})

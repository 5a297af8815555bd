/** What is wrong with what was given, said so that a stranger knows what to do. Whole messages: they are what is read. */
import {
  Breaker,
  Guarded,
  Limiter,
  Metered,
  MeteredHttpClient,
  ModelAgent,
  PriceTable,
  Retry,
  RetryBudget
} from "@aria/models"
import { Agent, Budget } from "@aria/orchestrator-core"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { AiError, LanguageModel, Tool, Toolkit } from "effect/ai"
import { FetchHttpClient } from "effect/http"
import { call, model, says, turn } from "./modelAgentScript.ts"
import { provider } from "./provider.ts"

interface Said {
  readonly _tag: string
  readonly message: string
}
type Case = readonly [input: string, effect: Effect.Effect<unknown, Said>, tag: string, message: string]

const traffic = Layer.mergeAll(Limiter.layer(), RetryBudget.layer(), Breaker.layerMemory())
const guarded = (options: Guarded.Options) =>
  Effect.provide(Guarded.provider(options, provider({})), traffic) as Effect.Effect<unknown, Said>
const built = <E extends Said>(layer: Layer.Layer<never, E> | Layer.Layer<any, E>): Effect.Effect<unknown, Said> =>
  Effect.scoped(Layer.build(layer as Layer.Layer<never, Said>))

const Dive = Tool.make("dive", { parameters: Schema.Struct({ depth: Schema.Int }), success: Schema.Void })
const kit = Toolkit.make(Dive)
const handlers = kit.toLayer({ dive: () => Effect.void })
class Briefer extends Agent.make("Briefer", {
  description: "Briefs",
  payload: {},
  success: { sentence: Schema.String },
  error: ModelAgent.Failure
}) {}

const agent = (
  options: Partial<Omit<ModelAgent.Options<typeof Briefer, {}>, "toolkit">> & Record<string, unknown>,
  turns: Parameters<typeof model>[0] = []
): Effect.Effect<unknown, Said> =>
  Effect.provide(
    Briefer.run({}),
    Briefer.toLayer(ModelAgent.make(Briefer, { instructions: "Brief", toolkit: kit, ...options } as never)).pipe(
      Layer.provide([handlers, model(turns).layer])
    )
  ) as Effect.Effect<unknown, Said>

const prices = "Prices are US dollars per million tokens, from 0 to 1,000,000"

const cases: ReadonlyArray<Case> = [
  [
    "a price of NaN",
    PriceTable.make({ "acme/large": { input: Number.NaN, output: 1 } }),
    "InvalidPriceError",
    `The price of "acme/large" cannot be used: Expected a finite number at ["input"], received {"input":NaN,"output":1}. ${prices}`
  ],
  [
    "a price of NaN that was given past the table",
    guarded({ provider: "acme", model: "one", prices: { "acme/one": { input: 1, output: Number.NaN } } }),
    "InvalidPriceError",
    `The price of "acme/one" cannot be used: Expected a finite number at ["output"], received {"input":1,"output":NaN}. ${prices}`
  ],
  [
    "a price below 0",
    PriceTable.make({ "acme/large": { input: -1, output: 1 } }),
    "InvalidPriceError",
    `The price of "acme/large" cannot be used: Expected a value greater than or equal to 0 at ["input"], received {"input":-1,"output":1}. ${prices}`
  ],
  [
    "a limiter of 0 requests",
    built(Limiter.layer({ provider: { openai: { requestsPerMinute: 0 } } })),
    "InvalidLimitError",
    'Limiter: provider "openai": requestsPerMinute was 0; allowed is a whole number from 1'
  ],
  [
    "a limiter of 0 tokens",
    built(Limiter.layer({ global: { tokensPerMinute: 0 } })),
    "InvalidLimitError",
    "Limiter: global: tokensPerMinute was 0; allowed is a whole number from 1"
  ],
  [
    "a limiter of 0 calls at once",
    built(Limiter.layer({ user: { "*": { concurrency: 0 } } })),
    "InvalidLimitError",
    'Limiter: user "*": concurrency was 0; allowed is a whole number from 1'
  ],
  [
    "a limiter that may stand still for 0",
    built(Limiter.layer({ maxCooldown: 0 })),
    "InvalidLimitError",
    "Limiter: maxCooldown was 0; allowed is a finite duration longer than 0"
  ],
  [
    "answers of 0 tokens",
    guarded({ maxOutputTokens: 0 }),
    "InvalidLimitError",
    "Metered.provider: maxOutputTokens was 0; allowed is a whole number from 1"
  ],
  [
    "a retry budget of 0",
    built(RetryBudget.layer({ burst: 0 })),
    "InvalidLimitError",
    "RetryBudget: burst was 0; allowed is a whole number from 1"
  ],
  [
    "a retry budget of 0 for a run",
    built(RetryBudget.layer({ perRun: 0 })),
    "InvalidLimitError",
    "RetryBudget: perRun was 0; allowed is a whole number from 1"
  ],
  [
    "retries less than none",
    Effect.provide(Retry.provider({ times: -1 }, provider({})), RetryBudget.layer()),
    "InvalidLimitError",
    "Retry.provider: times was -1; allowed is a whole number from 0"
  ],
  [
    "a breaker that opens after 0 failures",
    built(Breaker.layerMemory({ failures: 0 })),
    "InvalidLimitError",
    "Breaker.layerMemory: failures was 0; allowed is a whole number from 1"
  ],
  [
    "a breaker that opens after NaN failures",
    built(Breaker.layerMemory({ failures: Number.NaN })),
    "InvalidLimitError",
    "Breaker.layerMemory: failures was NaN; allowed is a whole number from 1"
  ],
  [
    "a breaker that is open for 0",
    built(Breaker.layerMemory({ openDuration: 0 })),
    "InvalidLimitError",
    "Breaker.layerMemory: openDuration was 0; allowed is a finite duration longer than 0"
  ],
  [
    "a breaker that is open for ever",
    built(Breaker.layerMemory({ openDuration: Number.POSITIVE_INFINITY })),
    "InvalidLimitError",
    "Breaker.layerMemory: openDuration was Infinity; allowed is a finite duration longer than 0"
  ],
  [
    "a budget of 0 tokens",
    Budget.limit({ tokens: 0 })(Effect.void),
    "InvalidLimitError",
    "Budget.limit: tokens was 0; allowed is a whole number from 1"
  ],
  [
    "requests that are tried again less than never",
    built(MeteredHttpClient.layer({ times: -1 }).pipe(Layer.provide([FetchHttpClient.layer, traffic]))),
    "InvalidLimitError",
    "MeteredHttpClient: times was -1; allowed is a whole number from 0"
  ],
  [
    "an agent of 0 turns",
    agent({ maxTurns: 0 }),
    "InvalidOptionError",
    "ModelAgent.make for Briefer: maxTurns was 0; allowed is a whole number from 1"
  ],
  [
    "an agent of 0 tool calls at once",
    agent({ concurrency: 0 }),
    "InvalidOptionError",
    "ModelAgent.make for Briefer: concurrency was 0; allowed is a whole number from 1"
  ],
  [
    "an agent with room for 0 tokens",
    agent({ contextWindow: { maxTokens: 0 } }),
    "InvalidOptionError",
    "ModelAgent.make for Briefer: contextWindow.maxTokens was 0; allowed is a whole number from 1"
  ],
  [
    "a tool that does not exist, called by an agent's model",
    agent({}, [turn(call("submarine", {})), turn(call("submarine", {}))]),
    "UnknownToolError",
    'The model of Briefer called the tool "submarine", which does not exist, and did so again after it was told; its tools are "dive". Say in the instructions what each of them is for, or add the missing one to its toolkit'
  ],
  [
    "an answer that never fits the schema, of an agent",
    agent({ maxRepairs: 2 }, [
      turn(call("answer", { sentence: 1 })),
      turn(call("answer", { sentence: 2 })),
      turn(call("answer", {}))
    ]),
    "InvalidAnswerError",
    "The model's answer for Briefer does not fit its success schema, also when asked again (2): sentence: Missing key. Describe the fields with annotations, loosen the schema, or raise maxRepairs"
  ],
  [
    "an agent that never answers",
    agent({ maxTurns: 2 }, [turn(call("dive", { depth: 1 })), turn(call("dive", { depth: 2 }))]),
    "MaxTurnsExceededError",
    "Briefer had no answer after 2 turns, which is its maxTurns: raise it, or say in the instructions when the work is done"
  ]
]

describe("bad input", () => {
  for (const [input, effect, tag, message] of cases) {
    it.effect(input, () =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(effect)
        expect([error._tag, error.message]).toEqual([tag, message])
      })
    )
  }

  it.effect("a model without a price where money is limited", () =>
    Effect.gen(function* () {
      const error = yield* LanguageModel.generateText({ prompt: "hi" }).pipe(
        Effect.provide(Guarded.layer({ provider: "acme", model: "new" }, provider({})).pipe(Layer.provide(traffic))),
        Budget.limit({ usd: 1 }),
        Effect.flip
      )
      expect(error.message).toContain('"acme/new" has no price, and a limit in US dollars is in force here')
      expect(error.message).toContain('PriceTable.make({ "acme/new": { input: …, output: … } })')
    })
  )

  it.effect("an answer that never fits the schema, of generateObject", () =>
    Effect.gen(function* () {
      const asked = model([turn(says(`{"sentence":1}`)), turn(says("Sure!"))])
      const models = Metered.layer({}, asked.functions).pipe(Layer.provide(traffic))
      const schema = Schema.Struct({ sentence: Schema.String })
      for (const [received, problem] of [
        [`{"sentence":1}`, `Expected string\n  at ["sentence"]`],
        ["Sure!", "Expected a valid JSON string"]
      ] as const) {
        const error = yield* LanguageModel.generateObject({ prompt: "hi", schema }).pipe(
          Effect.provide(models),
          Effect.flip
        )
        expect(AiError.isAiError(error) && error.reason).toMatchObject({
          _tag: "StructuredOutputError",
          responseText: received
        })
        expect(error.message).toBe(
          `LanguageModel.generateObject: Structured output validation failed: ${problem}\n\nThe answer of ${received.length} characters does not fit the schema. Describe its fields with annotations, loosen the schema, or ask again. What was received is the error's responseText.`
        )
      }
    })
  )
})

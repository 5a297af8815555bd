/** What is wrong with what was given, said so that a stranger knows what to do. Whole messages: they are what is read. */
import { AiSdk, AiSdkEmbedding, CallSettings } from "@aria/adapter-ai-sdk"
import { Guarded, ModelAgent } from "@aria/models"
import { Agent } from "@aria/orchestrator-core"
import { describe, expect, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { AiError, LanguageModel, Tool, Toolkit } from "effect/ai"
import * as answers from "./answers.ts"
import { body, errorOf, openai } from "./calls.ts"
import { apiKey, traffic } from "./metered.ts"
import { scripted } from "./scripted.ts"
import { json, serve } from "./servers.ts"

const Dive = Tool.make("dive", { parameters: Schema.Struct({ depth: Schema.Int }), success: Schema.Void })
const kit = Toolkit.make(Dive)
const handlers = kit.toLayer({ dive: () => Effect.void })
const Sentence = Schema.Struct({ sentence: Schema.String })
/** The root of what OpenAI takes must be an object. */
const Either = Schema.Union([Schema.Struct({ a: Schema.String }), Schema.Struct({ b: Schema.String })])

/** `npm install` is tried in `AiSdk.names.test.ts`, in a process without the packages. */
const named: ReadonlyArray<readonly [input: string, model: string, options: AiSdk.Options, tag: string, text: string]> =
  [
    [
      "an unknown provider",
      "mistral/large",
      {},
      "UnknownProviderError",
      'Model "mistral/large": no provider has the name "mistral". Names are openai, anthropic, google, openai-compatible. For any other, install its AI SDK package and pass the model itself instead of a name.'
    ],
    [
      "no provider",
      "gpt-5",
      {},
      "InvalidModelNameError",
      'Model "gpt-5": not a model name. Write the provider, a slash and the model, such as "openai/gpt-5".'
    ],
    [
      "a missing key",
      "openai/gpt-5",
      {},
      "MissingApiKeyError",
      "Provider openai: no key. Set OPENAI_API_KEY, or pass apiKey."
    ],
    [
      "a missing address",
      "openai-compatible/llama",
      {},
      "InvalidSettingError",
      'AI SDK setting baseUrl: received nothing, allowed is an http(s) address without a name and password in it, such as "http://127.0.0.1:11434/v1": openai-compatible has none of its own (or set OPENAI_COMPATIBLE_BASE_URL).'
    ],
    [
      "answers of 0 tokens",
      "openai/gpt-5",
      { apiKey, maxOutputTokens: 0 },
      "InvalidSettingError",
      "AI SDK setting maxOutputTokens: received 0, allowed is a whole number from 1 on."
    ]
  ]

describe("bad input", () => {
  it.effect.each(named)("%s", ([, model, options, tag, message]) =>
    Effect.gen(function* () {
      const error = yield* AiSdk.provider(model, options).pipe(
        Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromEnv({ env: {} })),
        Effect.flip
      )
      expect([error._tag, error.message]).toEqual([tag, message])
    })
  )

  it.effect("embeddings of dimension 0", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(AiSdkEmbedding.provider("openai/text", { apiKey, dimensions: 0 }))
      expect(error.message).toBe("AI SDK setting dimensions: received 0, allowed is a whole number from 1 on.")
    })
  )

  it.live("answers of 0 tokens, in a region", () =>
    Effect.gen(function* () {
      const server = yield* serve((response, { url }) => json(response, answers.textFor(url, "hi")))
      const error = yield* errorOf(
        LanguageModel.generateText({ prompt: "hi" }).pipe(
          CallSettings.within({ maxOutputTokens: 0 }),
          Effect.provide(openai(server.url))
        )
      )
      expect(error.message).toBe(
        "AiSdk(openai/gpt-5).generateText: Invalid request: parameter 'maxOutputTokens' must be a whole number from 1 on. Received 0"
      )
      expect(server.requests.length).toBe(0)
    })
  )

  it.effect.each(["https://", "http://[bad/x.png"])("a file whose address cannot be read: %s", (data) =>
    Effect.gen(function* () {
      const model = scripted()
      const made = yield* AiSdk.provider(model)
      const service = yield* LanguageModel.make(made)
      const prompt = [{ role: "user", content: [{ type: "file", mediaType: "image/png", data }] }] as const
      for (const call of [service.generateText({ prompt }), Stream.runDrain(service.streamText({ prompt }))]) {
        const error = yield* errorOf(Effect.asVoid(call))
        expect(error.reason._tag).toBe("InvalidUserInputError")
        expect(error.message).toContain(`a file has the address ${JSON.stringify(data)}, which cannot be read`)
        expect(made.spent(error)).toEqual({ _tag: "notSent" })
      }
      expect(model.calls).toEqual([])
    })
  )

  it.live("a model that the server does not know", () =>
    Effect.gen(function* () {
      const server = yield* serve((response, { url }) =>
        json(response, body(url, "The model `gpt-5` does not exist or you do not have access to it."), 404)
      )
      const error = yield* errorOf(
        LanguageModel.generateText({ prompt: "hi" }).pipe(Effect.provide(openai(server.url)))
      )
      expect(error.message).toBe(
        `AiSdk(openai/gpt-5).generateText: Invalid request: parameter 'model'. ${server.url}/v1/responses answered 404: ` +
          "The model `gpt-5` does not exist or you do not have access to it. Check the model's name, that the key may use it, and the base URL."
      )
    })
  )

  describe("a schema that the provider cannot take", () => {
    const ask = LanguageModel.generateObject({ prompt: "hi", schema: Either })

    it.live("found here: nothing is sent", () =>
      Effect.gen(function* () {
        const server = yield* serve((response, { url }) => json(response, answers.textFor(url, "{}")))
        const error = yield* errorOf(ask.pipe(Effect.provide(openai(server.url))))
        expect(error.reason._tag).toBe("UnsupportedSchemaError")
        expect(error.message).toBe(
          'AiSdk(openai/gpt-5).generateText: Unsupported schema: The schema of "generateObject" has no form that openai takes: ' +
            'OpenAiStructuredOutput: Root JSON Schema must have type "object" and must not use "anyOf". Use a struct of plain fields ' +
            '(for a tool that takes nothing leave "parameters" out), or codec: "plain" for a server that takes any JSON schema.'
        )
        expect(server.requests.length).toBe(0)
      })
    )

    it.live("of a tool, which is named", () =>
      Effect.gen(function* () {
        const Empty = Toolkit.make(Tool.make("surface", { parameters: Schema.Struct({}), success: Schema.Void }))
        const error = yield* errorOf(
          LanguageModel.generateText({ prompt: "hi", toolkit: Empty }).pipe(
            Effect.provide([openai("http://127.0.0.1:9"), Empty.toLayer({ surface: () => Effect.void })])
          )
        )
        expect(error.message).toContain("The schema of tool surface has no form that openai takes")
        expect(error.message).toContain('(for a tool that takes nothing leave "parameters" out)')
      })
    )

    it.live("found by the provider, which answers 400", () =>
      Effect.gen(function* () {
        const message = "Invalid schema for response_format 'sentence': schema must have a 'type' key."
        const server = yield* serve((response) =>
          json(
            response,
            {
              error: {
                message,
                type: "invalid_request_error",
                code: "invalid_json_schema",
                param: "text.format.schema"
              }
            },
            400
          )
        )
        const error = yield* errorOf(
          LanguageModel.generateObject({ prompt: "hi", schema: Sentence }).pipe(Effect.provide(openai(server.url)))
        )
        expect(error.reason._tag).toBe("UnsupportedSchemaError")
        expect(error.message).toBe(
          "AiSdk(openai/gpt-5).generateText: Unsupported schema: The provider refused a schema: " +
            "Invalid schema for response_format 'sentence': schema must have a 'type' key. " +
            "Make it smaller or plainer: fewer unions, no recursion, no patterns."
        )
      })
    )
  })

  describe("a tool that does not exist", () => {
    const server = serve((response, { url }) =>
      url.endsWith("/responses")
        ? json(response, answers.responses([answers.responsesCall("call_1", "submarine", {})]))
        : json(response, answers.textFor(url, "hi"))
    )

    it.live("called by the model", () =>
      Effect.gen(function* () {
        const { url } = yield* server
        const error = yield* LanguageModel.generateText({ prompt: "hi", toolkit: kit }).pipe(
          Effect.provide([openai(url), handlers]),
          Effect.flip
        )
        expect(AiError.isAiError(error) && [error.reason._tag, error.message]).toEqual([
          "ToolNotFoundError",
          "AiSdk(openai/gpt-5).generateText: Tool 'submarine' not found. Available tools: dive"
        ])
      })
    )

    it.live("called by an agent's model, again after it was told", () =>
      Effect.gen(function* () {
        class Diver extends Agent.make("Diver", {
          description: "Dives",
          payload: {},
          success: { depth: Schema.Int },
          error: ModelAgent.Failure
        }) {
          static readonly layer = this.toLayer(ModelAgent.make(this, { instructions: "Dive", toolkit: kit }))
        }
        const { requests, url } = yield* server
        const error = yield* Diver.run({}).pipe(
          Effect.provide(Diver.layer.pipe(Layer.provide([handlers, openai(url)]))),
          Effect.flip
        )
        expect([error._tag, error.message]).toEqual([
          "UnknownToolError",
          'The model of Diver called the tool "submarine", which does not exist, and did so again after it was told; its tools are "dive". Say in the instructions what each of them is for, or add the missing one to its toolkit'
        ])
        expect(requests.length).toBe(2)
      })
    )

    /** Types refuse them; names that come as data have none. */
    const choices: ReadonlyArray<readonly [json: string, received: string]> = [
      [`{"tool":"submarine"}`, `Received "submarine", offered are "dive"`],
      [`{"oneOf":["submarine","dive"]}`, `Received "submarine", offered are "dive"`],
      [`{"mode":"required","oneOf":["submarine"]}`, `Received "submarine", offered is none of these`]
    ]
    it.live.each(choices)("named in the choice of tools: %s", ([choice, received]) =>
      Effect.gen(function* () {
        const { requests, url } = yield* server
        const request = { prompt: "hi", toolkit: kit, toolChoice: JSON.parse(choice) } as const
        for (const call of [
          Effect.asVoid(LanguageModel.generateText(request)),
          Stream.runDrain(LanguageModel.streamText(request))
        ]) {
          const error = yield* call.pipe(Effect.provide([openai(url), handlers]), Effect.flip)
          expect(AiError.isAiError(error) && error.isRetryable).toBe(false)
          expect(error.message).toMatch(/^AiSdk\(openai\/gpt-5\)\.(generate|stream)Text: /)
          expect(error.message).toContain(
            `Text: Invalid request: parameter 'toolChoice' must name tools of the toolkit. ${received}`
          )
        }
        expect(requests.length).toBe(0)
      })
    )
  })

  describe("an answer that never fits the schema", () => {
    const server = serve((response, { body: request, url }) =>
      json(
        response,
        request.tools === undefined
          ? answers.textFor(url, `{"sentence":1}`)
          : answers.responses([answers.responsesCall("call_1", "answer", { sentence: 1 })])
      )
    )

    it.live("of generateObject, with the layer and guarded", () =>
      Effect.gen(function* () {
        const { url } = yield* server
        const guarded = Layer.unwrap(
          Effect.map(AiSdk.provider("openai/gpt-5", { apiKey, baseUrl: `${url}/v1` }), (functions) =>
            Guarded.layer({}, functions)
          )
        )
        for (const model of [openai(url), guarded]) {
          const error = yield* LanguageModel.generateObject({ prompt: "hi", schema: Sentence }).pipe(
            Effect.provide(model),
            Effect.flip
          )
          expect(AiError.isAiError(error) && error.reason).toMatchObject({
            _tag: "StructuredOutputError",
            responseText: `{"sentence":1}`
          })
          expect(error.message).toBe(
            `LanguageModel.generateObject: Structured output validation failed: Expected string\n  at ["sentence"]\n\n` +
              "The answer of 14 characters does not fit the schema. Describe its fields with annotations, loosen the schema, or ask again. " +
              "What was received is the error's responseText."
          )
        }
      }).pipe(Effect.provide(traffic))
    )

    it.live("of an agent", () =>
      Effect.gen(function* () {
        class Writer extends Agent.make("Writer", {
          description: "Writes",
          payload: {},
          success: { sentence: Schema.String },
          error: ModelAgent.Failure
        }) {
          static readonly layer = this.toLayer(ModelAgent.make(this, { instructions: "Write" }))
        }
        const { requests, url } = yield* server
        const error = yield* Writer.run({}).pipe(
          Effect.provide(Writer.layer.pipe(Layer.provide(openai(url)))),
          Effect.flip
        )
        expect([error._tag, error.message]).toEqual([
          "InvalidAnswerError",
          "The model's answer for Writer does not fit its success schema, also when asked again (1): sentence: Expected string. Describe the fields with annotations, loosen the schema, or raise maxRepairs"
        ])
        expect(requests.length).toBe(2)
      })
    )
  })
})

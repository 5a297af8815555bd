/** effect's options of a call as the AI SDK's. All that can be refused here is refused before anything is sent. */
import type {
  LanguageModelV4CallOptions,
  LanguageModelV4FunctionTool,
  LanguageModelV4ProviderTool
} from "@ai-sdk/provider"
import * as AiError from "effect/ai/AiError"
import type * as LanguageModel from "effect/ai/LanguageModel"
import * as Tool from "effect/ai/Tool"
import * as Effect from "effect/Effect"
import type { CallSettings } from "../CallSettings.ts"
import { type Caller, refused } from "./failure.ts"
import { type Specification, toPrompt } from "./prompt.ts"
import { callOptions, refusalOf } from "./settings.ts"

export interface Plan {
  readonly caller: Caller
  readonly specification: Specification
  readonly transformer: LanguageModel.CodecTransformer
  readonly jsonSchema: "native" | "prompt"
}

type Options = LanguageModelV4CallOptions

/** What all providers take as the name of a schema. */
const formatName = (name: string): string => name.replace(/[^\w-]+/g, "_").slice(0, 64) || "object"

const schemaOf = (
  plan: Plan,
  method: string,
  subject: string,
  make: () => object
): Effect.Effect<NonNullable<LanguageModelV4FunctionTool["inputSchema"]>, AiError.AiError> =>
  Effect.try({
    try: () => make() as LanguageModelV4FunctionTool["inputSchema"],
    catch: (cause) =>
      refused(
        plan.caller,
        method,
        new AiError.UnsupportedSchemaError({
          description:
            `The schema of ${subject} has no form that ${plan.caller.provider} takes: ${cause instanceof Error ? cause.message : String(cause)}. ` +
            'Use a struct of plain fields (for a tool that takes nothing leave "parameters" out), or codec: "plain" for a server that takes any JSON schema.'
        })
      )
  })

const toTool = (
  plan: Plan,
  method: string,
  tool: Tool.Any
): Effect.Effect<LanguageModelV4FunctionTool | LanguageModelV4ProviderTool, AiError.AiError> => {
  if (Tool.isProviderDefined(tool)) {
    return Effect.succeed({
      type: "provider",
      id: tool.id,
      name: tool.name,
      args: (tool.args ?? {}) as Record<string, unknown>
    })
  }
  const description = Tool.getDescription(tool)
  const strict = Tool.getStrictMode(tool)
  return Effect.map(
    schemaOf(plan, method, `tool ${tool.name}`, () => Tool.getJsonSchema(tool, { transformer: plan.transformer })),
    (inputSchema) => ({
      type: "function",
      name: tool.name,
      inputSchema,
      ...(description === undefined ? {} : { description }),
      ...(strict === undefined ? {} : { strict })
    })
  )
}

/** Names in the choice that no tool has: a provider would refuse them, or the model would be left with no tool at all. */
const unknownTools = ({ toolChoice, tools }: LanguageModel.ProviderOptions): ReadonlyArray<string> => {
  if (typeof toolChoice === "string") return []
  const names = "tool" in toolChoice ? [toolChoice.tool] : toolChoice.oneOf
  return names.filter((name) => !tools.some((tool) => tool.name === name))
}

const toolChoice = (choice: LanguageModel.ToolChoice<string>): NonNullable<Options["toolChoice"]> => {
  if (typeof choice === "string") return { type: choice }
  // "one of" has cut down the tools already
  return "tool" in choice ? { type: "tool", toolName: choice.tool } : { type: choice.mode ?? "auto" }
}

const quoted = (names: ReadonlyArray<string>): string => names.map((name) => JSON.stringify(name)).join(", ")

const instruction = (schema: unknown) => ({
  role: "system" as const,
  content: `Answer with one JSON value that fits this JSON schema, and nothing else:\n${JSON.stringify(schema)}`
})

export const toRequest = Effect.fnUntraced(function* (
  plan: Plan,
  method: string,
  options: LanguageModel.ProviderOptions,
  settings: CallSettings
): Effect.fn.Return<Options, AiError.AiError> {
  const refusal = refusalOf(settings, plan.specification)
  if (refusal !== undefined) {
    const { allowed, received, setting } = refusal
    return yield* refused(
      plan.caller,
      method,
      new AiError.InvalidRequestError({
        parameter: setting,
        constraint: `must be ${allowed}`,
        description: `Received ${received}`
      })
    )
  }
  const unknown = unknownTools(options)
  if (unknown.length > 0) {
    return yield* refused(
      plan.caller,
      method,
      new AiError.InvalidRequestError({
        parameter: "toolChoice",
        constraint: "must name tools of the toolkit",
        description: `Received ${quoted(unknown)}, offered ${options.tools.length === 0 ? "is none of these" : `are ${quoted(options.tools.map(({ name }) => name))}`}`
      })
    )
  }
  const tools = yield* Effect.forEach(options.tools, (tool) => toTool(plan, method, tool))
  const prompt = yield* Effect.try({
    try: () => toPrompt(options.prompt, plan.specification),
    catch: (cause) =>
      refused(
        plan.caller,
        method,
        new AiError.InvalidUserInputError({
          description: `The prompt cannot be sent: ${plan.caller.scrub(cause instanceof Error ? cause.message : String(cause))}`
        })
      )
  })
  const request: Options = {
    ...callOptions(settings),
    prompt,
    ...(tools.length === 0 ? {} : { tools, toolChoice: toolChoice(options.toolChoice) })
  }
  const { responseFormat } = options
  if (responseFormat.type === "text") return request
  const { objectName } = responseFormat
  const schema = yield* schemaOf(
    plan,
    method,
    JSON.stringify(objectName),
    () => plan.transformer(responseFormat.schema as never).jsonSchema
  )
  return plan.jsonSchema === "native"
    ? { ...request, responseFormat: { type: "json", schema, name: formatName(objectName) } }
    : { ...request, prompt: [instruction(schema), ...prompt], responseFormat: { type: "json" } }
})

import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Tracer from "effect/Tracer"
import * as Option from "effect/Option"
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Exit from "effect/Exit"
import { AiError, LanguageModel, Prompt, type Response } from "effect/ai"
import { report } from "./modelAgentActivity.ts"
import { answerTool } from "./modelAgentAnswer.ts"
import { type Conversation, excess, leaving, promptOf, without } from "./modelAgentConversation.ts"
import { ContextWindowError, ModelCallError } from "./modelAgentErrors.ts"
import type { Setup } from "./modelAgentSetup.ts"
import { asChat, type ChatSpan } from "./modelAgentSpans.ts"

/** What is stored of a turn: enough to go on from it without asking again. */
export const Turn = Schema.Struct({
  messages: Schema.Array(Prompt.Message),
  /** Why the model ended; `"unknown"` where it did not say. */
  finish: Schema.String,
  /** A call that the provider itself refused to hand on, because no such tool was declared. */
  unknownTool: Schema.optionalKey(Schema.String),
  /** How many of the oldest turns were left out before this one, and what stands there instead. */
  left: Schema.Natural,
  note: Schema.optionalKey(Schema.String)
})
export type Turn = typeof Turn.Type

export const TurnError = Schema.Union([ModelCallError, ContextWindowError])
export type TurnError = typeof TurnError.Type

const sentence = (text: string): string => (text.length <= 1_000 ? text : `${text.slice(0, 1_000)}…`)

export const modelCallError = (agent: string, turn: number, error: AiError.AiError): ModelCallError =>
  new ModelCallError({
    agent,
    turn,
    reason: error.reason._tag,
    detail: sentence(error.reason.message),
    isRetryable: error.isRetryable,
    ...(error.retryAfter === undefined ? {} : { retryAfterMillis: Duration.toMillis(error.retryAfter) })
  })

/** All that the model may call; nothing is run by effect, so there is nothing to handle it with. */
const declared = (setup: Setup): Readonly<Record<string, any>> =>
  setup.answer.tool === undefined ? setup.toolkit.tools : { ...setup.toolkit.tools, [answerTool]: setup.answer.tool }

/** Counters look at the request and not at its span. */
const noSpan = (): Tracer.Span =>
  new Tracer.NativeSpan({
    name: "count",
    parent: Option.none(),
    annotations: Context.empty(),
    links: [],
    startTime: 0n,
    kind: "internal",
    sampled: false
  })

const fitted = (
  setup: Setup,
  conversation: Conversation,
  turn: number
): Effect.Effect<Conversation, ContextWindowError | AiError.AiError> =>
  Effect.gen(function* () {
    const { agent, window } = setup
    if (window === undefined) return conversation
    const { counter, maxTokens, summarise } = window
    const tools = Object.values(declared(setup))
    const count = (prompt: Prompt.Prompt) =>
      counter.request({
        prompt,
        tools,
        toolChoice: "auto",
        responseFormat: { type: "text" },
        span: noSpan(),
        previousResponseId: undefined,
        incrementalPrompt: undefined
      })
    const { tokens, turns } = yield* excess(conversation, maxTokens, count)
    if (tokens > maxTokens) return yield* new ContextWindowError({ agent, turn, tokens, maxTokens })
    if (turns === 0 || summarise === undefined) return without(conversation, turns)
    const summary = yield* summarise(leaving(conversation, turns))
    const short = without(
      conversation,
      turns,
      `[In place of earlier turns of this conversation, a summary:]\n${summary}`
    )
    // A summary that is too long itself is worth less than an answer.
    return (yield* count(promptOf(short))) <= maxTokens ? short : without(conversation, turns)
  })

type Part = Response.Part<any> | Response.StreamPart<any>

const requestOf = (setup: Setup, prompt: Prompt.Prompt): any => {
  const tools = declared(setup)
  return {
    prompt,
    disableToolCallResolution: true,
    // A call that does not fit is told to the model; strict validation would end the agent.
    toolCallValidation: "deferred",
    ...(Object.keys(tools).length === 0
      ? {}
      : { toolkit: { tools }, toolChoice: setup.answer.tool === undefined ? "auto" : setup.toolChoice })
  }
}

const generate = (setup: Setup, prompt: Prompt.Prompt): Effect.Effect<ReadonlyArray<Part>, AiError.AiError> =>
  Effect.map(setup.model.generateText(requestOf(setup, prompt)), ({ content }) => content)

/** As `generate`, with each piece of text told as it comes. Fills the list that it is given. */
const stream = (
  setup: Setup,
  prompt: Prompt.Prompt,
  turn: number,
  parts: Array<Part>
): Effect.Effect<ReadonlyArray<Part>, AiError.AiError> =>
  Effect.suspend(() => {
    const answer = setup.model.streamText(requestOf(setup, prompt)) as Stream.Stream<Part, AiError.AiError>
    return Effect.as(
      Stream.runForEach(answer, (part) => {
        parts.push(part)
        if (part.type === "text-delta") return report({ _tag: "text", turn, delta: part.delta })
        return part.type === "error" ? Effect.fail(broken(part.error)) : Effect.void
      }),
      parts
    )
  })

const broken = (error: unknown): AiError.AiError =>
  AiError.isAiError(error)
    ? error
    : AiError.make({
        module: "ModelAgent",
        method: "streamText",
        reason: new AiError.InternalProviderError({
          description: `The answer broke off: ${error instanceof Error ? error.message : String(error)}`
        })
      })

/** What the provider wrote stays; the rest is told where it is known. */
const annotate = (setup: Setup, span: Tracer.Span, parts: ReadonlyArray<Part>): void => {
  const missing = (name: string, value: unknown) => {
    if (value !== undefined && value !== null && !span.attributes.has(name)) span.attribute(name, value)
  }
  for (const part of parts) {
    if (part.type === "response-metadata") {
      missing("gen_ai.response.id", part.id)
      missing("gen_ai.response.model", part.modelId)
    }
    if (part.type !== "finish") continue
    missing("gen_ai.response.finish_reasons", [part.reason])
    missing("gen_ai.usage.input_tokens", part.usage.inputTokens.total)
    missing("gen_ai.usage.output_tokens", part.usage.outputTokens.total)
  }
  if (setup.spans !== "content") return
  span.attribute("gen_ai.output.messages", textOf(Prompt.fromResponseParts(parts)))
}

const encodePrompt = Schema.encodeSync(Schema.fromJsonString(Schema.toCodecJson(Prompt.Prompt)))
const textOf = (prompt: Prompt.Prompt): string => encodePrompt(prompt)

const turnOf = (conversation: Conversation, before: Conversation): Pick<Turn, "left" | "note"> => ({
  left: conversation.left - before.left,
  ...(conversation.note === undefined ? {} : { note: conversation.note })
})

/** What went wrong, by the name that effect has for it. */
const errorType = (exit: Exit.Exit<unknown, unknown>): string | undefined => {
  if (Exit.isSuccess(exit)) return undefined
  const found = Cause.findErrorOption(exit.cause)
  return Option.isSome(found) && AiError.isAiError(found.value) ? found.value.reason._tag : undefined
}

/** One call of the model, as it is stored. */
export const ask = (setup: Setup, before: Conversation, turn: number): Effect.Effect<Turn, TurnError> =>
  Effect.gen(function* () {
    if (setup.progress !== "none") yield* report({ _tag: "turn", turn })
    const conversation = yield* fitted(setup, before, turn)
    const prompt = promptOf(conversation)
    const parts: Array<Part> = []
    const span: ChatSpan = {
      model: setup.names.model,
      onStart: (span) => {
        span.attribute("gen_ai.operation.name", "chat")
        span.attribute("gen_ai.agent.name", setup.agent)
        if (setup.names.provider !== undefined) span.attribute("gen_ai.provider.name", setup.names.provider)
        if (setup.names.model !== undefined) span.attribute("gen_ai.request.model", setup.names.model)
        if (setup.spans === "content") span.attribute("gen_ai.input.messages", textOf(prompt))
      },
      onEnd: (span, exit) => {
        const error = errorType(exit)
        if (error !== undefined) span.attribute("error.type", error)
        const whole = Exit.isSuccess(exit) && exit.value instanceof LanguageModel.GenerateTextResponse
        annotate(setup, span, whole ? exit.value.content : parts)
      }
    }
    const answered = (setup.progress === "content" ? stream(setup, prompt, turn, parts) : generate(setup, prompt)).pipe(
      asChat(span)
    )
    return yield* answered.pipe(
      Effect.map((parts): Turn => ({
        messages: Prompt.fromResponseParts(parts).content,
        finish: parts.find((part) => part.type === "finish")?.reason ?? "unknown",
        ...turnOf(conversation, before)
      })),
      Effect.catchReason("AiError", "ToolNotFoundError", ({ toolName }) =>
        Effect.succeed<Turn>({
          messages: [],
          finish: "unknown",
          unknownTool: toolName,
          ...turnOf(conversation, before)
        })
      )
    )
  }).pipe(Effect.catchTag("AiError", (error) => Effect.fail(modelCallError(setup.agent, turn, error))))

import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Tracer from "effect/Tracer"
import * as Option from "effect/Option"
import * as Context from "effect/Context"
import * as AiError from "effect/ai/AiError"
import * as Prompt from "effect/ai/Prompt"
import type * as Response from "effect/ai/Response"
import { failuresOf, restingOf } from "./fallbackAttempts.ts"
import { report } from "./modelAgentActivity.ts"
import { answerTool } from "./modelAgentAnswer.ts"
import { type Conversation, excess, leaving, promptOf, without } from "./modelAgentConversation.ts"
import { ContextWindowError, ModelCallError } from "./modelAgentErrors.ts"
import type { Setup } from "./modelAgentSetup.ts"
import { SpansRef } from "./spanText.ts"

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

const told = ({ reason }: AiError.AiError): { readonly reason: string; readonly detail: string } => ({
  reason: reason._tag,
  detail: reason.message.length <= 1_000 ? reason.message : `${reason.message.slice(0, 1_000)}…`
})

export const modelCallError = (agent: string, turn: number, error: AiError.AiError): ModelCallError => {
  const failed = failuresOf(error).map((one) => ({ model: one.model, ...told(one.error) }))
  const resting = restingOf(error)
  return new ModelCallError({
    agent,
    turn,
    ...told(error),
    isRetryable: error.isRetryable,
    ...(error.retryAfter === undefined ? {} : { retryAfterMillis: Duration.toMillis(error.retryAfter) }),
    ...(failed.length === 0 ? {} : { failed }),
    ...(resting.length === 0 ? {} : { resting })
  })
}

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

/** As `generate`, with each piece of text told as it comes. */
const stream = (
  setup: Setup,
  prompt: Prompt.Prompt,
  turn: number
): Effect.Effect<ReadonlyArray<Part>, AiError.AiError> =>
  Effect.suspend(() => {
    const parts: Array<Part> = []
    const answer = setup.model.streamText(requestOf(setup, prompt)) as Stream.Stream<Part, AiError.AiError>
    return Effect.flatMap(
      Stream.runForEach(answer, (part) => {
        parts.push(part)
        if (part.type === "text-delta") return report({ _tag: "text", turn, delta: part.delta })
        return part.type === "error" ? Effect.fail(broken(part.error)) : Effect.void
      }),
      // Half of a sentence may mean the opposite of the whole, and half of the calls is not what the model wanted.
      () =>
        parts.some(({ type }) => type === "finish")
          ? Effect.succeed(parts)
          : Effect.fail(broken("its stream ended before the model said that it was complete"))
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

/** What its spans show is for this call alone, and not for what the model is asked by its tools. */
const seen = <A, E>({ spans }: Setup, self: Effect.Effect<A, E>): Effect.Effect<A, E> =>
  spans === undefined ? self : Effect.provideService(self, SpansRef, spans)

const turnOf = (conversation: Conversation, before: Conversation): Pick<Turn, "left" | "note"> => ({
  left: conversation.left - before.left,
  ...(conversation.note === undefined ? {} : { note: conversation.note })
})

/** One call of the model, as it is stored. */
export const ask = (setup: Setup, before: Conversation, turn: number): Effect.Effect<Turn, TurnError> =>
  Effect.gen(function* () {
    if (setup.progress !== "none") yield* report({ _tag: "turn", turn })
    const conversation = yield* fitted(setup, before, turn)
    const prompt = promptOf(conversation)
    const answered = setup.progress === "content" ? stream(setup, prompt, turn) : generate(setup, prompt)
    return yield* seen(setup, answered).pipe(
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

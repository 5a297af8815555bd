import { Receipt, Run } from "@aria/orchestrator-core"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Prompt from "effect/ai/Prompt"
import { report } from "./modelAgentActivity.ts"
import { answerTool } from "./modelAgentAnswer.ts"
import { CurrentCall } from "./modelAgentCall.ts"
import { type Conversation, start, user, without } from "./modelAgentConversation.ts"
import { InvalidAnswerError, MaxTurnsExceededError, ModelCallError, UnknownToolError } from "./modelAgentErrors.ts"
import type { Setup } from "./modelAgentSetup.ts"
import { type CallResult, failed, run } from "./modelAgentTools.ts"
import { ask, Turn, TurnError } from "./modelAgentTurn.ts"

const partsOf = ({ messages }: Turn): ReadonlyArray<Prompt.Part> =>
  messages.flatMap<Prompt.Part>(({ content }) => (typeof content === "string" ? [] : content))

/** What the provider ran itself is done already. */
const callsOf = (turn: Turn): ReadonlyArray<Prompt.ToolCallPart> =>
  partsOf(turn).filter((part): part is Prompt.ToolCallPart => part.type === "tool-call" && !part.providerExecuted)

const textOf = (turn: Turn): string =>
  partsOf(turn)
    .flatMap((part) => (part.type === "text" ? [part.text] : []))
    .join("")

const resultMessage = (
  calls: ReadonlyArray<Prompt.ToolCallPart>,
  results: ReadonlyArray<CallResult>
): ReadonlyArray<Prompt.Message> =>
  calls.length === 0
    ? []
    : [
        Prompt.toolMessage({
          content: calls.map(({ id, name }, index) =>
            Prompt.toolResultPart({
              id,
              name,
              providerExecuted: false,
              ...(results[index] ?? failed("It was not run."))
            })
          )
        })
      ]

const notAlone = failed(
  `Not taken: it was given before the results of the other calls were known. Call "${answerTool}" alone when you have seen them.`
)
const cutOff = "Your last message was cut off at the limit of its length, and none of its calls were run. Be shorter."

/**
 * Names of steps are unique within a task, and one task may run several model agents: as tools of each other, one after the other with
 * other payloads, or again in a later attempt, which starts anew.
 */
const stepPrefix = (agent: string, payload: Schema.Json): Effect.Effect<string> =>
  Effect.gen(function* () {
    const within = Option.match(yield* CurrentCall, { onNone: () => "", onSome: ({ step }) => `${step} > ` })
    const attempt = Option.match(yield* Run.Current, { onNone: () => 1, onSome: ({ attempt }) => attempt })
    return `${within}${agent} ${Receipt.hashOf(payload).slice(0, 12)}${attempt <= 1 ? "" : ` attempt ${attempt}`}`
  })

/** How far the work is. */
interface State {
  conversation: Conversation
  repairs: number
  wasToldOfTool: boolean
}

/** The turns until there is an answer. */
export const loop = (
  setup: Setup,
  payload: Schema.Json,
  instructions: string,
  prompt: Prompt.RawInput
): Effect.Effect<unknown, unknown> =>
  Effect.gen(function* () {
    const prefix = yield* stepPrefix(setup.agent, payload)
    const state: State = { conversation: start(instructions, prompt), repairs: 0, wasToldOfTool: false }
    for (let number = 1; number <= setup.maxTurns; number++) {
      const step = `${prefix} turn ${number}`
      const turn = yield* Run.step(
        step,
        { success: Schema.toCodecJson(Turn), error: Schema.toCodecJson(TurnError) },
        ask(setup, state.conversation, number)
      )
      state.conversation = without(state.conversation, turn.left, turn.note)
      const answer = yield* answered(setup, state, turn, number, step)
      if (Option.isSome(answer)) return answer.value
    }
    return yield* new MaxTurnsExceededError({ agent: setup.agent, maxTurns: setup.maxTurns })
  })

const goOn = (state: State, turn: Turn, messages: ReadonlyArray<Prompt.Message>): Option.Option<never> => {
  const { conversation } = state
  const said = [...turn.messages, ...messages]
  // A turn in which nothing was said would count as the newest, and push out what was said last.
  if (said.length > 0) state.conversation = { ...conversation, turns: [...conversation.turns, said] }
  return Option.none()
}

/** What a turn came to: the answer, or one more turn in the conversation. */
const answered = (
  setup: Setup,
  state: State,
  turn: Turn,
  number: number,
  step: string
): Effect.Effect<Option.Option<unknown>, unknown> =>
  Effect.gen(function* () {
    const { agent, answer, toolkit } = setup
    const calls = callsOf(turn)
    const isAnswer = ({ name }: Prompt.ToolCallPart) => answer.tool !== undefined && name === answerTool
    const repair = (problems: ReadonlyArray<string>, messages: ReadonlyArray<Prompt.Message>) =>
      Effect.gen(function* () {
        if (state.repairs >= setup.maxRepairs || number === setup.maxTurns) {
          return yield* new InvalidAnswerError({ agent, repairs: state.repairs, problems })
        }
        state.repairs++
        if (setup.progress !== "none") yield* report({ _tag: "repair", turn: number })
        return goOn(state, turn, messages)
      })

    if (turn.finish === "content-filter" || turn.finish === "error") {
      const reason = turn.finish === "error" ? "InternalProviderError" : "ContentPolicyError"
      const detail =
        turn.finish === "error" ? "the provider ended its answer with an error" : "the provider withheld its answer"
      return yield* new ModelCallError({ agent, turn: number, reason, detail, isRetryable: turn.finish === "error" })
    }
    if (turn.finish === "length") {
      const results = calls.map(() => failed(cutOff))
      return yield* repair(
        ["it was cut off at the limit of its length"],
        calls.length > 0 ? resultMessage(calls, results) : [user(cutOff)]
      )
    }

    const available = Object.keys(toolkit.tools)
    const noSuchTool = (name: string) =>
      `There is no tool "${name}". Your tools are: ${[...available, ...(answer.tool === undefined ? [] : [answerTool])].join(", ") || "none"}.`
    const exists = (call: Prompt.ToolCallPart) => Object.hasOwn(toolkit.tools, call.name) || isAnswer(call)
    const unknown = turn.unknownTool ?? calls.find((call) => !exists(call))?.name
    if (unknown !== undefined) {
      if (state.wasToldOfTool) return yield* new UnknownToolError({ agent, tool: unknown, available })
      state.wasToldOfTool = true
      if (turn.unknownTool !== undefined) return goOn(state, turn, [user(noSuchTool(unknown))])
    }

    if (calls.length === 0) {
      if (turn.finish === "pause") return goOn(state, turn, [])
      const read = answer.ofText(textOf(turn))
      if (Result.isSuccess(read)) return Option.some(read.success)
      return yield* repair(read.failure, [user(misfit(read.failure))])
    }

    const [only] = calls
    if (only !== undefined && calls.length === 1 && isAnswer(only)) {
      const read = answer.ofCall(only.params)
      if (Result.isSuccess(read)) return Option.some(read.success)
      return yield* repair(read.failure, resultMessage(calls, [failed(misfit(read.failure))]))
    }
    if (calls.every(isAnswer)) {
      const problems = [`there were ${calls.length} answers at once; give one`]
      return yield* repair(
        problems,
        resultMessage(
          calls,
          calls.map(() => failed(misfit(problems)))
        )
      )
    }

    const results = yield* Effect.forEach(
      calls,
      (call, index): Effect.Effect<CallResult, unknown> => {
        if (isAnswer(call)) return Effect.succeed(notAlone)
        if (!exists(call)) return Effect.succeed(failed(noSuchTool(call.name)))
        return run(setup, number, `${step} call ${index + 1} ${call.name}`, call)
      },
      { concurrency: setup.concurrency }
    )
    return goOn(state, turn, resultMessage(calls, results))
  })

const misfit = (problems: ReadonlyArray<string>): string =>
  `The answer does not fit: ${problems.join("; ")}. Give the whole answer again with this put right.`

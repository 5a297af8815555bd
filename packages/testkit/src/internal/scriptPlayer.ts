import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as AiError from "effect/ai/AiError"
import type * as LanguageModel from "effect/ai/LanguageModel"
import type * as Prompt from "effect/ai/Prompt"
import type * as Response from "effect/ai/Response"
import type { Expectation, Options, Request, Step } from "../ScriptedModel.ts"
import { ScriptBrokenError } from "./scriptErrors.ts"
import { cutOff, streamed } from "./scriptStream.ts"

/** The texts of a message, and tool results as JSON. */
const textOf = (message: Prompt.Message | undefined): string =>
  message === undefined
    ? ""
    : typeof message.content === "string"
      ? message.content
      : message.content
          .map((part) =>
            part.type === "text" ? part.text : part.type === "tool-result" ? JSON.stringify(part.result) : ""
          )
          .filter((text) => text !== "")
          .join("\n")

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`

const shortened = (text: string): string => (text.length <= 200 ? text : `${text.slice(0, 200)}…`)

/** What is wrong with a request, if anything. */
const problem = (expectation: Expectation | undefined, request: Request): string | undefined => {
  if (expectation === undefined) return undefined
  if (typeof expectation !== "function") {
    const isMet =
      typeof expectation === "string"
        ? request.last.includes(expectation)
        : new RegExp(expectation.source, expectation.flags.replaceAll("g", "")).test(request.last)
    const wanted = typeof expectation === "string" ? JSON.stringify(expectation) : String(expectation)
    return isMet
      ? undefined
      : `its last message should have ${wanted}, and is ${JSON.stringify(shortened(request.last))}`
  }
  try {
    const said = expectation(request)
    if (typeof said === "string") return said
    return said === false
      ? `the step's expectation is not met; its last message is ${JSON.stringify(shortened(request.last))}`
      : undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

const usageOf = ({ usage = { input: 10, output: 5 } }: Step): Response.FinishPartEncoded["usage"] => {
  const known = usage === "none" ? undefined : usage
  return {
    inputTokens: { total: known?.input, uncached: undefined, cacheRead: known?.cached, cacheWrite: undefined },
    outputTokens: { total: known?.output, text: undefined, reasoning: known?.reasoning }
  }
}

/** The parts of an answer that is whole. */
const answerOf = (step: Step, parts: ReadonlyArray<Response.PartEncoded>): ReadonlyArray<Response.PartEncoded> =>
  parts.some(({ type }) => type === "finish")
    ? parts
    : [
        ...parts,
        {
          type: "finish",
          reason: step.finish ?? (parts.some(({ type }) => type === "tool-call") ? "tool-calls" : "stop"),
          usage: usageOf(step),
          response: undefined
        }
      ]

const failing = (method: string, reason: AiError.AiErrorReason): AiError.AiError =>
  AiError.make({ module: "ScriptedModel", method, reason })

/** One script, with what has become of it. */
export class Player {
  readonly requests: Array<Request> = []
  interrupted = 0
  private readonly steps: Array<Step>
  private readonly total: number
  private readonly options: Options
  private broken: ScriptBrokenError | undefined
  private calls = 0

  constructor(steps: ReadonlyArray<Step>, options: Options) {
    this.steps = [...steps]
    this.total = steps.length
    this.options = options
  }

  get remaining(): number {
    return this.steps.length
  }

  verdict(): Effect.Effect<void> {
    if (this.broken !== undefined) return Effect.die(this.broken)
    const left = this.steps.length
    if (left === 0 || this.options.allowUnused === true) return Effect.void
    const asked = counted(this.requests.length, "request")
    const message = `The script has ${counted(this.total, "step")}, and ${left} of them ${left === 1 ? "was" : "were"} never used: there ${this.requests.length === 1 ? "was" : "were"} ${asked}`
    return Effect.die(new ScriptBrokenError({ kind: "unused", message }))
  }

  readonly generateText = (
    options: LanguageModel.ProviderOptions
  ): Effect.Effect<Array<Response.PartEncoded>, AiError.AiError> =>
    Effect.suspend(() =>
      Effect.flatMap(this.next(options, false), (step) => {
        const answer =
          step.error !== undefined
            ? Effect.fail(failing("generateText", step.error))
            : step.hangs === true
              ? Effect.never
              : Effect.sync(() => [...answerOf(step, this.named(step))])
        return this.watched(step.delay === undefined ? answer : Effect.delay(answer, step.delay))
      })
    )

  readonly streamText = (
    options: LanguageModel.ProviderOptions
  ): Stream.Stream<Response.StreamPartEncoded, AiError.AiError> =>
    Stream.unwrap(
      Effect.suspend(() =>
        Effect.map(this.next(options, true), (step) => {
          const parts = this.named(step)
          const isWhole = step.error === undefined && step.hangs !== true
          let ended = false
          const pieces = Stream.fromIterable(isWhole ? streamed(answerOf(step, parts)) : cutOff(parts))
          const paced =
            step.pieceDelay === undefined ? pieces : Stream.tap(pieces, () => Effect.sleep(step.pieceDelay!))
          const whole = Stream.concat(
            paced,
            step.error !== undefined
              ? Stream.fail(failing("streamText", step.error))
              : step.hangs === true
                ? Stream.never
                : Stream.empty
          ).pipe(
            Stream.onExit((exit) =>
              Effect.sync(() => {
                ended = ended || exit._tag === "Success" || exit.cause.reasons.every(({ _tag }) => _tag !== "Interrupt")
                if (!ended) this.interrupted++
              })
            )
          )
          return step.delay === undefined
            ? whole
            : Stream.unwrap(this.watched(Effect.as(Effect.sleep(step.delay), whole)))
        })
      )
    )

  private watched<A, E>(effect: Effect.Effect<A, E>): Effect.Effect<A, E> {
    return Effect.onInterrupt(effect, () =>
      Effect.sync(() => {
        this.interrupted++
      })
    )
  }

  /** Calls without an id get one that is not used again. */
  private named({ parts }: Step): ReadonlyArray<Response.PartEncoded> {
    return parts.map((part) =>
      part.type === "tool-call" && part.id === "" ? { ...part, id: `call-${++this.calls}` } : part
    )
  }

  private next(options: LanguageModel.ProviderOptions, isStream: boolean): Effect.Effect<Step> {
    const request: Request = {
      number: this.requests.length + 1,
      prompt: options.prompt,
      last: textOf(options.prompt.content.at(-1)),
      tools: options.tools.map(({ name }) => name),
      toolChoice: options.toolChoice,
      isStream,
      options
    }
    this.requests.push(request)
    const last = JSON.stringify(shortened(request.last))
    const [first] = this.steps
    if (first === undefined) {
      return this.break(
        "unexpected",
        `Request ${request.number} is one too many: the script has ${counted(this.total, "step")}. Its last message is ${last}`
      )
    }
    if (this.options.order === "any") {
      const index = this.steps.findIndex(({ expect }) => problem(expect, request) === undefined)
      const [step] = index < 0 ? [] : this.steps.splice(index, 1)
      return step === undefined
        ? this.break(
            "mismatch",
            `Request ${request.number} meets the expectation of none of the ${counted(this.steps.length, "step")} left. Its last message is ${last}`
          )
        : Effect.succeed(step)
    }
    const wrong = problem(first.expect, request)
    if (wrong !== undefined) {
      return this.break(
        "mismatch",
        `Request ${request.number} does not go with step ${this.total - this.steps.length + 1} of the script: ${wrong}`
      )
    }
    this.steps.shift()
    return Effect.succeed(first)
  }

  private break(kind: "unexpected" | "mismatch", message: string): Effect.Effect<never> {
    const error = new ScriptBrokenError({ kind, message })
    this.broken ??= error
    return Effect.die(error)
  }
}

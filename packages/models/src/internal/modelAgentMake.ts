import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as LanguageModel from "effect/ai/LanguageModel"
import * as Model from "effect/ai/Model"
import type * as Prompt from "effect/ai/Prompt"
import type * as Tool from "effect/ai/Tool"
import * as Toolkit from "effect/ai/Toolkit"
import * as Limiter from "../Limiter.ts"
import type * as ModelAgent from "../ModelAgent.ts"
import * as TokenCount from "../TokenCount.ts"
import * as answers from "./modelAgentAnswer.ts"
import { InvalidOptionError } from "./modelAgentErrors.ts"
import { loop } from "./modelAgentLoop.ts"
import type { Setup } from "./modelAgentSetup.ts"
import { observed } from "./observedModel.ts"
import { withToolSpans } from "./toolSpan.ts"

type Options = ModelAgent.Options<any, any, any>

const isFrom = (least: number, value: number): boolean => Number.isSafeInteger(value) && value >= least

/** The first option that nothing can be made with. */
const refusal = (
  options: Options,
  tools: Readonly<Record<string, Tool.Any>>,
  answer: answers.Answer
): Omit<ConstructorParameters<typeof InvalidOptionError>[0], "agent"> | undefined => {
  const { concurrency, contextWindow, maxRepairs, maxTurns, progress, spans, toolChoice } = options
  // Options may come out of a file, where no type holds them.
  const oneOf = (option: string, value: unknown, ...allowed: ReadonlyArray<string>) =>
    value === undefined || allowed.some((one) => one === value)
      ? undefined
      : {
          option,
          received: JSON.stringify(value) ?? String(value),
          allowed: `allowed is ${allowed.map((one) => `"${one}"`).join(" or ")}`
        }
  const whole = (option: string, value: number | undefined, least: number) =>
    value === undefined || isFrom(least, value)
      ? undefined
      : { option, received: String(value), allowed: `allowed is a whole number from ${least}` }
  const asking = Object.values(tools).find(
    ({ needsApproval }) => needsApproval !== undefined && needsApproval !== false
  )
  return (
    whole("maxTurns", maxTurns, 1) ??
    whole("maxRepairs", maxRepairs, 0) ??
    whole("concurrency", concurrency === "unbounded" ? undefined : concurrency, 1) ??
    whole("contextWindow.maxTokens", contextWindow?.maxTokens, 1) ??
    oneOf("toolChoice", toolChoice, "required", "auto") ??
    oneOf("progress", progress, "none", "activity", "content") ??
    oneOf("spans", spans, "names", "content") ??
    (asking === undefined
      ? undefined
      : {
          option: "toolkit",
          received: `a tool "${asking.name}" with needsApproval`,
          allowed:
            "nobody would be asked: let its handler perform a SideEffect, which is approved for exactly what it does"
        }) ??
    (answer.tool !== undefined && Object.hasOwn(tools, answers.answerTool)
      ? {
          option: "toolkit",
          received: `one with a tool "${answers.answerTool}"`,
          allowed: "that is the tool by which the model gives its answer: give yours another name"
        }
      : undefined)
  )
}

const noTools: Toolkit.WithHandler<any> = { tools: {}, handle: () => Effect.die(new Error("There are no tools")) }

/** The handler, without its types. */
export const make = (agent: any, options: Options): Effect.Effect<any, InvalidOptionError, any> =>
  Effect.gen(function* () {
    const tag: string = agent._tag
    const modelName = yield* Effect.serviceOption(Model.ModelName)
    const providerName = yield* Effect.serviceOption(Model.ProviderName)
    const model = observed(yield* LanguageModel.LanguageModel, {
      provider: Option.getOrUndefined(providerName),
      model: Option.getOrUndefined(modelName)
    })
    const toolkit = withToolSpans<Toolkit.WithHandler<any>>(
      options.toolkit === undefined ? noTools : yield* options.toolkit,
      options.spans
    )
    const answer = answers.make(agent.successSchema)
    const refused = refusal(options, toolkit.tools, answer)
    if (refused !== undefined) return yield* new InvalidOptionError({ agent: tag, ...refused })
    const { contextWindow: window, instructions, prompt } = options
    const summarise = window?.summarise
    const setup: Setup = {
      agent: tag,
      model,
      toolkit,
      answer,
      toolChoice: options.toolChoice ?? "required",
      maxTurns: options.maxTurns ?? 10,
      maxRepairs: options.maxRepairs ?? 1,
      concurrency: options.concurrency ?? "unbounded",
      window:
        window === undefined
          ? undefined
          : {
              maxTokens: window.maxTokens,
              counter: window.counter ?? TokenCount.upperBound(),
              summarise:
                summarise === undefined
                  ? undefined
                  : (left: Prompt.Prompt) => Effect.provideService(summarise(left), LanguageModel.LanguageModel, model)
            },
      progress: options.progress ?? "activity",
      spans: options.spans
    }
    const encode = Schema.encodeUnknownEffect(Schema.toCodecJson(agent.payloadSchema as Schema.Codec<unknown, unknown>))
    return (payload: any) =>
      Effect.flatMap(Effect.orDie(encode(payload)), (json) =>
        Effect.suspend(() =>
          loop(
            setup,
            json,
            typeof instructions === "string" ? instructions : instructions(payload),
            prompt === undefined ? JSON.stringify(json) : prompt(payload)
          ).pipe(Limiter.within({ agent: tag }))
        )
      )
  })

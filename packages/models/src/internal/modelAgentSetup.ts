import type * as LanguageModel from "effect/ai/LanguageModel"
import type * as Prompt from "effect/ai/Prompt"
import type * as Toolkit from "effect/ai/Toolkit"
import type * as Effect from "effect/Effect"
import type * as AiError from "effect/ai/AiError"
import type { TokenCount } from "../TokenCount.ts"
import type { Answer } from "./modelAgentAnswer.ts"
import type { Spans } from "./spanText.ts"

/** An agent's options, checked and with their defaults. */
export interface Setup {
  readonly agent: string
  readonly model: LanguageModel.LanguageModel
  /** The user's tools, whose calls have spans; that of the answer is not among them. */
  readonly toolkit: Toolkit.WithHandler<any>
  readonly answer: Answer
  readonly toolChoice: "auto" | "required"
  readonly maxTurns: number
  readonly maxRepairs: number
  readonly concurrency: number | "unbounded"
  readonly window:
    | {
        readonly maxTokens: number
        readonly counter: TokenCount
        readonly summarise: ((left: Prompt.Prompt) => Effect.Effect<string, AiError.AiError>) | undefined
      }
    | undefined
  readonly progress: "none" | "activity" | "content"
  /** Undefined where it is as the region says. */
  readonly spans: Spans | undefined
}

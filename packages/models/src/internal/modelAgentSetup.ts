import type { Prompt, Toolkit, LanguageModel } from "effect/ai"
import type * as Effect from "effect/Effect"
import type { AiError } from "effect/ai"
import type { TokenCount } from "../TokenCount.ts"
import type { Answer } from "./modelAgentAnswer.ts"

/** An agent's options, checked and with their defaults. */
export interface Setup {
  readonly agent: string
  readonly model: LanguageModel.LanguageModel
  /** What spans say of the model, where it is known. */
  readonly names: { readonly provider: string | undefined; readonly model: string | undefined }
  /** The user's tools; that of the answer is not among them. */
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
  readonly spans: "names" | "content"
}

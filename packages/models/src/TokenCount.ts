/**
 * How many input tokens a request has at most: what is reserved before it is sent.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as AiError from "effect/ai/AiError"
import type * as LanguageModel from "effect/ai/LanguageModel"
import type * as Prompt from "effect/ai/Prompt"
import type * as Tokenizer from "effect/ai/Tokenizer"
import { bytesAtMost } from "./internal/bytesAtMost.ts"
import { measureMessage, measureSchema, measureTool } from "./internal/requestText.ts"

/**
 * Counts the input tokens of a request before it is sent.
 *
 * @category models
 * @since 0.1.0
 */
export interface TokenCount {
  /** Of a request to a language model: the whole conversation, tools and the schema of the answer included. */
  readonly request: (options: LanguageModel.ProviderOptions) => Effect.Effect<number, AiError.AiError>
  /** Of texts, as they are given to an embedding model. */
  readonly texts: (texts: ReadonlyArray<string>) => Effect.Effect<number, AiError.AiError>
}

/**
 * What providers add to the text of a request: markers of roles, instructions on how to call tools. Whole tokens.
 *
 * @category models
 * @since 0.1.0
 */
export interface Overhead {
  /** For each request. Default 64. */
  readonly perRequest?: number | undefined
  /** For each message, and each text of an embedding. Default 16. */
  readonly perMessage?: number | undefined
  /** Once where there are tools or a schema. Default 1,000, an estimate. */
  readonly perToolset?: number | undefined
  /**
   * For each file. Default: 5,000 for an image, else 5,000 and the bytes of its data, and 100,000 where the data is an address.
   * An estimate and no bound: what a picture or a page counts is each provider's own rule.
   */
  readonly perFile?: ((file: Prompt.FilePart) => number) | undefined
}

const defaultPerFile = (file: Prompt.FilePart): number => {
  if (file.mediaType.startsWith("image/")) return 5_000
  return typeof file.data === "string" || file.data instanceof Uint8Array ? 5_000 + file.data.length : 100_000
}

const counting = (
  tokens: (texts: ReadonlyArray<string>) => Effect.Effect<number, AiError.AiError>,
  messageTokens: ((message: Prompt.Message) => number) | undefined,
  overhead: Overhead
): TokenCount => {
  const { perFile = defaultPerFile, perMessage = 16, perRequest = 64, perToolset = 1_000 } = overhead
  return {
    texts: (texts) => Effect.map(tokens(texts), (count) => count + perRequest + perMessage * texts.length),
    request: (options) =>
      Effect.suspend(() => {
        const { prompt, responseFormat, tools } = options
        let fixed = perRequest + perMessage * prompt.content.length
        const texts: Array<string> = []
        try {
          for (const message of prompt.content) {
            const { files, text } = measureMessage(message)
            for (const file of files) fixed += perFile(file)
            if (messageTokens === undefined) texts.push(text())
            else fixed += messageTokens(message)
          }
          if (tools.length > 0 || responseFormat.type === "json") fixed += perToolset
          for (const tool of tools) texts.push(measureTool(tool))
          if (responseFormat.type === "json") texts.push(measureSchema(responseFormat.schema))
        } catch (error) {
          return Effect.fail(notWritable(error))
        }
        return Effect.map(tokens(texts), (count) => Math.ceil(count + fixed))
      })
  }
}

const notWritable = (error: unknown): AiError.AiError =>
  AiError.make({
    module: "TokenCount",
    method: "request",
    reason: new AiError.InvalidUserInputError({
      description: `The request cannot be counted because a part of it cannot be written as JSON: ${String(error)}. Tool results and schemas must be plain data`
    })
  })

/**
 * An upper bound for text, without a tokenizer: the bytes of its UTF-8 form, the longest of its Unicode normal forms.
 *
 * It holds for byte-level and byte-fallback tokenizers (those that OpenAI, Meta, Google, Mistral and Qwen publish are such; Anthropic
 * does not publish its own), because
 * each token stands for at least one byte of the text or of a normal form of it. English prose has about four bytes to a token, so it
 * reserves about four times of what is used; the rest is given back when the call ends. Where that is too much, use `fromTokenizer`.
 *
 * What is not text is an estimate: see `Overhead`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const upperBound = (overhead: Overhead = {}): TokenCount => {
  // A conversation grows at its end: what was counted in an earlier turn is not counted again.
  const counted = new WeakMap<Prompt.Message, number>()
  const sum = (texts: ReadonlyArray<string>): number => texts.reduce((total, text) => total + bytesAtMost(text), 0)
  const message = (message: Prompt.Message): number => {
    const known = counted.get(message)
    if (known !== undefined) return known
    const count = bytesAtMost(measureMessage(message).text())
    counted.set(message, count)
    return count
  }
  return counting((texts) => Effect.sync(() => sum(texts)), message, overhead)
}

/**
 * By a tokenizer, where one fits the model. `factor` (default 1, at least 1) is for a tokenizer of another model that is near enough.
 *
 * @example
 * ```ts
 * const counter = TokenCount.fromTokenizer(Tokenizer.make({ tokenize: (prompt) => Effect.succeed(encode(textOf(prompt))) }), { factor: 1.1 })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromTokenizer = (
  tokenizer: Tokenizer.Service,
  options: Overhead & { readonly factor?: number | undefined } = {}
): TokenCount => {
  const factor = Math.max(1, options.factor ?? 1)
  return counting(
    (texts) =>
      Effect.map(
        Effect.forEach(texts, (text) => Effect.map(tokenizer.tokenize(text), (tokens) => tokens.length)),
        (counts) => Math.ceil(factor * counts.reduce((total, count) => total + count, 0))
      ),
    undefined,
    options
  )
}

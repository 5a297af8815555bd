/** Answers of real providers, recorded: where they are, and how each is served. */
import { createAnthropic } from "@ai-sdk/anthropic"
import { createGoogle } from "@ai-sdk/google"
import { createOpenAI } from "@ai-sdk/openai"
import { createOpenAICompatible } from "@ai-sdk/openai-compatible"
import type { LanguageModelV4 } from "@ai-sdk/provider"
import { readdirSync, readFileSync } from "node:fs"
import { basename, join, resolve } from "node:path"

const workspace = resolve(import.meta.dirname, "../../../..")
const named = process.env["ARIA_DATA"] ?? ""
export const isNamed = named !== ""
export const data = join(
  isNamed ? resolve(workspace, named) : resolve(workspace, "../shared/data"),
  "conformance/ai-sdk-fixtures/packages"
)

export interface Protocol {
  readonly folder: string
  readonly model: (url: string) => LanguageModelV4
  /** The text of a whole answer, read without any package. */
  readonly text: (answer: Answer) => string
  /** Input and output tokens of a whole answer, as its server counted them. */
  readonly tokens: (answer: Answer) => readonly [number | undefined, number | undefined]
}

// oxlint-disable-next-line typescript/no-explicit-any -- recorded JSON of four protocols
export type Answer = any

const apiKey = "sk-recorded-0123456789"

const texts = (parts: ReadonlyArray<Answer> | null | undefined, holds: (part: Answer) => boolean): string =>
  (parts ?? [])
    .filter(holds)
    .map(({ text }) => text)
    .join("")

const compatible = (folder: string): Protocol => ({
  folder,
  model: (url) => createOpenAICompatible({ name: "recorded", apiKey, baseURL: url, includeUsage: true })("m"),
  text: ({ choices }) =>
    typeof choices[0].message.content === "string"
      ? choices[0].message.content
      : texts(choices[0].message.content, ({ type }) => type === "text"),
  tokens: ({ usage }) => [usage.prompt_tokens, usage.completion_tokens]
})

export const protocols: ReadonlyArray<Protocol> = [
  {
    folder: "openai/src/responses/__fixtures__",
    model: (url) => createOpenAI({ apiKey, baseURL: url }).responses("gpt-5"),
    text: ({ output }) =>
      output
        .map(({ content, type }: Answer) =>
          type === "message" ? texts(content, ({ type }) => type === "output_text") : ""
        )
        .join(""),
    tokens: ({ usage }) => [usage?.input_tokens, usage?.output_tokens]
  },
  {
    ...compatible("openai/src/chat/__fixtures__"),
    model: (url) => createOpenAI({ apiKey, baseURL: url }).chat("gpt-5")
  },
  {
    folder: "anthropic/src/__fixtures__",
    model: (url) => createAnthropic({ apiKey, baseURL: url })("claude-sonnet-4-5"),
    text: ({ content }) =>
      content
        .map((part: Answer) => (part.type === "text" ? part.text : part.type === "compaction" ? part.content : ""))
        .join(""),
    tokens: ({ usage }) => {
      // an answer that summed its conversation up first is the sum of its rounds; an adviser's tokens are another model's
      const own = (usage.iterations ?? []).filter(({ type }: Answer) => type === "message" || type === "compaction")
      const rounds: ReadonlyArray<Answer> = own.some(({ type }: Answer) => type === "compaction") ? own : [usage]
      const sum = (count: (round: Answer) => number) => rounds.reduce((total, round) => total + count(round), 0)
      return [
        sum(
          (round) =>
            round.input_tokens + (round.cache_creation_input_tokens ?? 0) + (round.cache_read_input_tokens ?? 0)
        ),
        sum((round) => round.output_tokens)
      ]
    }
  },
  {
    folder: "google/src/__fixtures__",
    model: (url) => createGoogle({ apiKey, baseURL: url })("gemini-2.5-flash"),
    text: ({ candidates }) =>
      texts(candidates[0].content.parts, ({ text, thought }) => text !== undefined && thought !== true),
    tokens: ({ usageMetadata: { candidatesTokenCount = 0, promptTokenCount, thoughtsTokenCount = 0 } }) => [
      promptTokenCount,
      candidatesTokenCount + thoughtsTokenCount
    ]
  },
  ...["openai-compatible/src/chat", "groq/src", "deepseek/src/chat", "mistral/src"].map((folder) =>
    compatible(`${folder}/__fixtures__`)
  )
]

/** Not answers of a language model, or errors, which have tests of their own. */
const others = /transcription|error\.json|error\.1\.json|429/

export interface Sample {
  readonly name: string
  readonly protocol: Protocol
  readonly answer: Answer
  /** The body of a stream, as the server sent it. */
  readonly body: string
}

const samples = (read: (file: string) => Pick<Sample, "answer" | "body"> | undefined): ReadonlyArray<Sample> =>
  protocols.flatMap((protocol) =>
    readdirSync(join(data, protocol.folder))
      .sort()
      .filter((name) => !others.test(name))
      .flatMap((name) => {
        const found = read(join(data, protocol.folder, name))
        return found === undefined
          ? []
          : [{ name: `${protocol.folder.split("/")[0]}/${basename(name)}`, protocol, ...found }]
      })
  )

export const wholeAnswers = (): ReadonlyArray<Sample> =>
  samples((file) => (file.endsWith(".json") ? { answer: JSON.parse(readFileSync(file, "utf8")), body: "" } : undefined))

export const streams = (): ReadonlyArray<Sample> =>
  samples((file) => {
    if (file.endsWith(".sse")) return { answer: undefined, body: readFileSync(file, "utf8") }
    if (!file.endsWith(".chunks.txt")) return undefined
    const lines = readFileSync(file, "utf8")
      .split("\n")
      .filter((line) => line.trim() !== "")
    return {
      answer: undefined,
      body:
        lines.map((line) => `data: ${line}\n\n`).join("") +
        (file.includes("/anthropic/") || file.includes("/responses/") ? "" : "data: [DONE]\n\n")
    }
  })

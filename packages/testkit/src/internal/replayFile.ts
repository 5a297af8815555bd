import * as Receipt from "@aria/orchestrator-core/Receipt"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as LanguageModel from "effect/ai/LanguageModel"
import * as Prompt from "effect/ai/Prompt"
import * as Tool from "effect/ai/Tool"
import { mkdir, readFile, rename, writeFile } from "node:fs/promises"
import { dirname } from "node:path"
import { RecordingError } from "./replayErrors.ts"

/** One exchange: what was asked, and all that was answered. */
export const Entry = Schema.Struct({
  key: Schema.String,
  request: Schema.Json,
  answer: Schema.Array(Schema.Json)
})
export type Entry = typeof Entry.Type

const Recording = Schema.fromJsonString(Schema.Struct({ version: Schema.Literal(1), entries: Schema.Array(Entry) }))
const decode = Schema.decodeUnknownEffect(Recording)
const encodePrompt = Schema.encodeSync(Schema.toCodecJson(Prompt.Prompt))

const toJson = (value: unknown): Schema.Json => JSON.parse(JSON.stringify(value) ?? "null")

/** All of a request that a provider may answer to. */
export const requestOf = (method: string, options: LanguageModel.ProviderOptions): Schema.Json => {
  const { prompt, responseFormat, toolChoice, tools } = options
  return toJson({
    method,
    messages: (encodePrompt(prompt) as unknown as { readonly content: unknown }).content,
    tools: tools.map((tool) => ({
      name: tool.name,
      description: Tool.getDescription(tool),
      parameters: Tool.getJsonSchema(tool)
    })),
    toolChoice,
    format:
      responseFormat.type === "text"
        ? responseFormat
        : {
            type: "json",
            objectName: responseFormat.objectName,
            schema: Tool.getJsonSchemaFromSchema(responseFormat.schema)
          }
  })
}

export const keyOf = (request: Schema.Json): string => Receipt.hashOf(request)

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

export const read = (file: string): Effect.Effect<ReadonlyArray<Entry>, RecordingError> =>
  Effect.tryPromise({
    try: () => readFile(file, "utf8"),
    catch: (error) =>
      new RecordingError({
        file,
        detail: `${reasonOf(error)}. Make it with ARIA_RECORD=true and a key of the provider`
      })
  }).pipe(
    Effect.flatMap((text) =>
      Effect.mapError(
        decode(text),
        (error) =>
          new RecordingError({
            file,
            detail: `it is no recording of version 1 (${error.message.replaceAll(/\s+/g, " ")})`
          })
      )
    ),
    Effect.map(({ entries }) => entries)
  )

/** Whole or not at all: a test that is stopped leaves no half of a file. */
export const write = (file: string, entries: ReadonlyArray<Entry>): Effect.Effect<void, RecordingError> =>
  Effect.tryPromise({
    try: async () => {
      await mkdir(dirname(file), { recursive: true })
      await writeFile(`${file}.part`, `${JSON.stringify({ version: 1, entries }, null, 2)}\n`)
      await rename(`${file}.part`, file)
    },
    catch: (error) => new RecordingError({ file, detail: `it could not be written: ${reasonOf(error)}` })
  })

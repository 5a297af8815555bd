import type * as Prompt from "effect/ai/Prompt"
import * as Tool from "effect/ai/Tool"
import type * as Schema from "effect/Schema"

/** What a message holds: its files, and everything else as one text, which is at least as long as what is sent of it. */
export interface Measured {
  readonly files: ReadonlyArray<Prompt.FilePart>
  readonly text: () => string
}

const isFile = (value: unknown): value is Prompt.FilePart =>
  typeof value === "object" &&
  value !== null &&
  "type" in value &&
  value.type === "file" &&
  "mediaType" in value &&
  "data" in value

/** Parts as JSON, options and ids included: some providers send those back as well. */
export const measureMessage = (message: Prompt.Message): Measured => {
  if (typeof message.content === "string") {
    const { content } = message
    return { files: [], text: () => content + JSON.stringify(message.options ?? {}) }
  }
  const files: Array<Prompt.FilePart> = []
  for (const part of message.content) {
    if (isFile(part)) files.push(part)
    else if (part.type === "tool-result")
      for (const output of part.modelOutput ?? []) if (isFile(output)) files.push(output)
  }
  // By identity: what only looks like a file, in the result of a tool say, is sent as text.
  const left = new Set<unknown>(files)
  return {
    files,
    text: () =>
      JSON.stringify([message.options, message.content], (_, value: unknown) =>
        isFile(value) && left.has(value) ? { ...value, data: "" } : value
      )
  }
}

const tools = new WeakMap<Tool.Any, string>()
const schemas = new WeakMap<Schema.Constraint, string>()

/** A tool as a provider is told of it. */
export const measureTool = (tool: Tool.Any): string => {
  let text = tools.get(tool)
  if (text === undefined) {
    text = JSON.stringify([tool.name, Tool.getDescription(tool), Tool.getJsonSchema(tool)])
    tools.set(tool, text)
  }
  return text
}

/** The schema of a structured answer as a provider is told of it. */
export const measureSchema = (schema: Schema.Constraint): string => {
  let text = schemas.get(schema)
  if (text === undefined) {
    text = JSON.stringify(Tool.getJsonSchemaFromSchema(schema))
    schemas.set(schema, text)
  }
  return text
}

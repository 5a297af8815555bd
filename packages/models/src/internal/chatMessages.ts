import type * as Prompt from "effect/ai/Prompt"
import type * as Response from "effect/ai/Response"

/** Messages in the form that OpenTelemetry's conventions have for the content of spans. Files are named, not repeated. */

type Json = Readonly<Record<string, unknown>>

const ofPart = (part: Prompt.Part): Json => {
  switch (part.type) {
    case "text":
      return { type: "text", content: part.text }
    case "reasoning":
      return { type: "reasoning", content: part.text }
    case "tool-call":
      return { type: "tool_call", id: part.id, name: part.name, arguments: part.params }
    case "tool-result":
      return { type: "tool_call_response", id: part.id, response: part.result }
    case "file":
      return { type: "attachment", mime_type: part.mediaType, name: part.fileName }
    default:
      return { type: part.type }
  }
}

export const input = ({ content }: Prompt.Prompt): string =>
  JSON.stringify(
    content.map(({ content, role }) => ({
      role,
      parts: typeof content === "string" ? [{ type: "text", content }] : (content as ReadonlyArray<Prompt.Part>).map(ofPart)
    }))
  )

/** A part of an answer, as a provider gives it or as effect has decoded it. */
export type AnswerPart =
  | Response.PartEncoded
  | Response.StreamPartEncoded
  | Response.Part<any>
  | Response.StreamPart<any>

/** One message; the pieces of a stream are put together. */
export const output = (answer: ReadonlyArray<AnswerPart>, finish: string | undefined): string => {
  const parts: Array<Json> = []
  const pieces = new Map<string, { readonly type: string; content: string }>()
  for (const part of answer) {
    switch (part.type) {
      case "text":
      case "reasoning":
        parts.push({ type: part.type, content: part.text })
        break
      case "text-delta":
      case "reasoning-delta": {
        const type = part.type === "text-delta" ? "text" : "reasoning"
        const key = `${type} ${part.id}`
        let piece = pieces.get(key)
        if (piece === undefined) {
          piece = { type, content: "" }
          pieces.set(key, piece)
          parts.push(piece)
        }
        piece.content += part.delta
        break
      }
      case "tool-call":
        parts.push({ type: "tool_call", id: part.id, name: part.name, arguments: part.params })
        break
      default:
    }
  }
  return JSON.stringify([{ role: "assistant", parts, finish_reason: finish ?? "unknown" }])
}

import type * as Response from "effect/ai/Response"

/** In pieces of a word and what follows it: whole characters, also of those that take two code units. */
const piecesOf = (text: string): ReadonlyArray<string> => text.match(/\S*\s*/gu)?.filter((piece) => piece !== "") ?? []

/** As `streamed`, and cut off before the last text is ended. */
export const cutOff = (parts: ReadonlyArray<Response.PartEncoded>): ReadonlyArray<Response.StreamPartEncoded> => {
  const all = streamed(parts)
  return all.at(-1)?.type === "text-end" ? all.slice(0, -1) : all
}

/** An answer as a provider streams it: texts, reasoning and arguments of calls in pieces, all else as it is. */
export const streamed = (parts: ReadonlyArray<Response.PartEncoded>): ReadonlyArray<Response.StreamPartEncoded> =>
  parts.flatMap((part, index): ReadonlyArray<Response.StreamPartEncoded> => {
    const id = `part-${index}`
    const more = part.metadata === undefined ? {} : { metadata: part.metadata }
    switch (part.type) {
      case "text":
        return [
          { type: "text-start", id },
          ...piecesOf(part.text).map((delta) => ({ type: "text-delta", id, delta }) as const),
          { type: "text-end", id, ...more }
        ]
      case "reasoning":
        return [
          { type: "reasoning-start", id },
          ...piecesOf(part.text).map((delta) => ({ type: "reasoning-delta", id, delta }) as const),
          { type: "reasoning-end", id, ...more }
        ]
      case "tool-call": {
        const { id, name } = part
        return [
          { type: "tool-params-start", id, name },
          { type: "tool-params-delta", id, delta: JSON.stringify(part.params) },
          { type: "tool-params-end", id },
          part
        ]
      }
      default:
        return [part]
    }
  })

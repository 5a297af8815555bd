import type * as Clock from "effect/Clock"
import type * as Response from "effect/ai/Response"
import type { AnswerPart } from "./chatMessages.ts"

/** What a provider has said of its answer so far. */
export class Answer {
  usage: typeof Response.Usage.Encoded | undefined = undefined
  /** Whether a part of it came: then the request was worked on, whatever its error says. */
  hasBegun = false
  /** When, in nanoseconds of a clock that nobody sets; asked for where it is streamed. */
  begunAt: bigint | undefined = undefined
  id: string | undefined = undefined
  model: string | undefined = undefined
  finish: string | undefined = undefined
  /** All of it, where content is wanted. */
  readonly parts: Array<AnswerPart> | undefined

  constructor(isContent: boolean) {
    this.parts = isContent ? [] : undefined
  }

  note(parts: ReadonlyArray<AnswerPart>, clock?: Clock.Clock): void {
    for (const part of parts) {
      if (part.type === "response-metadata") {
        this.id = part.id ?? this.id
        this.model = part.modelId ?? this.model
        continue
      }
      if (!this.hasBegun) {
        this.hasBegun = true
        this.begunAt = clock?.monotonicTimeNanosUnsafe()
      }
      if (part.type === "finish") {
        this.usage = part.usage
        this.finish = part.reason
      } else {
        this.parts?.push(part)
      }
    }
  }
}

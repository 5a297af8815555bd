import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { AiError, LanguageModel, type Prompt, type Response } from "effect/ai"
import { finish, usage } from "./provider.ts"

export type Parts = ReadonlyArray<Response.PartEncoded>
/** What the model does in one turn. */
export type Turn = Effect.Effect<Parts, AiError.AiError>

export const call = (name: string, params: unknown, id = `${name}-id`): Response.PartEncoded => ({
  type: "tool-call",
  id,
  name,
  params
})
export const says = (text: string): Response.PartEncoded => ({ type: "text", text })
export const turn = (...parts: Parts): Turn => Effect.succeed(parts)
export const ends = (reason: Response.FinishReason, ...parts: Parts): Turn =>
  Effect.succeed([...parts, { ...finish(usage(10, 5)), reason }])
export const fails = (reason: AiError.AiErrorReason): Turn =>
  Effect.fail(AiError.make({ module: "test", method: "test", reason }))

const streamed = (parts: Parts): ReadonlyArray<Response.StreamPartEncoded> =>
  parts.flatMap((part, index): ReadonlyArray<Response.StreamPartEncoded> => {
    const id = String(index)
    return part.type === "text"
      ? [
          { type: "text-start", id },
          ...Array.from(part.text, (delta) => ({ type: "text-delta", id, delta }) as const),
          { type: "text-end", id }
        ]
      : [part as Response.StreamPartEncoded]
  })

/** A model that does one thing after the other, and keeps what it was asked. More than that is a defect. */
export const model = (turns: ReadonlyArray<Turn>) => {
  const requests: Array<LanguageModel.ProviderOptions> = []
  const next = (request: LanguageModel.ProviderOptions): Turn =>
    Effect.suspend(() => {
      requests.push(request)
      const found = turns[requests.length - 1]
      if (found === undefined) return Effect.die(new Error(`request ${requests.length} is one too many`))
      return Effect.map(found, (parts) =>
        parts.some(({ type }) => type === "finish") ? parts : [...parts, finish(usage(10, 5))]
      )
    })
  const functions = {
    provider: "acme",
    model: "one",
    generateText: (request: LanguageModel.ProviderOptions) => Effect.map(next(request), (parts) => [...parts]),
    streamText: (request: LanguageModel.ProviderOptions) =>
      Stream.unwrap(Effect.map(next(request), (parts) => Stream.fromIterable(streamed(parts))))
  }
  return {
    requests,
    functions,
    layer: Layer.effect(LanguageModel.LanguageModel, LanguageModel.make(functions)),
    /** The messages of one request, from 0, as role and content. */
    messages: (index: number) => (requests[index]?.prompt.content ?? []).map(({ content, role }) => ({ role, content }))
  }
}

/** The results in the last message of a request. */
export const results = (request: LanguageModel.ProviderOptions | undefined) =>
  ((request?.prompt.content.at(-1)?.content ?? []) as ReadonlyArray<Prompt.Part>).flatMap((part) =>
    part.type === "tool-result"
      ? [{ id: part.id, name: part.name, isFailure: part.isFailure, result: part.result }]
      : []
  )

export const defects = (exit: Exit.Exit<unknown, unknown>): ReadonlyArray<unknown> =>
  Exit.isFailure(exit) ? exit.cause.reasons.flatMap((one) => (Cause.isDieReason(one) ? [one.defect] : [])) : []

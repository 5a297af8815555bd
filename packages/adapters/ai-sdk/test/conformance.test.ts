/** Recorded answers of real providers, through a server, the provider's package and the adapter. */
import { AiSdk } from "@aria/adapter-ai-sdk"
import type { LanguageModelV4, LanguageModelV4StreamPart } from "@ai-sdk/provider"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { type LanguageModel, Prompt, Response } from "effect/ai"
import { existsSync } from "node:fs"
import { type Answer, data, isNamed, type Sample, streams, wholeAnswers } from "./recorded.ts"
import { json, serve } from "./servers.ts"

/** Without the data these are skipped, and vitest says so; where ARIA_DATA names a folder that cannot be read, they fail. */
const skip = !isNamed && !existsSync(data)

const decodePart = Schema.decodeUnknownEffect(Response.Part())
const decodeStreamPart = Schema.decodeUnknownEffect(Response.StreamPart())
const asked = [{ role: "user" as const, content: [{ type: "text" as const, text: "go" }] }]

/** Tools that nobody offered are let through, as a program that runs its tools itself would. */
const call = (prompt: Prompt.Prompt) =>
  Effect.map(Effect.makeSpan("call"), (span): LanguageModel.ProviderOptions => ({
    prompt,
    tools: [],
    toolChoice: "auto",
    responseFormat: { type: "text" },
    span,
    previousResponseId: undefined,
    incrementalPrompt: undefined,
    toolCallValidation: "deferred"
  }))

const join = (parts: ReadonlyArray<Answer>, type: string, field: string): string =>
  parts
    .filter((part) => part.type === type)
    .map((part) => part[field])
    .join("")

/** Names and inputs; some providers have no ids for calls, and their packages make some up. */
const calls = (parts: ReadonlyArray<Answer>, name: string): ReadonlyArray<unknown> =>
  parts
    .filter(({ providerExecuted, type }) => type === "tool-call" && providerExecuted !== true)
    .map((part) => [part[name], part.params ?? (part.input === "" ? {} : JSON.parse(part.input))])

const metadataOf = (parts: ReadonlyArray<Answer>, type: string, field: string): ReadonlyArray<unknown> =>
  parts.filter((part) => part.type === type).map((part) => JSON.parse(JSON.stringify(part[field] ?? {})))

/** What the provider's package reads, on its own. */
const rawStream = (model: LanguageModelV4) =>
  Effect.promise(async () => {
    const parts: Array<LanguageModelV4StreamPart> = []
    try {
      const { stream } = await model.doStream({ prompt: asked })
      const reader = stream.getReader()
      for (let next = await reader.read(); !next.done; next = await reader.read()) parts.push(next.value)
    } catch (error) {
      parts.push({ type: "error", error })
    }
    return parts
  })

/** All differences are told together, each cut down to where it begins. */
const comparing = (differences: Array<string>, name: string) => (what: string, found: unknown, expected: unknown) => {
  const [a, b] = [JSON.stringify(found) ?? "", JSON.stringify(expected) ?? ""]
  if (a === b) return
  const start = Array.from(a).findIndex((_, index) => a[index] !== b[index])
  const from = Math.max(0, (start < 0 ? a.length : start) - 20)
  differences.push(`${name}: ${what} is ${a.slice(from, from + 80)}, expected ${b.slice(from, from + 80)}`)
}

const history = (parts: ReadonlyArray<Response.AnyPart>) =>
  Prompt.concat(Prompt.make("go"), Prompt.concat(Prompt.fromResponseParts(parts), Prompt.make("and now?")))

describe.skipIf(skip)("recorded answers", () => {
  it.live(
    "whole: the text, tokens and tool calls of each, all parts valid for effect, and a next turn that is sent",
    () =>
      Effect.gen(function* () {
        const samples = wholeAnswers()
        const differences: Array<string> = []
        for (const { answer, name, protocol } of samples) {
          const same = comparing(differences, name)
          const server = yield* serve((response) => json(response, answer))
          const provider = yield* AiSdk.provider(protocol.model(server.url))
          const encoded = yield* Effect.flatMap(call(Prompt.make("go")), provider.generateText)
          const parts = yield* Effect.forEach(encoded, (part) => decodePart(part))
          same("text", join(parts, "text", "text"), protocol.text(answer))
          const finish = parts.at(-1)
          if (finish?.type !== "finish") throw new Error(`${name} does not end with a finish part`)
          const { inputTokens, outputTokens } = finish.usage
          same("tokens", [inputTokens.total, outputTokens.total], protocol.tokens(answer))

          const raw = yield* Effect.promise(() =>
            Promise.resolve(protocol.model(server.url).doGenerate({ prompt: asked }))
          )
          same("tool calls", calls(parts, "name"), calls(raw.content, "toolName"))
          same("reasoning", join(parts, "reasoning", "text"), join(raw.content, "reasoning", "text"))
          for (const type of ["text", "reasoning"]) {
            same(
              `metadata of ${type}`,
              metadataOf(parts, type, "metadata"),
              metadataOf(raw.content, type, "providerMetadata")
            )
          }
          yield* Effect.exit(Effect.flatMap(call(history(parts)), provider.generateText))
          same("requests", server.requests.length, 3)
        }
        console.log(`recorded answers: ${samples.length} whole ones`)
        expect(differences).toEqual([])
        expect(samples.length).toBeGreaterThanOrEqual(75)
      }).pipe(Effect.scoped),
    60_000
  )

  it.live(
    "streamed: the same as the provider's package reads, or an error where it has one",
    () =>
      Effect.gen(function* () {
        const samples = streams()
        const score = { read: 0, failed: new Array<string>(), differences: new Array<string>() }
        for (const { body, name, protocol } of samples) yield* check({ body, name, protocol }, score)
        console.log(
          `recorded answers: ${samples.length} streams, ${score.read} read, ${score.failed.length} that have an error in them: ${score.failed.join("; ")}`
        )
        expect(score.differences).toEqual([])
        expect(samples.length).toBeGreaterThanOrEqual(85)
        expect(score.read).toBeGreaterThanOrEqual(82)
      }).pipe(Effect.scoped),
    60_000
  )
})

const check = Effect.fnUntraced(function* (
  { body, name, protocol }: Omit<Sample, "answer">,
  score: { read: number; readonly failed: Array<string>; readonly differences: Array<string> }
) {
  const same = comparing(score.differences, name)
  const server = yield* serve((response) => response.writeHead(200, { "content-type": "text/event-stream" }).end(body))
  const raw: ReadonlyArray<Answer> = yield* rawStream(protocol.model(server.url))
  const provider = yield* AiSdk.provider(protocol.model(server.url))
  const exit = yield* call(Prompt.make("go")).pipe(
    Effect.flatMap((options) => Stream.runCollect(provider.streamText(options))),
    Effect.exit
  )
  const finish = raw.findLast(({ type }) => type === "finish")
  const broken =
    raw.some(({ type }) => type === "error") || finish === undefined || finish.finishReason.unified === "interrupted"
  if (Exit.isFailure(exit) || broken) {
    same("failure", Exit.isFailure(exit), broken)
    score.failed.push(
      `${name}: ${Exit.isFailure(exit) ? String(exit.cause.reasons.map((reason) => "error" in reason && Object(reason.error).message)) : ""}`
    )
    return
  }
  const parts = yield* Effect.forEach(exit.value, (part) => decodeStreamPart(part))
  for (const type of ["text-delta", "reasoning-delta"]) {
    same(type, join(parts, type, "delta"), join(raw, type, "delta"))
  }
  same("tool inputs", join(parts, "tool-params-delta", "delta"), join(raw, "tool-input-delta", "delta"))
  same("tool calls", calls(parts, "name"), calls(raw, "toolName"))
  same(
    "metadata of reasoning",
    metadataOf(parts, "reasoning-end", "metadata"),
    metadataOf(raw, "reasoning-end", "providerMetadata")
  )
  const last = parts.at(-1)
  same("output tokens", last?.type === "finish" && last.usage.outputTokens.total, finish.usage.outputTokens.total)

  yield* Effect.exit(Effect.flatMap(call(history(parts)), provider.generateText))
  same("requests", server.requests.length, 3)
  score.read++
})

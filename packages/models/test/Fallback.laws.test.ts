import { Breaker, Fallback, Guarded, Limiter, RetryBudget } from "@aria/models"
import { Budget } from "@aria/orchestrator-core"
import { expect, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { AiError, LanguageModel } from "effect/ai"
import { TestClock } from "effect/testing"
import { broken, failure, lost, provider, text, textStream, tooMany, usage } from "./provider.ts"
import { random } from "./random.ts"

const refused = failure(new AiError.ContentPolicyError({ description: "no" }))

/** What a model does when it is asked; `cut` begins to answer where it streams, and is lost otherwise. */
type Turn = "ok" | "lost" | "broken" | "refused" | "throttled" | "cut" | number

const errorOf = (turn: Exclude<Turn, "ok">): AiError.AiError =>
  typeof turn === "number" ? tooMany(turn) : { lost, broken, refused, throttled: tooMany(), cut: lost }[turn]

/** What is expected of all calls, one after the other: the rules of `Fallback.make`, without any of its machinery. */
const reference = (count: number) => {
  const rests = Array.from({ length: count }, () => 0)
  const throttles = Array.from({ length: count }, () => 0)
  return (now: number, isStream: boolean, turn: (model: number) => Turn): string => {
    const all = rests.map((_, index) => index)
    const awake = all.filter((index) => rests[index]! <= now)
    const soonest = all.reduce((a, b) => (rests[b]! < rests[a]! ? b : a))
    let last = ""
    for (const index of awake.length === 0 ? [soonest] : awake) {
      const one = turn(index)
      if (one === "ok") {
        rests[index] = throttles[index] = 0
        return `ok ${index}`
      }
      if (one === "throttled" || typeof one === "number") {
        const isFirst = rests[index]! <= now
        const streak = isFirst ? throttles[index]! : Math.max(0, throttles[index]! - 1)
        const millis = one === "throttled" ? Math.min(64_000, 1_000 * 2 ** streak) : Math.min(one, 3_600_000)
        if (isFirst) throttles[index]!++
        rests[index] = Math.max(rests[index]!, now + millis)
      }
      last = errorOf(one).reason._tag
      if (one === "refused" || (isStream && one === "cut")) break
    }
    return last
  }
}

const met = { calls: 0, fallbacks: 0, rests: 0, cuts: 0, failures: 0 }

const inOrder = Effect.fnUntraced(function* (seed: number) {
  const { int, maybe, pick } = random(seed)
  const count = int(1, 4)
  const log: Array<string> = []
  let script: ReadonlyArray<Turn> = []
  const models = yield* Effect.forEach(Array.from({ length: count }), (_, index) => {
    const turn = Effect.map(Clock.currentTimeMillis, (now) => {
      log.push(`${index} at ${now}`)
      return script[index]!
    })
    const functions = provider({
      generateText: Effect.flatMap(turn, (one) =>
        one === "ok" ? Effect.succeed(text("hi", usage(1, 1))) : Effect.fail(errorOf(one))
      ),
      streamText: Stream.unwrap(
        Effect.map(turn, (one) => {
          if (one === "ok") return Stream.fromIterable(textStream("hi", usage(1, 1)))
          const error = Stream.fail(errorOf(one))
          return one === "cut" ? Stream.concat(Stream.fromIterable(textStream("hi")), error) : error
        })
      )
    })
    return Effect.map(LanguageModel.make(functions), (model) => ({ name: String(index), model }))
  })
  const [first, ...others] = models
  const model = yield* Fallback.make([first!, ...others])
  const expected = reference(count)
  for (let call = 0; call < 12; call++) {
    yield* TestClock.adjust(pick([0, 1, 500, 1_000, 2_500, 30_000, 4_000_000]))
    const now = yield* Clock.currentTimeMillis
    const isStream = maybe()
    script = Array.from({ length: count }, (): Turn =>
      pick(["ok", "lost", "broken", "refused", "throttled", "cut", int(0, 40_000), 5_000_000])
    )
    const expectedLog: Array<string> = []
    const outcome = expected(now, isStream, (index) => {
      expectedLog.push(`${index} at ${now}`)
      return script[index]!
    })
    log.length = 0
    const parts = isStream
      ? Stream.runCollect(model.streamText({ prompt: "hi" }))
      : Effect.map(model.generateText({ prompt: "hi" }), ({ content }) => content)
    const happened = yield* Effect.match(
      Effect.map(parts as Effect.Effect<ReadonlyArray<{ readonly type: string }>, AiError.AiError>, Fallback.answered),
      {
        onSuccess: (answer) => `ok ${Option.getOrThrow(answer).model}`,
        onFailure: ({ reason }) => reason._tag
      }
    )
    expect(`seed ${seed}, call ${call}: ${happened}`).toBe(`seed ${seed}, call ${call}: ${outcome}`)
    expect(log).toEqual(expectedLog)
    met.calls++
    if (log.length > 1) met.fallbacks++
    if (log.length < count && outcome.startsWith("ok") && !outcome.endsWith(String(log.length - 1))) met.rests++
    if (isStream && script.includes("cut")) met.cuts++
    if (!outcome.startsWith("ok")) met.failures++
  }
})

it.effect(
  "any models, any failures, any times: who is asked, when, and what comes of it",
  () =>
    Effect.gen(function* () {
      for (let seed = 1; seed <= 600; seed++) yield* inOrder(seed)
      expect(Object.entries(met).filter(([, times]) => times < 300)).toEqual([])
    }),
  60_000
)

const usedIn = { calls: 0, fallbacks: 0, refused: 0 }

const together = Effect.fnUntraced(function* (seed: number) {
  const { int, maybe, pick } = random(seed)
  const count = int(2, 4)
  const agents = int(1, pick([5, 50, 200]))
  const limit = pick([500, 5_000, 1_000_000])
  let counted = 0
  /** By prompt: one for each call. */
  const asked = new Map<string, Array<number>>()
  const layers = Array.from({ length: count }, (_, index) => {
    const turn = (prompt: string) =>
      Effect.suspend(() => {
        const one: Turn = pick(["ok", "ok", "lost", "broken", "refused", "throttled", int(0, 100_000)])
        asked.set(prompt, [...(asked.get(prompt) ?? []), index])
        const tokens = one === "ok" ? int(1, 150) : typeof one === "number" || one === "throttled" ? 0 : 150
        return Effect.andThen(
          Effect.sleep(int(0, 2_000)),
          Effect.suspend(() => {
            counted += tokens
            return one === "ok"
              ? Effect.succeed(text("hi", usage(Math.min(tokens, 100), Math.max(0, tokens - 100))))
              : Effect.fail(errorOf(one))
          })
        )
      })
    return Guarded.layer(
      {
        maxOutputTokens: 50,
        retry: { times: 0 },
        counter: { request: () => Effect.succeed(100), texts: () => Effect.succeed(0) }
      },
      {
        provider: String(index),
        model: "m",
        generateText: ({ prompt }) => turn(JSON.stringify(prompt.content)),
        streamText: () => Stream.empty
      }
    )
  })
  const [first, ...others] = layers
  const problems: Array<string> = []
  const call = (index: number) =>
    LanguageModel.generateText({ prompt: `call ${index}` }).pipe(Effect.ignore, Effect.delay(int(0, 10_000)))
  const program = Effect.gen(function* () {
    yield* Effect.forEach(Array.from({ length: agents }), (_, index) => call(index), {
      concurrency: "unbounded",
      discard: true
    })
    const [region] = yield* Budget.capture
    if (region!.usage.tokens !== counted) problems.push(`${region!.usage.tokens} tokens are used, ${counted} were told`)
    if (region!.held.tokens !== 0 || region!.held.calls !== 0) problems.push("something is held at the end")
    if (region!.usage.tokens > limit) problems.push("more was used than the limit")
  }).pipe(
    Budget.limit({ tokens: limit }),
    Effect.catchTag("BudgetExceededError", () => Effect.sync(() => void usedIn.refused++)),
    Effect.provide(
      Fallback.layer([first!, ...others]).pipe(
        Layer.provide([
          Limiter.layer({ provider: { "*": { concurrency: int(1, 20), ...(maybe() && { requestsPerMinute: 60 }) } } }),
          RetryBudget.layer(),
          Breaker.layerMemory({ failures: int(1, 5) })
        ])
      )
    )
  )
  const fiber = yield* Effect.forkChild(program)
  for (let minutes = 0; minutes < 3_000 && fiber.pollUnsafe() === undefined; minutes++)
    yield* TestClock.adjust("1 minute")
  if (fiber.pollUnsafe() === undefined) problems.push("it does not end")
  yield* Fiber.interrupt(fiber)
  for (const [prompt, order] of asked) {
    usedIn.calls++
    if (order.length > 1) usedIn.fallbacks++
    if (order.some((model, index) => index > 0 && model <= order[index - 1]!))
      problems.push(`${prompt}: ${order.join()}`)
  }
  expect(problems.map((problem) => `seed ${seed}: ${problem}`)).toEqual([])
})

it.effect(
  "1 to 200 agents at once through guarded models: each asks a model once, in order; what was used adds up, nothing is held",
  () =>
    Effect.gen(function* () {
      for (let seed = 1; seed <= 120; seed++) yield* together(seed)
      expect(Object.entries(usedIn).filter(([, times]) => times < 10)).toEqual([])
    }),
  60_000
)

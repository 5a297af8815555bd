import { ModelAgent, type TokenCount } from "@aria/models"
import { Agent, Receipt, Run } from "@aria/orchestrator-core"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { type Prompt, type Response, Tool, Toolkit } from "effect/ai"
import { journal } from "./modelAgentJournal.ts"
import { call, ends, model, says, turn, type Turn } from "./modelAgentScript.ts"
import { random } from "./random.ts"

const seeds = Number(process.env["ARIA_SEEDS"] ?? 1_000)

const Work = Tool.make("work", {
  parameters: Schema.Struct({ id: Schema.String, yields: Schema.Int }),
  success: Schema.String
})
const Lose = Tool.make("lose", {
  parameters: Schema.Struct({ id: Schema.String }),
  success: Schema.String,
  failure: Schema.String,
  failureMode: "return"
})
const Stop = Tool.make("stop", {
  parameters: Schema.Struct({ id: Schema.String }),
  success: Schema.String,
  failure: Schema.Struct({ stopped: Schema.String })
})
const Tools = Toolkit.make(Work, Lose, Stop)

class Doer extends Agent.make("Doer", {
  description: "Does",
  payload: {},
  success: { result: Schema.Int },
  error: Schema.Union([ModelAgent.Failure, Schema.Struct({ stopped: Schema.String })])
}) {}

type Kind = "work" | "lose" | "stop" | "unknown" | "badParams" | "goodAnswer" | "badAnswer"
interface Scripted {
  readonly finish: Response.FinishReason
  readonly text: boolean
  readonly calls: ReadonlyArray<{ readonly kind: Kind; readonly id: string }>
}
interface Case {
  readonly turns: ReadonlyArray<Scripted>
  readonly maxTurns: number
  readonly maxRepairs: number
  readonly concurrency: number | "unbounded"
  /** How many messages fit. */
  readonly window: number | undefined
}

const kinds: ReadonlyArray<Kind> = [
  "work",
  "work",
  "work",
  "work",
  "lose",
  "lose",
  "stop",
  "unknown",
  "badParams",
  "goodAnswer",
  "badAnswer"
]

const makeCase = (seed: number): Case => {
  const { int, maybe, pick } = random(seed)
  let id = 0
  const turns = Array.from({ length: int(1, 9) }, (): Scripted => ({
    finish: pick<Response.FinishReason>([
      "tool-calls",
      "tool-calls",
      "tool-calls",
      "tool-calls",
      "tool-calls",
      "stop",
      "stop",
      "length",
      "pause",
      "content-filter"
    ]),
    text: maybe(),
    calls: Array.from({ length: pick([0, 1, 1, 1, 2, 2, 3, 5]) }, () => ({ kind: pick(kinds), id: `c${++id}` }))
  }))
  return {
    turns,
    maxTurns: int(1, 9),
    maxRepairs: int(0, 3),
    concurrency: pick([1, 2, 3, "unbounded"] as const),
    // System, question, note, and the largest turn of two messages: that much always fits.
    window: maybe(0.4) ? int(5, 12) : undefined
  }
}

const partOf = ({ id, kind }: Scripted["calls"][number], seed: number): Response.PartEncoded => {
  switch (kind) {
    case "work":
      return call("work", { id, yields: (seed + id.length * 7 + Number(id.slice(1))) % 5 }, id)
    case "badParams":
      return call("work", { id: 7 }, id)
    case "unknown":
      return call("nothing", { id }, id)
    case "goodAnswer":
      return call("answer", { result: 1 }, id)
    case "badAnswer":
      return call("answer", { result: "one" }, id)
    default:
      return call(kind, { id }, id)
  }
}
const scriptOf = ({ turns }: Case, seed: number): ReadonlyArray<Turn> => [
  ...turns.map(({ calls, finish, text }) =>
    ends(finish, ...(text ? [says("Hm.")] : []), ...calls.map((one) => partOf(one, seed)))
  ),
  // Whatever comes after the script ends the work.
  ...Array.from({ length: 12 }, () => turn(call("answer", { result: 2 }, "last")))
]

/** What has to come of a case: how it ends, after how many requests, and which tools were run in each turn. */
const oracle = ({
  maxRepairs,
  maxTurns,
  turns
}: Case): { readonly end: string; readonly requests: number; readonly run: ReadonlySet<string> } => {
  const run = new Set<string>()
  let repairs = 0
  let isTold = false
  for (let number = 1; number <= maxTurns; number++) {
    const scripted = turns[number - 1]
    const end = (tag: string) => ({ end: tag, requests: number, run })
    if (scripted === undefined) return end("2")
    const has = (...wanted: ReadonlyArray<Kind>) => scripted.calls.some(({ kind }) => wanted.includes(kind))
    const count = scripted.calls.length
    if (scripted.finish === "content-filter") return end("ModelCallError")
    const isCut = scripted.finish === "length"
    if (!isCut && has("unknown")) {
      if (isTold) return end("UnknownToolError")
      isTold = true
    }
    const onlyAnswers = count > 0 && scripted.calls.every(({ kind }) => kind === "goodAnswer" || kind === "badAnswer")
    if (!isCut && count === 1 && has("goodAnswer")) return end("1")
    if (!isCut && count === 0 && scripted.finish === "pause") continue
    if (isCut || count === 0 || onlyAnswers) {
      if (repairs === maxRepairs || number === maxTurns) return end("InvalidAnswerError")
      repairs++
      continue
    }
    for (const { id, kind } of scripted.calls) if (kind === "work" || kind === "lose" || kind === "stop") run.add(id)
    if (has("stop")) return end("stopped")
  }
  return { end: "MaxTurnsExceededError", requests: maxTurns, run }
}

const perform = (chosen: Case, seed: number, script: ReadonlyArray<Turn> = scriptOf(chosen, seed)) => {
  const scripted = model(script)
  const ran: Array<string> = []
  const load = { now: 0, most: 0 }
  const busy = <A, E>(id: string, yields: number, effect: Effect.Effect<A, E>) =>
    Effect.gen(function* () {
      ran.push(id)
      load.most = Math.max(load.most, ++load.now)
      for (let index = 0; index < yields; index++) yield* Effect.yieldNow
      return yield* effect
    }).pipe(
      Effect.ensuring(
        Effect.sync(() => {
          load.now--
        })
      )
    )
  const handlers = Tools.toLayer({
    work: ({ id, yields }) => busy(id, yields, Effect.succeed(`did ${id}`)),
    lose: ({ id }) => busy(id, 1, Effect.fail(`lost ${id}`)),
    stop: ({ id }) => busy(id, 2, Effect.fail({ stopped: id }))
  })
  const { concurrency, maxRepairs, maxTurns, window } = chosen
  const counter: TokenCount.TokenCount = {
    request: ({ prompt }) => Effect.succeed(prompt.content.length),
    texts: () => Effect.succeed(0)
  }
  const run = Effect.flatMap(
    ModelAgent.make(Doer, {
      instructions: "Do.",
      toolkit: Tools,
      maxTurns,
      maxRepairs,
      concurrency,
      ...(window === undefined ? {} : { contextWindow: { maxTokens: window, counter } })
    }),
    (handle) => handle({})
  ).pipe(Effect.provide(Layer.merge(handlers, scripted.layer)))
  return { run, ran, load, requests: scripted.requests }
}

const endOf = (exit: Exit.Exit<{ readonly result: number }, unknown>): string => {
  if (Exit.isSuccess(exit)) return String(exit.value.result)
  const [reason] = exit.cause.reasons
  if (reason?._tag !== "Fail") return `unexpected: ${String(exit.cause)}`
  const error = reason.error as { readonly _tag?: string }
  return error._tag ?? "stopped"
}

const idsOf = (message: Prompt.Message | undefined, type: "tool-call" | "tool-result"): ReadonlyArray<string> =>
  message === undefined || typeof message.content === "string"
    ? []
    : (message.content as ReadonlyArray<Prompt.Part>).flatMap((part) =>
        part.type === type && "id" in part ? [`${part.name} ${part.id}`] : []
      )

/** No call without its result, no result without its call, each in its place. */
const expectPaired = (messages: ReadonlyArray<Prompt.Message>) => {
  for (const [index, message] of messages.entries()) {
    if (message.role === "assistant")
      expect(idsOf(messages[index + 1], "tool-result")).toStrictEqual(idsOf(message, "tool-call"))
    if (message.role === "tool") expect(messages[index - 1]?.role).toBe("assistant")
  }
}

/** What every request has to be, whatever the script. */
const expectLawful = ({ window }: Case, requests: ReturnType<typeof perform>["requests"]) => {
  for (const [index, { prompt }] of requests.entries()) {
    const messages = prompt.content
    expect(messages.slice(0, 2).map(({ role }) => role)).toStrictEqual(["system", "user"])
    expectPaired(messages)
    const before = requests[index - 1]?.prompt.content
    if (before === undefined) continue
    if (window === undefined) {
      expect(messages.slice(0, before.length)).toStrictEqual(before)
      continue
    }
    expect(messages.length).toBeLessThanOrEqual(window)
    // What is kept of the earlier turns is their end, and the note says that there was more.
    const isNoted = JSON.stringify(messages[2]?.content ?? null).includes("left out.]")
    const kept = messages.slice(isNoted ? 3 : 2)
    const overlap = kept.filter((message) => before.includes(message))
    expect(overlap).toStrictEqual(overlap.length === 0 ? [] : before.slice(-overlap.length))
  }
}

const check = (seed: number): Effect.Effect<void> =>
  Effect.gen(function* () {
    const chosen = makeCase(seed)
    const expected = oracle(chosen)
    const { load, ran, requests, run } = perform(chosen, seed)
    const exit = yield* Effect.exit(run)
    expect(endOf(exit)).toBe(expected.end)
    expect(requests).toHaveLength(expected.requests)
    expectLawful(chosen, requests)
    // A tool that ends the agent may come before its siblings have begun.
    if (expected.end === "stopped") for (const id of ran) expect(expected.run).toContain(id)
    else expect(ran.toSorted()).toStrictEqual([...expected.run].toSorted())
    expect(new Set(ran).size).toBe(ran.length)
    if (chosen.concurrency !== "unbounded") expect(load.most).toBeLessThanOrEqual(chosen.concurrency)
    expect(load.now).toBe(0)
  })

/** The order of fields is not the same in what was stored. */
const fingerprint = ({ prompt }: { readonly prompt: Prompt.Prompt }): string =>
  Receipt.hashOf(JSON.parse(JSON.stringify(prompt.content)))

/** The same work in several lives, each ended at a random write; what is stored is not asked for and not run again. */
const checkCrashes = (seed: number): Effect.Effect<void> =>
  Effect.gen(function* () {
    const chosen = makeCase(seed)
    const { int, pick } = random(seed + 1_000_000)
    const whole = perform(chosen, seed)
    const end = endOf(yield* Effect.exit(whole.run))
    const kept = journal()
    const info: Run.Info = {
      runId: "r",
      rootRunId: "r",
      path: [],
      taskId: "t",
      agent: "A",
      agents: ["A"],
      attempt: 1,
      userId: "u",
      tags: {},
      deadline: undefined
    }
    const asked: Array<string> = []
    const ran: Array<string> = []
    let lives = 0
    for (;;) {
      const turns = [...kept.stored.keys()].filter((path) => /turn \d+$/.test(path)).length
      const life = perform(chosen, seed, scriptOf(chosen, seed).slice(turns))
      const isLast = ++lives > 4
      if (!isLast) kept.crashAt(int(1, 4), pick(["before", "after"]))
      const exit = yield* Effect.exit(Effect.provideService(kept.provide(life.run), Run.Current, Option.some(info)))
      asked.push(...life.requests.map(fingerprint))
      ran.push(...life.ran)
      const isCrashed =
        Exit.isFailure(exit) &&
        exit.cause.reasons.some(({ _tag }) => _tag === "Interrupt") &&
        !exit.cause.reasons.some(({ _tag }) => _tag === "Fail")
      if (!isCrashed) {
        expect(endOf(exit)).toBe(end)
        break
      }
      expect(isLast).toBe(false)
    }
    // Each life asks again for at most the one turn whose end was not stored; all ask what one life would have asked.
    expect(asked.length).toBeLessThan(whole.requests.length + lives)
    expect([...new Set(asked)].toSorted()).toStrictEqual([...new Set(whole.requests.map(fingerprint))].toSorted())
    for (const id of new Set(ran)) expect(ran.filter((other) => other === id).length).toBeLessThanOrEqual(lives)
  })

const all = (count: number, law: (seed: number) => Effect.Effect<void>) =>
  Effect.forEach(
    Array.from({ length: count }, (_, seed) => seed),
    (seed) =>
      Effect.catchCause(law(seed), (cause) =>
        Effect.die(new Error(`seed ${seed}: ${String(cause)}\n${JSON.stringify(makeCase(seed))}`))
      ),
    { discard: true }
  )

describe("laws of the loop, over random scripts", () => {
  it.effect(
    "ends as it has to, pairs each call with its result, runs each call once, and keeps to its limits",
    () => all(seeds, check),
    60_000
  )
  it.effect(
    "comes to the same end over any crashes, and does nothing again that is stored",
    () => all(Math.ceil(seeds / 4), checkCrashes),
    60_000
  )
})

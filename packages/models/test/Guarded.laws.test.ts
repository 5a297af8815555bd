import { Breaker, Guarded, Limiter, Metered, RetryBudget, type TokenCount } from "@aria/models"
import { Agent, Budget, Orchestrator, Plan, Run, Task } from "@aria/orchestrator-core"
import { describe, expect, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { type AiError, LanguageModel, type Response, Tool, Toolkit } from "effect/ai"
import { TestClock } from "effect/testing"
import { broken, finish, lost, tooMany, unsendable, usage } from "./provider.ts"
import { random } from "./random.ts"

const minute = 60_000
const outputLimit = 50
const price = { input: 3, output: 7 }

/** One request, as the provider has seen it. */
interface Exchange {
  readonly provider: string
  readonly user: string
  readonly reserved: number
  readonly startedAt: number
  /** What it counts: reserved until its end, then what is known of it. */
  counts: number
  extra: { readonly at: number; readonly tokens: number } | undefined
  wasSent: boolean
  ended: boolean
}

class Node extends Agent.make("Node", {
  description: "Calls models and other agents",
  payload: { seed: Schema.Int, depth: Schema.Int, level: Schema.Int },
  success: Schema.Void
}) {}

const Look = Tool.make("look", { parameters: Schema.Struct({ seed: Schema.Int }), success: Schema.String })
const kit = Toolkit.make(Look)

/** The size of a prompt is in its text, so that each call reserves another amount. */
const counter: TokenCount.TokenCount = {
  request: ({ prompt }) => Effect.sync(() => Number(/"text":"(\d+)"/.exec(JSON.stringify(prompt.content))?.[1] ?? 10)),
  texts: () => Effect.succeed(0)
}

/** What was met in all programs: a law that nothing ever touches proves nothing. */
const totals = { exchanges: 0, looks: 0, retries: 0, overruns: 0, cancelled: 0, refused: 0, crowds: 0, deep: 0 }

const check = Effect.fnUntraced(function* (seed: number) {
  const { int, maybe, pick } = random(seed)
  const problems: Array<string> = []
  const fail = (what: string): void => {
    problems.push(`seed ${seed}: ${what}`)
  }
  const rates = (): Limiter.Rates => ({
    ...(maybe(0.4) && { concurrency: int(1, 6) }),
    ...(maybe(0.5) && { requestsPerMinute: int(2, pick([6, 60])) }),
    ...(maybe(0.5) && { tokensPerMinute: int(200, pick([400, 4_000])) })
  })
  /** One permit and one lane for all, and tools of streams that call agents whose models stream, three deep. */
  const isDeep = maybe(0.1)
  const limits: Limiter.Options = {
    ...(isDeep ? { global: { concurrency: 1 } } : maybe() && { global: rates() }),
    provider: { a: rates(), "*": rates() },
    ...(maybe() && { user: { "*": rates() } }),
    ...(maybe(0.2) && { agent: { "*": rates() } })
  }
  const retry: Required<Record<"ratio" | "burst" | "perRun", number>> = {
    ratio: pick([0, 0.2, 1]),
    burst: int(1, 10),
    perRun: int(1, 30)
  }
  const budget: Budget.Limits = {
    ...(maybe(0.7) && { tokens: int(200, pick([1_000, 200_000])) }),
    ...(maybe(0.3) && { calls: int(1, 300) }),
    ...(maybe(0.3) && { usd: int(1_000, 1_000_000) / 1e6 })
  }
  const exchanges: Array<Exchange> = []
  /** An attempt that is made again has the prompt of the first one. */
  const prompts = new Set<unknown>()
  /** The law of budgets, for all regions and tasks around the one that looks. */
  const look = Effect.map(Budget.capture, (budgets) => {
    totals.looks++
    for (const { held, limits: most, name, overrun, owner, usage: used } of budgets) {
      for (const dimension of ["tokens", "calls", "usd"] as const) {
        const limit = most[dimension]
        if (held[dimension] < -1e-9) fail(`${owner} ${name}: ${held[dimension]} ${dimension} held`)
        if (limit !== undefined && used[dimension] + held[dimension] > limit + overrun[dimension] + 1e-9) {
          fail(
            `${owner} ${name}: ${used[dimension]} ${dimension} used and ${held[dimension]} held of ${limit} with ${overrun[dimension]} overrun`
          )
        }
      }
    }
  })
  const limiter = yield* Limiter.make(limits)
  /** Reservations are made before the limiter is asked, and settled before it is left: so it is looked at there. */
  const watched = Limiter.Limiter.of({
    ...limiter,
    withPermit: (request, body) =>
      Effect.andThen(
        look,
        limiter.withPermit(request, (permit) =>
          body({
            ...permit,
            settle: (tokens) => Effect.andThen(look, Effect.andThen(permit.settle(tokens), look)),
            release: Effect.andThen(permit.release, look)
          })
        )
      )
  })
  const services = yield* Layer.build(
    Layer.mergeAll(
      Layer.succeed(Limiter.Limiter, watched),
      RetryBudget.layer(retry),
      Breaker.layerMemory({ failures: 4, openDuration: "20 seconds" })
    )
  )

  /** Looks at everything in the instant of a request. */
  const watch = Effect.fnUntraced(function* (provider: string, reserved: number) {
    const run = yield* Run.Current
    const user = run._tag === "Some" ? run.value.userId : "anonymous"
    const now = yield* Clock.currentTimeMillis
    const exchange: Exchange = {
      provider,
      user,
      reserved,
      startedAt: now,
      counts: reserved,
      extra: undefined,
      wasSent: true,
      ended: false
    }
    exchanges.push(exchange)
    yield* look
    const lanes: ReadonlyArray<readonly [string, Limiter.Rates, (one: Exchange) => boolean]> = [
      ["global", limits.global ?? {}, () => true],
      [
        `provider ${provider}`,
        limits.provider?.[provider] ?? limits.provider?.["*"] ?? {},
        (one) => one.provider === provider
      ],
      [`user ${user}`, limits.user?.["*"] ?? {}, (one) => one.user === user],
      // All are of one agent, which counts once although it calls itself.
      ["agent Node", limits.agent?.["*"] ?? {}, () => true]
    ]
    for (const [
      lane,
      { concurrency = Infinity, requestsPerMinute = Infinity, tokensPerMinute = Infinity },
      isIn
    ] of lanes) {
      let flying = 0
      let requests = 0
      let tokens = 0
      for (const one of exchanges) {
        if (!isIn(one)) continue
        if (!one.ended) flying++
        if (one.wasSent && now - one.startedAt <= minute) {
          requests++
          tokens += one.counts
        }
      }
      if (flying > concurrency) fail(`${flying} of ${concurrency} at once in ${lane}`)
      if (requests > requestsPerMinute) fail(`${requests} of ${requestsPerMinute} requests in a minute in ${lane}`)
      // Between its admission and its start a call may wait for its permit; what others overran by then was not known.
      const late = exchanges.reduce(
        (sum, { extra }) => (extra !== undefined && now - extra.at <= minute ? sum + extra.tokens : sum),
        0
      )
      if (tokens > tokensPerMinute)
        fail(`${tokens} of ${tokensPerMinute} tokens in a minute in ${lane}, beside ${late}`)
    }
    return exchange
  })

  /** A provider that is slow, fails, cuts streams, and reports what it likes. */
  const hostile = (provider: string): Metered.Functions => {
    const answer = (request: Metered.RequestOptions, exchange: Exchange, canCall: boolean) =>
      Effect.gen(function* () {
        const reservedOutput = request.maxOutputTokens ?? 0
        if (reservedOutput !== outputLimit) fail(`the provider was told ${reservedOutput}`)
        yield* Effect.sleep(maybe(0.3) ? 0 : int(0, maybe(0.1) ? 90_000 : 5_000))
        const input = exchange.reserved - outputLimit
        const fate = int(0, 99)
        const at = yield* Clock.currentTimeMillis
        const reject = (error: AiError.AiError, counts: number, wasSent = true) => {
          exchange.counts = counts
          exchange.wasSent = wasSent
          return Effect.fail(error)
        }
        if (fate < 8) return yield* reject(tooMany(maybe() ? int(1, 40_000) : undefined), 0)
        if (fate < 14) return yield* reject(pick([lost, broken]), exchange.reserved)
        if (fate < 18) return yield* reject(unsendable, 0, false)
        if (fate < 20) return yield* Effect.die("a bug in the provider")
        if (fate < 22) return yield* Effect.never
        const reported = fate < 30 ? undefined : usage(int(0, input), int(0, fate < 36 ? 400 : outputLimit))
        if (reported !== undefined) {
          const total = reported.inputTokens.total! + reported.outputTokens.total!
          exchange.counts = Math.min(total, exchange.reserved)
          if (total > exchange.reserved) exchange.extra = { at, tokens: total - exchange.reserved }
        }
        const call: Response.ToolCallPartEncoded = {
          type: "tool-call",
          id: "1",
          name: "look",
          params: { seed: int(0, 1e6) },
          providerExecuted: false
        }
        return {
          call: canCall && (isDeep || maybe(0.3)) ? [call] : [],
          end: reported === undefined ? [] : [finish(reported)]
        }
      })
    const begin = (request: Metered.RequestOptions) =>
      Effect.flatMap(counter.request(request), (input) => {
        prompts.add(request.prompt)
        return watch(provider, input + outputLimit)
      })
    const ended = (exchange: Exchange) =>
      Effect.sync(() => {
        exchange.ended = true
      })
    return {
      provider,
      model: "one",
      generateText: (request) =>
        Effect.flatMap(begin(request), (exchange) =>
          Effect.map(
            answer(request, exchange, request.tools.length > 0),
            ({ call, end }): Array<Response.PartEncoded> => [...call, ...end]
          ).pipe(Effect.ensuring(ended(exchange)))
        ),
      streamText: (request) =>
        Stream.unwrap(
          Effect.map(begin(request), (exchange) => {
            const first: ReadonlyArray<Response.StreamPartEncoded> = maybe()
              ? [
                  { type: "text-start", id: "1" },
                  { type: "text-end", id: "1" }
                ]
              : []
            const rest = Stream.unwrap(
              Effect.map(
                Effect.mapError(answer(request, exchange, request.tools.length > 0), (error) => {
                  // An answer has begun: whatever the error says, it was sent and worked on.
                  if (first.length > 0) {
                    exchange.wasSent = true
                    exchange.counts = exchange.reserved
                  }
                  return error
                }),
                ({ call, end }) => Stream.fromIterable<Response.StreamPartEncoded>([...call, ...end])
              )
            )
            return Stream.concat(Stream.fromIterable(first), rest).pipe(Stream.ensuring(ended(exchange)))
          })
        )
    }
  }

  const models: Array<LanguageModel.LanguageModel> = []
  for (const provider of ["a", "b"]) {
    models.push(
      yield* Effect.flatMap(
        Guarded.provider(
          { counter, maxOutputTokens: outputLimit, prices: { "a/one": price, "b/one": price }, retry: { times: 2 } },
          hostile(provider)
        ),
        LanguageModel.make
      ).pipe(Effect.provide(services))
    )
  }
  let firstCalls = 0

  const cap = isDeep ? 1 : pick([1, 2, 10, 300])
  const handler = ({
    depth,
    level,
    seed: own
  }: {
    readonly depth: number
    readonly level: number
    readonly seed: number
  }): Effect.Effect<void, never, Orchestrator.Orchestrator | Agent.Handler<"Node">> =>
    Effect.gen(function* () {
      const mine = random(own)
      if (isDeep && level === 3) totals.deep++
      const context = yield* Effect.context<Orchestrator.Orchestrator | Agent.Handler<"Node">>()
      for (let index = isDeep ? mine.int(1, 2) : mine.int(0, 3); index > 0; index--) {
        const model = mine.pick(models)
        const prompt = String(mine.int(1, 60))
        firstCalls++
        const isStream = isDeep || mine.maybe()
        const tools = kit.toLayer({
          look: ({ seed: next }) =>
            Effect.as(
              depth === 0
                ? Effect.void
                : Effect.provide(call(depth - 1, next, isStream && level >= 0 ? level + 1 : -1), context),
              "seen"
            )
        })
        const asked: Effect.Effect<unknown, unknown, any> = isStream
          ? Stream.runDrain(model.streamText({ prompt, toolkit: kit }))
          : model.generateText({ prompt, toolkit: kit })
        yield* Effect.ignoreCause(
          asked.pipe(Effect.provide(tools), Effect.timeout(mine.int(1, 10) * minute))
        ) as Effect.Effect<void>
        yield* look
        if (mine.maybe(0.3)) yield* Effect.sleep(mine.int(0, 20_000))
      }
      if (depth > 0 && mine.maybe(0.4)) yield* Effect.ignore(call(depth - 1, mine.int(0, 1e6), -1))
    })

  /** A nested run of some agents. */
  const call = (
    depth: number,
    own: number,
    level: number
  ): Effect.Effect<void, never, Orchestrator.Orchestrator | Agent.Handler<"Node">> =>
    Effect.asVoid(
      Orchestrator.run(
        Plan.make("nested", [
          Task.forEach("nodes", Node, {
            items: () =>
              Array.from({ length: random(own).int(1, 3) }, (_, index) => ({ seed: own + index, depth, level })),
            key: ({ seed: key }) => String(key)
          })
        ])
      )
    )

  const agents = isDeep ? int(1, 3) : maybe(0.05) ? 200 : maybe(0.05) ? int(13, 199) : int(1, 12)
  if (agents > 12) totals.crowds++
  const plan = Plan.make("root", [
    Task.forEach("nodes", Node, {
      items: () =>
        Array.from({ length: agents }, (_, index) => ({
          seed: seed * 1_000 + index,
          depth: isDeep ? 3 : agents > 20 ? 0 : int(0, 3),
          level: 0
        })),
      key: ({ seed: key }) => String(key)
    })
  ])
  const program = Effect.gen(function* () {
    const fiber = yield* Effect.forkChild(Run.configure({ userId: pick(["ada", "eve"]) })(Orchestrator.run(plan)))
    const cancelAt = maybe(0.2) ? int(1, 20) : Infinity
    for (let step = 0; fiber.pollUnsafe() === undefined; step++) {
      if (step === cancelAt) yield* Effect.forkChild(Fiber.interrupt(fiber))
      if (step > 3_000) {
        fail("it never came to its end")
        break
      }
      yield* TestClock.adjust(int(1, 60_000))
    }
    const ending = yield* Fiber.await(fiber)
    if (ending._tag === "Failure") totals.cancelled++
    else if (
      ending.value.results.some((outcome) => outcome._tag === "failed" && String(outcome.error).includes("budget"))
    )
      totals.refused++
    const [region] = yield* Budget.capture
    if (region === undefined) return
    const { held, overrun, usage: used } = region
    if (held.tokens !== 0 || held.calls !== 0 || held.usd !== 0) fail(`${held.tokens} tokens are held at the end`)
    const expected = exchanges.reduce(
      (sum, { counts, extra, wasSent }) => (wasSent ? sum + counts + (extra?.tokens ?? 0) : sum),
      0
    )
    if (used.tokens !== expected) fail(`${used.tokens} tokens are in the books, ${expected} were used`)
    const sent = exchanges.filter(({ wasSent }) => wasSent).length
    if (used.calls !== sent) fail(`${used.calls} calls are in the books, ${sent} were made`)
    const extra = exchanges.reduce((sum, one) => sum + (one.extra?.tokens ?? 0), 0)
    if (overrun.tokens !== extra) fail(`${overrun.tokens} tokens of overrun are in the books, ${extra} were reported`)
  })
  const exit = yield* Effect.exit(
    program.pipe(
      Budget.limit({ tokens: 100_000_000 }),
      Effect.provide(
        Layer.provideMerge(Node.toLayer(handler), Orchestrator.layerWith({ concurrency: cap, runLimits: budget }))
      )
    ) as Effect.Effect<void, unknown>
  )
  if (exit._tag === "Failure") fail(`it ended with ${String(exit.cause)}`)
  const retries = exchanges.length - prompts.size
  if (retries > retry.burst + retry.ratio * firstCalls) fail(`${retries} retries after ${firstCalls} calls`)
  if (retries > retry.perRun) fail(`${retries} retries, ${retry.perRun} are allowed`)
  totals.exchanges += exchanges.length
  totals.retries += retries
  totals.overruns += exchanges.filter(({ extra }) => extra !== undefined).length
  const { lanes } = limiter
  for (const { inFlight, name, scope, waiting } of yield* lanes) {
    if (inFlight !== 0 || waiting !== 0) fail(`${scope} ${name} keeps ${inFlight} in flight and ${waiting} waiting`)
  }
  expect(problems.slice(0, 3)).toEqual([])
})

const seeds = Number(process.env["ARIA_SEEDS"] ?? 500)
const first = Number(process.env["ARIA_SEED"] ?? 0)

describe(`${seeds} random trees of runs against a hostile provider`, () => {
  for (let block = 0; block < 10; block++) {
    it.effect(
      `budgets, windows, retries and books hold, and it comes to its end (${block})`,
      () =>
        Effect.gen(function* () {
          for (let seed = first + block; seed < first + seeds; seed += 10) {
            yield* Effect.scoped(Effect.provide(check(seed), TestClock.layer()))
          }
        }),
      240_000
    )
  }
  it("met all of it", () => {
    for (const [name, met] of Object.entries(totals)) expect(met, name).toBeGreaterThan(seeds / 20)
  })
})

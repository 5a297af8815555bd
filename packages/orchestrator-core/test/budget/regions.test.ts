import * as Budget from "@aria/orchestrator-core/Budget"
import { assert, describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { ledgers, nothing, settled } from "./reserving.ts"

describe("Budget regions", () => {
  it.effect("count in every region around a call, and the tightest one decides", () =>
    Effect.gen(function* () {
      const inner = Effect.gen(function* () {
        yield* settled({ calls: 1, tokens: 30 }, { calls: 1, inputTokens: 20, outputTokens: 5 })
        expect(yield* Budget.remaining).toEqual({ tokens: 25, calls: 2, usd: Infinity })
        expect(yield* ledgers).toEqual([
          { name: "inner", tokens: 25, calls: 1, usd: 0, held: nothing, overrun: nothing },
          { name: "outer", tokens: 25, calls: 1, usd: 0, held: nothing, overrun: nothing }
        ])
      })
      const outer = Effect.gen(function* () {
        yield* inner.pipe(Budget.limit({ tokens: 50 }, { name: "inner" }))
        expect(yield* Budget.remaining).toEqual({ tokens: 75, calls: 2, usd: Infinity })
      })
      yield* outer.pipe(Budget.limit({ tokens: 100, calls: 3 }, { name: "outer" }))
      expect(yield* Budget.remaining).toEqual({ tokens: Infinity, calls: Infinity, usd: Infinity })
    })
  )

  it.effect("a refusal ends the region that owns the limit, its finalizers run, and the error is a sentence", () =>
    Effect.gen(function* () {
      const ended: Array<string> = []
      const asking = (name: string) =>
        settled({ calls: 1, tokens: 200 }, {}).pipe(
          Effect.andThen(Effect.sync(() => ended.push("returned"))),
          Effect.onInterrupt(() => Effect.sync(() => ended.push(`${name} interrupted`)))
        )
      const error = yield* Effect.flip(
        asking("inner").pipe(Budget.limit({ tokens: 100 }, { name: "inner" }), Budget.limit({ tokens: 1_000 }, { name: "outer" }))
      )
      assert(error._tag === "BudgetExceededError")
      expect({ ...error }).toMatchObject({ owner: "region", scope: "inner", dimension: "tokens", limit: 100, used: 0, held: 0, requested: 200 })
      expect(error.message).toBe('The budget of the region "inner" is 100 tokens: 0 used and 0 held, 200 more were asked for; one call may take more than all of it: raise the limit, or bound the call, as by fewer output tokens')
      expect(ended).toEqual(["inner interrupted"])

      // The outer one owns the limit: what catches the error inside does not hear of it.
      const outer = yield* Effect.flip(
        asking("outer").pipe(
          Budget.limit({ tokens: 1_000 }, { name: "inner" }),
          Effect.catchTag("BudgetExceededError", () => Effect.sync(() => ended.push("caught inside"))),
          Budget.limit({ tokens: 150 })
        )
      )
      expect(outer.message).toBe("The budget of the region is 150 tokens: 0 used and 0 held, 200 more were asked for; one call may take more than all of it: raise the limit, or bound the call, as by fewer output tokens")
      expect(ended).toEqual(["inner interrupted", "outer interrupted"])
    })
  )

  it.effect("a refusal ends the region even where the code in it cannot be interrupted at that point", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Effect.uninterruptible(settled({ calls: 2 }, {})).pipe(Budget.limit({ calls: 1 })))
      expect(error._tag).toBe("BudgetExceededError")
    })
  )

  it.effect("keep the error of the effect, and what came to its end in the same instant", () =>
    Effect.gen(function* () {
      expect(yield* Effect.flip(Effect.fail("own").pipe(Budget.limit({ calls: 1 })))).toBe("own")
      expect(yield* Effect.succeed(1).pipe(Budget.limit({ calls: 1 }))).toBe(1)
      expect(Exit.hasDies(yield* Effect.exit(Effect.die("bug").pipe(Budget.limit({ calls: 1 }))))).toBe(true)
    })
  )
})

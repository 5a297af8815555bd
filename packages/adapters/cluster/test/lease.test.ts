import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Claims } from "../src/internal/claims.ts"
import { make } from "../src/internal/lease.ts"

/** A database that answers the renewals one after the other as it is told; then all of them. */
const answering = (answers: Array<Effect.Effect<void>>) => ({ renew: () => Effect.suspend(() => answers.shift() ?? Effect.void) }) as unknown as Claims

it.live("whoever has seen that the lease is over gives all up, though a renewal comes late and is in time", () =>
  Effect.gen(function* () {
    const givenUp: Array<string> = []
    // Asked for at 250 and 500 ms it fails; asked for at 750 ms it comes 400 ms later, and holds for a second from 750 ms on.
    const down = Effect.die(new Error("the database is away"))
    const claims = answering([Effect.void, down, down, Effect.sleep(400)])
    const lease = yield* make(claims, { isWorker: true, lease: 1_000, name: "test" }, Effect.sync(() => void givenUp.push("all")))
    yield* lease.renew
    const before = lease.worker()
    yield* Effect.forkScoped(lease.pulse, { startImmediately: true })
    while (!lease.isExpired()) yield* Effect.sleep(5)
    while (givenUp.length === 0 && lease.isExpired()) yield* Effect.sleep(5)
    expect(givenUp).toEqual(["all"])
    expect(lease.worker()).not.toBe(before)
    // It is another worker then, which has lost nothing.
    while (lease.isExpired()) yield* Effect.sleep(5)
    expect(lease.state()).not.toBe("draining")
    expect(lease.leftMillis()).toBeGreaterThan(0)
  }).pipe(Effect.scoped)
)

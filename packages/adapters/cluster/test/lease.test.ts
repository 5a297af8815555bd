import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Claims } from "../src/internal/claims.ts"
import { make } from "../src/internal/lease.ts"

/** A database that answers the renewals one after the other as it is told; then all of them. */
const answering = (answers: Array<Effect.Effect<void, { readonly message: string }>>) => ({ renew: () => Effect.suspend(() => answers.shift() ?? Effect.void) }) as unknown as Claims

it.live("whoever has seen that the lease is over gives all up, though a renewal comes late and is in time", () =>
  Effect.gen(function* () {
    const givenUp: Array<string> = []
    // Asked for at 250, 500, 750 and 800 ms it fails; asked for at 850 ms it comes 200 ms later, and holds for a second from 850 ms on.
    const [dead, down] = [Effect.die(new Error("the client is broken")), Effect.fail({ message: "the database is away" })]
    const claims = answering([Effect.void, dead, dead, down, down, Effect.sleep(200)])
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

it.live("a renewal that gets no answer, and does not let itself be ended, leaves time for others: the worker is not cut off", () =>
  Effect.gen(function* () {
    const givenUp: Array<string> = []
    const lost = Effect.uninterruptible(Effect.sleep(3_000))
    const lease = yield* make(answering([Effect.void, lost, lost]), { isWorker: true, lease: 1_000, name: "test" }, Effect.sync(() => void givenUp.push("all")))
    yield* lease.renew
    const before = lease.worker()
    yield* Effect.forkScoped(lease.pulse, { startImmediately: true })
    yield* Effect.sleep(2_000)
    expect([givenUp, lease.worker(), lease.isExpired()]).toEqual([[], before, false])
    // What comes when nobody waits for it any more is no renewal.
    yield* Effect.sleep(2_000)
    expect([givenUp, lease.worker(), lease.isExpired()]).toEqual([[], before, false])
  }).pipe(Effect.scoped)
)

it.live("renewals that take longer than the time after which another one is asked for are renewals", () =>
  Effect.gen(function* () {
    const givenUp: Array<string> = []
    const lease = yield* make(answering(Array.from({ length: 50 }, () => Effect.sleep(450))), { isWorker: true, lease: 1_000, name: "test" }, Effect.sync(() => void givenUp.push("all")))
    const before = lease.worker()
    yield* Effect.forkScoped(lease.pulse, { startImmediately: true })
    yield* Effect.sleep(3_000)
    expect([givenUp, lease.worker(), lease.isExpired()]).toEqual([[], before, false])
  }).pipe(Effect.scoped)
)

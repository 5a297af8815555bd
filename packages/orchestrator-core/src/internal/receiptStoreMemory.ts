import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as AuditLog from "../AuditLog.ts"
import type { Receipt } from "../Receipt.ts"
import type { ReceiptStore } from "../ReceiptStore.ts"

/** Receipts in a map, the log in an array; every step is synchronous, so that no other comes between its parts. */
export const makeMemory: Effect.Effect<ReceiptStore["Service"]> = Effect.sync(() => {
  const receipts = new Map<string, Receipt>()
  const log: Array<AuditLog.Sealed> = []
  let head = AuditLog.genesis
  const append = (at: number, event: AuditLog.Event): void => {
    const next = AuditLog.seal(head, at, event)
    log.push(next.sealed)
    head = next.head
  }
  return {
    get: (id) => Effect.sync(() => Option.fromUndefinedOr(receipts.get(id))),
    put: (receipt, expected, event) =>
      Effect.map(Clock.currentTimeMillis, (now) => {
        if ((receipts.get(receipt.id)?.version ?? 0) !== expected) return false
        receipts.set(receipt.id, receipt)
        append(now, event)
        return true
      }),
    renew: (id, owner, leaseUntil) =>
      Effect.sync(() => {
        const receipt = receipts.get(id)
        if (receipt?.state !== "calling" || receipt.owner !== owner) return false
        receipts.set(id, { ...receipt, leaseUntil })
        return true
      }),
    record: (event) => Effect.map(Clock.currentTimeMillis, (now) => append(now, event)),
    list: (filter) =>
      Effect.sync(() =>
        Array.from(receipts.values())
          .filter(
            (receipt) =>
              (filter.states === undefined || filter.states.includes(receipt.state)) &&
              (filter.kind === undefined || filter.kind === receipt.kind) &&
              (filter.userId === undefined || filter.userId === receipt.userId) &&
              (filter.runId === undefined || filter.runId === receipt.runId)
          )
          .sort((a, b) => a.intendedAt - b.intendedAt || (a.id < b.id ? -1 : 1))
          .slice(0, filter.limit ?? 1_000)
      ),
    audit: Stream.suspend(() => Stream.fromIterable(log.slice()))
  }
})

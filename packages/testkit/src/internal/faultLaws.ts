/** What has to hold of every schedule. */
import * as AuditLog from "@aria/orchestrator-core/AuditLog"
import type * as Receipt from "@aria/orchestrator-core/Receipt"
import type * as ReceiptStore from "@aria/orchestrator-core/ReceiptStore"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Performance } from "./faultRun.ts"
import type { Scenario } from "./faultScenario.ts"
import { type Arrival, kind, valueOf, type World } from "./faultWorld.ts"

type Store = ReceiptStore.ReceiptStore["Service"]

/** The states in which a receipt may take an entry of the log, and the one it has then. */
const steps: Partial<Record<AuditLog.Event["what"], ReadonlyArray<Receipt.State | "none">>> = {
  intended: ["none", "notDone"],
  done: ["calling", "unknown"],
  notDone: ["calling", "unknown"],
  unknown: ["calling"],
  settled: ["unknown"],
  undone: ["done"]
}

const follow = (entries: ReadonlyArray<AuditLog.Entry>, id: string): { readonly state: string; readonly wrong: ReadonlyArray<string> } => {
  let state: string = "none"
  const wrong: Array<string> = []
  for (const { reason, receiptId, seq, what } of entries) {
    const from = steps[what]
    if (receiptId !== id || from === undefined) continue
    if (!from.some((one) => one === state)) wrong.push(`entry ${seq} says "${what}" of a receipt that is ${state}`)
    state = what === "intended" ? "calling" : what === "settled" ? String(reason) : what
  }
  return { state, wrong }
}

const twice = (arrivals: ReadonlyArray<Arrival>, what: string): ReadonlyArray<string> =>
  Array.from(Map.groupBy(arrivals, ({ receiptId }) => receiptId).values(), (all) => (all.length > 1 ? `${all[0]?.key} ${what} ${all.length} times` : "")).filter((text) => text !== "")

/** How a performance ended, in one word. */
const endOf = ({ exit }: Performance): string => {
  if (exit === undefined) return "killed"
  if (exit._tag === "Success") return "success"
  if (Cause.hasInterrupts(exit.cause)) return "interrupted"
  const error = Cause.findErrorOption(exit.cause)
  return error._tag === "Some" && typeof error.value === "object" && error.value !== null && "_tag" in error.value ? String(error.value._tag) : "defect"
}

export const lawsOf = (scenario: Scenario, world: World, store: Store, performances: ReadonlyArray<Performance>) => ({
  /** Where nobody has looked yet as well as when all is settled. */
  atAnyTime: Effect.gen(function* () {
    const receipts = yield* store.list({ limit: 10_000 })
    const verified = yield* Effect.result(AuditLog.verify(store.audit))
    if (verified._tag === "Failure") return [`the audit log does not hold: ${verified.failure.message}`]
    const entries = yield* Effect.forEach(yield* Stream.runCollect(store.audit), (sealed) => Effect.orDie(AuditLog.decode(sealed)))
    const found: Array<string> = [...twice(world.arrivals, "arrived"), ...twice(world.undone, "was taken back")]
    for (const { at, key, receiptId } of world.arrivals) {
      if (!entries.some((entry) => entry.what === "intended" && entry.receiptId === receiptId && entry.at <= at)) found.push(`${key} arrived at ${at} and was not intended before`)
    }
    const { failure, kills, outages, slowStore } = scenario
    const reached = failure === 0 && kills.size === 0 && outages.length === 0 && !slowStore
    if (reached && entries.some(({ reason }) => reason === "ownerLost")) found.push("a call was taken for lost, and its process was there and reached the store")
    for (const receipt of receipts) {
      const { attempts, id, input, key, state } = receipt
      const { state: told, wrong } = follow(entries, id)
      found.push(...wrong.map((text) => `${key}: ${text}`))
      if (told !== state) found.push(`${receipt.kind} ${key} is ${state} and the log says ${told}`)
      const intents = entries.filter((entry) => entry.receiptId === id && entry.what === "intended").length
      if (intents !== attempts) found.push(`${key} has ${attempts} attempts and was intended ${intents} times`)
      if (receipt.kind !== kind) continue
      const arrived = world.arrivals.filter(({ receiptId }) => receiptId === id)
      if ((state === "done" || state === "undone") && arrived.length === 0) found.push(`${key} is ${state} and never arrived`)
      if (state === "notDone" && arrived.length > 0) found.push(`${key} is notDone and arrived at ${arrived[0]?.at}`)
      if (arrived.some((one) => one.input !== input)) found.push(`${key} arrived with another input than its receipt has`)
      if (state === "undone" && !world.undone.some(({ receiptId }) => arrived.length > 0 && receiptId !== "")) found.push(`${key} is undone and was not taken back`)
    }
    for (const performance of performances) {
      const { before, endedAt = 0, exit, performer: { input, key } } = performance
      const end = endOf(performance)
      if (exit?._tag === "Success") {
        if (exit.value !== valueOf(key, input) && exit.value !== "found by ada") found.push(`${key} gave ${exit.value}`)
        if (!world.arrivals.some((one) => one.key === key && one.input === input && one.at <= endedAt)) found.push(`${key} with ${input} succeeded before it arrived`)
      }
      const conflicts = before !== undefined && before.input !== input
      if (conflicts && !["killed", "interrupted", "SideEffectConflictError", "ReceiptStoreError"].includes(end)) found.push(`${key} with ${input} ended with ${end} and stands for ${String(before.input)}`)
      if (end === "SideEffectConflictError" && !receipts.some((receipt) => receipt.key === key && receipt.input !== input)) found.push(`${key} was refused as a conflict with its own input`)
    }
    return found
  }),

  /** After the doubtful ones were listed: nothing that arrived is forgotten. */
  whenListed: (doubtful: ReadonlyArray<Receipt.Receipt>) =>
    Effect.gen(function* () {
      const receipts = yield* store.list({ limit: 10_000 })
      const found: Array<string> = []
      for (const { key, receiptId } of world.arrivals) {
        const receipt = receipts.find(({ id }) => id === receiptId)
        if (receipt === undefined || !["done", "unknown", "undone"].includes(receipt.state)) found.push(`${key} arrived and its receipt is ${receipt?.state ?? "missing"}`)
        if (receipt?.state === "unknown" && !doubtful.some(({ id }) => id === receiptId)) found.push(`${key} is unknown and not listed`)
      }
      for (const { key, state } of receipts) if (state === "calling") found.push(`${key} is calling, and nobody calls any more`)
      return found
    })
})

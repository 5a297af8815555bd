/** Receipts, events and questions to put into a store. */
import type * as AuditLog from "@aria/orchestrator-core/AuditLog"
import type * as Question from "@aria/orchestrator-core/Question"
import * as Receipt from "@aria/orchestrator-core/Receipt"
import type { Random } from "./lawRandom.ts"

/** Texts that stores have changed before: quotes, scripts, what ends a text in C, half of a pair. */
export const texts: ReadonlyArray<string> = [
  "plain",
  "",
  "it's \"quoted\"; DROP TABLE aria_receipts; --",
  "Zürich 東京 🗓️ العربية",
  "line\nbreak\ttab \u0007",
  "nul \u0000 inside",
  "half \ud83d of a pair",
  "%_?$1"
]

const values = [null, true, 0, -0.5, 1e300, "text", [], {}, [1, [2, { a: null }]], { b: 1, a: { "": "empty", "0": "zero" } }]

/** An intent of one action. */
export const intent = (key: string, change: Partial<Receipt.Receipt> = {}): Receipt.Receipt => {
  const place = { scope: "user:ada", kind: "notes.create", key }
  const input = { title: key }
  return {
    v: 1,
    id: Receipt.idOf(place),
    ...place,
    inputHash: Receipt.hashOf(input),
    input,
    summary: `Write "${key}"`,
    state: "calling",
    userId: "ada",
    approvedBy: "ada",
    attempts: 1,
    intendedAt: 1_000,
    owner: Receipt.hashOf(key),
    leaseUntil: 31_000,
    version: 1,
    ...change
  }
}

/** What follows a receipt. */
export const after = (receipt: Receipt.Receipt, change: Partial<Receipt.Receipt>): Receipt.Receipt => ({
  ...receipt,
  ...change,
  version: receipt.version + 1
})

export const eventOf = (what: AuditLog.Event["what"], receipt: Receipt.Receipt, reason?: string): AuditLog.Event => ({
  what,
  receiptId: receipt.id,
  kind: receipt.kind,
  inputHash: receipt.inputHash,
  userId: receipt.userId,
  ...(reason === undefined ? {} : { reason })
})

const states: ReadonlyArray<Receipt.State> = ["calling", "done", "notDone", "unknown", "undone"]

/** Any receipt that the schema allows, with few users, kinds and runs, so that filters meet some of them. */
export const anyReceipt = (random: Random, key: string): Receipt.Receipt =>
  intent(`${key} ${random.pick(texts)}`, {
    kind: random.pick(["notes.create", "notes.remove", "mail.send"]),
    state: random.pick(states),
    userId: random.pick(["ada", "bob", "o'neil"]),
    ...(random.chance(0.7) ? { runId: random.pick(["run-1", "run-2"]) } : {}),
    ...(random.chance(0.5) ? { taskId: random.pick(texts) } : {}),
    input: random.pick(values),
    summary: random.pick(texts),
    approvedBy: random.pick(texts),
    attempts: random.between(1, 3),
    // Some at the same time: then the id decides.
    intendedAt: random.between(1, 20) * 1_000 + random.pick([0, 0.5]),
    ...(random.chance(0.5) ? { endedAt: random.between(1, 2_000_000_000_000) } : {}),
    ...(random.chance(0.5) ? { success: random.pick(values) } : {}),
    ...(random.chance(0.5) ? { error: random.pick(values) } : {}),
    ...(random.chance(0.3) ? { doubt: random.pick(["timedOut", "ownerLost"] as const) } : {}),
    ...(random.chance(0.3) ? { settledBy: random.pick(texts) } : {}),
    ...(random.chance(0.3) ? { undoUntil: random.between(1, 2_000_000_000_000) } : {}),
    leaseUntil: random.between(1, 2_000_000_000_000)
  })

/** A question that waits for an answer. */
export const question = (id: string, change: Partial<Question.Question> = {}): Question.Question => ({
  v: 1,
  id,
  name: "approval",
  prompt: `May "${id}" be done?`,
  schema: { type: "boolean" },
  userId: "ada",
  askedAt: 1_000,
  ...change
})

/** Any question that the schema allows. */
export const anyQuestion = (random: Random, id: string, askedAt: number): Question.Question =>
  question(id, {
    name: random.pick(["approval", "budget"]),
    prompt: random.pick(texts),
    schema: random.pick([true, { type: "boolean" }, { enum: [1, "two", null] }]),
    userId: random.pick(["ada", "bob", "o'neil"]),
    ...(random.chance(0.5) ? { about: random.pick(values) } : {}),
    ...(random.chance(0.7) ? { runId: random.pick(["run-1", "run-2"]) } : {}),
    ...(random.chance(0.5) ? { taskId: random.pick(texts) } : {}),
    ...(random.chance(0.5) ? { expiresAt: random.pick([5_000, 10_000, 50_000]) } : {}),
    askedAt
  })

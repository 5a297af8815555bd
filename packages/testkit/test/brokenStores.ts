/** Stores and queues that are each wrong in one way: the contracts have to see it. */
import { AuditLog, QuestionQueue, type Receipt, ReceiptStore } from "@aria/orchestrator-core"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"

type Store = ReceiptStore.ReceiptStore["Service"]

/** What a broken store does otherwise, in the places where a store can go wrong. */
interface StoreFault {
  /** Whether a receipt may take the place of one of this version. */
  readonly wins?: (there: number, expected: number) => boolean
  /** What a change of a receipt waits for between reading and writing. */
  readonly pause?: Effect.Effect<void>
  readonly keep?: (receipt: Receipt.Receipt) => Receipt.Receipt
  readonly entry?: (event: AuditLog.Event, kind: "put" | "refused" | "record") => AuditLog.Event | undefined
  readonly head?: (head: AuditLog.Head) => AuditLog.Head
  readonly at?: (now: number) => number
  readonly mayRenew?: (receipt: Receipt.Receipt | undefined, owner: string) => boolean
  readonly renewed?: (receipt: Receipt.Receipt) => Receipt.Receipt
  readonly filter?: (filter: ReceiptStore.Filter) => ReceiptStore.Filter
  readonly listed?: (receipts: ReadonlyArray<Receipt.Receipt>, filter: ReceiptStore.Filter) => ReadonlyArray<Receipt.Receipt>
  readonly streamed?: (log: ReadonlyArray<AuditLog.Sealed>) => ReadonlyArray<AuditLog.Sealed>
  /** Between the receipt and its entry. */
  readonly between?: Effect.Effect<void>
}

const store = (fault: StoreFault): Layer.Layer<ReceiptStore.ReceiptStore> =>
  Layer.sync(ReceiptStore.ReceiptStore)((): Store => {
    const receipts = new Map<string, Receipt.Receipt>()
    const log: Array<AuditLog.Sealed> = []
    let head = AuditLog.genesis
    const append = (now: number, event: AuditLog.Event, kind: "put" | "refused" | "record") => {
      const entry = fault.entry === undefined ? (kind === "refused" ? undefined : event) : fault.entry(event, kind)
      if (entry === undefined) return
      const next = AuditLog.seal(fault.head?.(head) ?? head, fault.at?.(now) ?? now, entry)
      log.push(next.sealed)
      head = next.head
    }
    const wins = fault.wins ?? ((there, expected) => there === expected)
    const mayRenew = fault.mayRenew ?? ((receipt, owner) => receipt?.state === "calling" && receipt.owner === owner)
    return {
      get: (id) => Effect.sync(() => Option.fromUndefinedOr(receipts.get(id))),
      put: Effect.fnUntraced(function* (receipt, expected, event) {
        const now = yield* Clock.currentTimeMillis
        const won = wins(receipts.get(receipt.id)?.version ?? 0, expected)
        if (fault.pause !== undefined) yield* fault.pause
        if (won) receipts.set(receipt.id, fault.keep?.(receipt) ?? receipt)
        if (fault.between !== undefined) yield* fault.between
        append(now, event, won ? "put" : "refused")
        return won
      }),
      renew: (id, owner, leaseUntil) =>
        Effect.sync(() => {
          const receipt = receipts.get(id)
          if (!mayRenew(receipt, owner)) return false
          if (receipt !== undefined) receipts.set(id, fault.renewed?.({ ...receipt, leaseUntil }) ?? { ...receipt, leaseUntil })
          return true
        }),
      record: (event) => Effect.map(Clock.currentTimeMillis, (now) => append(now, event, "record")),
      list: (given) =>
        Effect.sync(() => {
          const { kind, limit, runId, states, userId } = fault.filter?.(given) ?? given
          const found = Array.from(receipts.values())
            .filter((one) => states === undefined || states.includes(one.state))
            .filter((one) => (kind === undefined || kind === one.kind) && (userId === undefined || userId === one.userId) && (runId === undefined || runId === one.runId))
            .sort((a, b) => a.intendedAt - b.intendedAt || (a.id < b.id ? -1 : 1))
            .slice(0, limit ?? 1_000)
          return fault.listed?.(found, given) ?? found
        }),
      audit: Stream.suspend(() => Stream.fromIterable(fault.streamed?.(log) ?? log.slice()))
    }
  })

const without = <A extends object, K extends keyof A>(value: A, ...keys: ReadonlyArray<K>): Omit<A, K> => {
  const copy = { ...value }
  for (const key of keys) delete copy[key]
  return copy
}

export const stores: ReadonlyArray<readonly [description: string, layer: Layer.Layer<ReceiptStore.ReceiptStore>]> = (
  [
    ["the version that is expected is not looked at", { wins: () => true }],
    ["a version that is too old wins", { wins: (there, expected) => expected <= there }],
    ["a version that is too new wins", { wins: (there, expected) => expected >= there }],
    ["nothing wins twice", { wins: (there, expected) => there === 0 && expected === 0 }],
    ["what is read may change before it is written", { pause: Effect.yieldNow }],
    ["a field is not kept", { keep: (receipt) => without(receipt, "undoUntil") }],
    ["texts are changed", { keep: (receipt) => ({ ...receipt, summary: receipt.summary.replaceAll("\u0000", "") }) }],
    ["halves of pairs are replaced", { keep: (receipt) => ({ ...receipt, summary: receipt.summary.toWellFormed() }) }],
    ["times are rounded", { keep: (receipt) => ({ ...receipt, intendedAt: Math.floor(receipt.intendedAt) }) }],
    ["a change leaves no entry", { entry: (event, kind) => (kind === "record" ? event : undefined) }],
    ["a record leaves no entry", { entry: (event, kind) => (kind === "put" ? event : undefined) }],
    ["a refused change leaves an entry", { entry: (event) => event }],
    ["an entry loses its reason", { entry: (event, kind) => (kind === "refused" ? undefined : without(event, "reason")) }],
    ["entries do not hang together", { head: ({ seq }) => ({ seq, hash: AuditLog.genesis.hash }) }],
    ["entries are not counted", { head: ({ hash }) => ({ seq: 0, hash }) }],
    ["an entry has another time", { at: (now) => now + 1 }],
    ["anybody renews a lease", { mayRenew: (receipt) => receipt?.state === "calling" }],
    ["a lease is renewed when the call has ended", { mayRenew: (receipt, owner) => receipt?.owner === owner }],
    ["a lease is never renewed", { mayRenew: () => false }],
    ["what is not there is renewed", { mayRenew: (receipt, owner) => receipt === undefined || (receipt.state === "calling" && receipt.owner === owner) }],
    ["renewing counts as a change", { renewed: (receipt) => ({ ...receipt, version: receipt.version + 1 }) }],
    ["the lease stays as it was", { renewed: (receipt) => ({ ...receipt, leaseUntil: 31_000 }) }],
    ["states are not looked at", { filter: (filter) => without(filter, "states") }],
    ["an empty list of states is none", { filter: (filter) => (filter.states?.length === 0 ? without(filter, "states") : filter) }],
    ["kinds are not looked at", { filter: (filter) => without(filter, "kind") }],
    ["users are not looked at", { filter: (filter) => without(filter, "userId") }],
    ["runs are not looked at", { filter: (filter) => without(filter, "runId") }],
    ["there is no limit", { filter: (filter) => ({ ...filter, limit: Infinity }) }],
    ["there is no limit but the one given", { filter: (filter) => ({ limit: Infinity, ...filter }) }],
    ["no limit is more than 1,000", { filter: (filter) => ({ ...filter, limit: Math.min(filter.limit ?? 1_000, 1_000) }) }],
    ["the newest come first", { listed: (receipts) => receipts.toReversed() }],
    ["equal times come in any order", { listed: (receipts) => receipts.toSorted((a, b) => a.intendedAt - b.intendedAt || (a.id < b.id ? 1 : -1)) }],
    ["a log ends after its first page", { streamed: (log) => log.slice(0, 1_000) }],
    ["a log begins with its last page", { streamed: (log) => log.slice(-1_000) }],
    ["who is interrupted leaves a receipt without an entry", { between: Effect.andThen(Effect.yieldNow, Effect.yieldNow) }]
  ] satisfies ReadonlyArray<readonly [string, StoreFault]>
).map(([description, fault]: readonly [string, StoreFault]) => [description, store(fault)] as const)

type Queue = QuestionQueue.QuestionQueue["Service"]

/** The queue in memory with something put in front of it. */
const queue = (change: (queue: Queue) => Partial<Queue>): Layer.Layer<QuestionQueue.QuestionQueue> =>
  Layer.effect(QuestionQueue.QuestionQueue)(Effect.map(QuestionQueue.QuestionQueue, (real) => ({ ...real, ...change(real) }))).pipe(
    Layer.provide(Layer.fresh(QuestionQueue.layerMemory))
  )

/** What is in the queue, seen otherwise. */
const seen = (change: (queued: QuestionQueue.Queued) => QuestionQueue.Queued) =>
  queue(({ get, list }) => ({
    get: (id) => Effect.map(get(id), Option.map(change)),
    list: (filter) => Effect.map(list(filter), (all) => all.map(change))
  }))

const reopened = (real: Queue, id: string) =>
  Effect.flatMap(real.get(id), (there) =>
    Option.isSome(there) && there.value.answer !== undefined ? real.reopen(id, "again", there.value.answer) : Effect.void
  )

export const queues: ReadonlyArray<readonly [description: string, layer: Layer.Layer<QuestionQueue.QuestionQueue>]> = [
  ["who answers second wins as well", queue((real) => ({ answer: (id, answer) => Effect.andThen(reopened(real, id), real.answer(id, answer)) }))],
  ["who answers second is told that it is well", queue((real) => ({ answer: (id, answer) => Effect.catchTag(real.answer(id, answer), "QuestionClosedError", () => Effect.void) }))],
  [
    "between looking and answering there is time for another",
    queue((real) => ({
      answer: Effect.fnUntraced(function* (id, answer) {
        const queued = Option.getOrUndefined(yield* real.get(id))
        yield* Effect.yieldNow
        if (queued?.state === "open") yield* reopened(real, id)
        yield* real.answer(id, answer)
      })
    }))
  ],
  ["asking again takes the answer back", queue((real) => ({ put: (question) => Effect.andThen(real.put(question), reopened(real, question.id)) }))],
  ["asking again does nothing when the time is over", queue((real) => ({ put: (question) => Effect.flatMap(real.get(question.id), (there) => (Option.isSome(there) ? Effect.void : real.put(question))) }))],
  ["who answers is not kept", seen((queued) => (queued.answer === undefined ? queued : { ...queued, answer: { ...queued.answer, by: "somebody" } }))],
  ["when it was answered is not kept", seen((queued) => (queued.answer === undefined ? queued : { ...queued, answer: { ...queued.answer, at: 0 } }))],
  ["an answer of null is none", seen((queued) => (queued.answer?.value === null ? without(queued, "answer") : queued))],
  ["what it is about is not kept", seen((queued) => ({ ...queued, question: without(queued.question, "about") }))],
  ["who declines is not kept", seen((queued) => without(queued, "declined"))],
  ["any answer is taken back", queue((real) => ({ reopen: (id) => reopened(real, id) }))],
  ["the problem is not kept", seen((queued) => without(queued, "problem"))],
  ["a problem stays when it is answered", queue((real) => {
    const problems = new Map<string, string>()
    return {
      reopen: (id, problem, answer) => Effect.andThen(real.reopen(id, problem, answer), Effect.sync(() => problems.set(id, problem))),
      get: (id) => Effect.map(real.get(id), Option.map((queued) => (queued.state === "answered" && problems.has(id) ? { ...queued, problem: problems.get(id)! } : queued)))
    }
  })],
  ["a declined question is open again when its answer is taken back", queue((real) => ({
    reopen: (id, problem, answer) =>
      Effect.flatMap(real.get(id), (there) =>
        Option.isSome(there) && there.value.state === "declined"
          ? real.put({ ...there.value.question, id: `${id} ` }).pipe(Effect.andThen(Effect.die("a declined question was opened")))
          : real.reopen(id, problem, answer)
      )
  }))],
  ["states are not looked at", queue((real) => ({ list: (filter) => real.list(without(filter, "states")) }))],
  ["ids are not looked at", queue((real) => ({ list: (filter) => real.list(without(filter, "ids")) }))],
  ["names are not looked at", queue((real) => ({ list: (filter) => real.list(without(filter, "name")) }))],
  ["users are not looked at", queue((real) => ({ list: (filter) => real.list(without(filter, "userId")) }))],
  ["runs are not looked at", queue((real) => ({ list: (filter) => real.list(without(filter, "runId")) }))],
  ["questions whose time is over are listed", queue((real) => ({ list: (filter) => real.list({ ...filter, expired: true }) }))],
  ["questions whose time is over are never listed", queue((real) => ({ list: (filter) => real.list({ ...filter, expired: false }) }))],
  ["limits are not looked at", queue((real) => ({ list: (filter) => real.list(without(filter, "limit")) }))],
  ["the newest come first", queue((real) => ({ list: (filter) => Effect.map(real.list(filter), (all) => all.toReversed()) }))],
  ["declining does nothing", queue(() => ({ decline: () => Effect.void }))],
  ["an answer counts when the time is over", queue((real) => ({ answer: (id, answer) => Effect.catchIf(real.answer(id, answer), (error) => "reason" in error && error.reason === "expired", () => Effect.void) }))]
]

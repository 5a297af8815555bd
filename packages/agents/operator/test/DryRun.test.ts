import type * as CalendarAction from "@aria/agents-operator/CalendarAction"
import { between } from "@aria/agents-operator/Difference"
import type { CalendarEvent, Change } from "@aria/connectors/CalendarEvent"
import type * as CrmRecord from "@aria/connectors/CrmRecord"
import * as AuditLog from "@aria/orchestrator-core/AuditLog"
import { ReceiptStore } from "@aria/orchestrator-core/ReceiptStore"
import * as SideEffect from "@aria/orchestrator-core/SideEffect"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { find, plan, planRecord, read, record, remove, write } from "./calls.ts"
import { random } from "./random.ts"
import { inWorld, makeWorld, meeting, zone } from "./world.ts"

const seeds = Array.from({ length: 200 }, (_, seed) => seed)
const anything = { startDate: "2026-01-01", endDate: "2028-12-31" }

const pick = <A>(next: (limit: number) => number, values: readonly [A, ...ReadonlyArray<A>]): A =>
  values[next(values.length)] ?? values[0]

/** Events in one week of November 2026, so that many of them overlap. */
const draft = (next: (limit: number) => number): CalendarAction.NewEvent => {
  const day = 23 + next(4)
  const hour = 9 + next(4)
  const where = pick(next, ["UTC", zone, "America/New_York"])
  const time = (hours: number) => ({ dateTime: `2026-11-${day}T${String(hours).padStart(2, "0")}:30:00`, zone: where })
  const times =
    next(5) === 0
      ? { start: { date: `2026-11-${day}` }, end: { date: `2026-11-${day + 1 + next(2)}` } }
      : { start: time(hour), end: time(hour + next(3)) }
  return {
    title: pick(next, ["Review", "Überblick", "概要 🚀", "a, b; c\\d"]),
    ...times,
    ...(next(2) === 0 ? {} : { location: pick(next, ["Room 2", "Straße 5\nBerlin"]) }),
    ...(next(2) === 0 ? {} : { attendees: [{ email: pick(next, ["ada@example.com", "jürgen@bücher.example"]) }] }),
    ...(next(3) === 0 ? { availability: pick(next, ["busy", "free"]) } : {}),
    ...(next(4) === 0
      ? { recurrence: { rule: { frequency: pick(next, ["daily", "weekly"]), count: 1 + next(4) } } }
      : {})
  }
}

const change = (next: (limit: number) => number): Change => {
  const { attendees, availability, end, location, start, title } = draft(next)
  const all: Change = {
    ...(next(2) === 0 ? {} : { title }),
    ...(next(2) === 0 ? {} : { start, end }),
    ...(next(2) === 0 ? {} : { location: location ?? null }),
    ...(next(2) === 0 || attendees === undefined ? {} : { attendees }),
    ...(next(3) === 0 && availability !== undefined ? { availability } : {})
  }
  return Object.keys(all).length === 0 ? { title } : all
}

/** What of an event a caller writes, as JSON. */
const content = (event: CalendarEvent) => {
  const { calendarId: _, id: __, version: ___, ...fields } = event
  return Schema.decodeUnknownSync(Schema.Record(Schema.String, Schema.Json))(fields)
}

const fieldsOf = ({ company, currency, email, name, phone, source, status, value }: CrmRecord.Lead) => ({
  company,
  currency,
  email,
  name,
  phone,
  source,
  status,
  value
})

describe("a dry run", () => {
  it.effect.each(seeds)("of a creation and of changes shows what the write then does, seed %i", (seed) =>
    inWorld(({ calendar, requests, writes }) =>
      Effect.gen(function* () {
        const next = random(seed)
        const made: Array<CalendarEvent> = []
        for (let step = 0; step < 8; step++) {
          const onConflict = pick<"refuse" | "allow">(next, ["refuse", "allow"])
          const before = writes()
          const asked = requests.length
          const old = made.length === 0 ? undefined : made[next(made.length)]
          const existing = old === undefined || next(2) === 0 ? undefined : yield* calendar.get({ id: old.id })
          const parameters =
            existing === undefined
              ? ({ action: "create", event: draft(next), onConflict, key: `step ${step}` } as const)
              : ({
                  action: "update",
                  eventId: existing.id,
                  version: existing.version,
                  change: change(next),
                  onConflict
                } as const)
          const planned = yield* Effect.result(plan(parameters))
          expect([writes(), requests.length]).toStrictEqual([before, asked])
          const written = yield* Effect.result(write(parameters))
          if (planned._tag === "Failure") {
            expect(written).toMatchObject({
              _tag: "Failure",
              failure: { _tag: planned.failure._tag, message: planned.failure.message }
            })
            continue
          }
          if (written._tag === "Failure") {
            expect([written.failure._tag, onConflict]).toStrictEqual(["TimeConflictError", "refuse"])
            expect("conflicts" in written.failure && written.failure.conflicts).toStrictEqual(planned.success.conflicts)
            continue
          }
          expect(onConflict === "allow" || planned.success.conflicts.length === 0).toBe(true)
          const { event } = written.success
          const done = between(existing === undefined ? {} : content(existing), content(event))
          expect(new Set(planned.success.changes)).toStrictEqual(new Set(done))
          expect(requests.at(-1)).toStrictEqual(planned.success.approval)
          made.push(event)
        }
      })
    )
  )

  it("has something to show, and something to refuse, in those seeds", async () => {
    const counts = { changes: 0, conflicts: 0, failures: 0 }
    for (const seed of seeds.slice(0, 50)) {
      const next = random(seed)
      await Effect.runPromise(
        inWorld(() =>
          Effect.gen(function* () {
            for (let step = 0; step < 8; step++) {
              const parameters = { action: "create", event: draft(next), key: `step ${step}` } as const
              const planned = yield* Effect.result(plan(parameters))
              if (planned._tag === "Failure") counts.failures++
              else {
                counts.changes += planned.success.changes.length
                counts.conflicts += planned.success.conflicts.length
                yield* Effect.ignore(write(parameters))
              }
            }
          })
        )
      )
    }
    for (const count of Object.values(counts)) expect(count).toBeGreaterThan(10)
  })

  it.effect("of a removal shows what would be lost", () =>
    inWorld(({ requests, writes }) =>
      Effect.gen(function* () {
        const made = yield* write({ action: "create", event: { ...meeting(), location: "Room 2" } })
        const { eventId, version } = made
        const planned = yield* plan({ action: "delete", eventId, version })
        expect(planned.changes).toContainEqual({ field: "location", before: "Room 2" })
        expect(new Set(planned.changes)).toStrictEqual(new Set(between(content(made.event), {})))
        expect([requests.length, writes()]).toStrictEqual([1, 1])
        yield* remove({ eventId, version })
        expect(requests[1]).toStrictEqual(planned.approval)
      })
    )
  )

  it.effect("of what was done before says so, and asks for nothing", () =>
    inWorld(({ requests }) =>
      Effect.gen(function* () {
        const parameters = { action: "create", event: meeting() } as const
        yield* write(parameters)
        const planned = yield* plan(parameters)
        expect(planned).toMatchObject({ alreadyDone: true, changes: [], conflicts: [] })
        expect("approval" in planned).toBe(false)
        const lead = { action: "create", recordType: "lead", record: { name: "Ada", status: "new" } } as const
        yield* record(lead)
        expect(yield* planRecord(lead)).toMatchObject({ alreadyDone: true, changes: [] })
        expect(requests).toHaveLength(2)
      })
    )
  )

  it.effect("of what is gone, or stale, is a failure", () =>
    inWorld(() =>
      Effect.gen(function* () {
        const { eventId, version } = yield* write({ action: "create", event: meeting() })
        expect(yield* Effect.flip(plan({ action: "delete", eventId: "none", version: "1" }))).toMatchObject({
          _tag: "EventNotFoundError"
        })
        expect(yield* Effect.flip(plan({ action: "delete", eventId, version: `${version}?` }))).toMatchObject({
          _tag: "StaleVersionError"
        })
        const none = { recordType: "lead", recordId: "none", version: "1" } as const
        expect(yield* Effect.flip(planRecord({ action: "delete", ...none }))).toMatchObject({
          _tag: "RecordNotFoundError"
        })
        expect(yield* Effect.flip(planRecord({ action: "update", ...none, change: { status: "won" } }))).toMatchObject({
          _tag: "RecordNotFoundError"
        })
      })
    )
  )

  it.effect("needs no permission to write, and leaves no trace", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld()
      yield* Effect.gen(function* () {
        expect(yield* plan({ action: "create", event: meeting() })).toMatchObject({
          alreadyDone: false,
          approval: { kind: "calendar.create" }
        })
        expect(
          yield* planRecord({ action: "create", recordType: "lead", record: { name: "Ada", status: "new" } })
        ).toMatchObject({ alreadyDone: false })
        expect(yield* SideEffect.doubtful()).toHaveLength(0)
        const store = yield* ReceiptStore
        expect(yield* store.list({})).toHaveLength(0)
        yield* AuditLog.verify(store.audit)
        expect(yield* Stream.runCollect(store.audit)).toHaveLength(0)
        expect((yield* read(anything)).totalCount).toBe(0)
      }).pipe(Effect.provide(world.layer))
    })
  )

  it.effect.each(seeds.slice(0, 50))("of a record shows what the write then does, seed %i", (seed) =>
    inWorld(({ crm, requests, writes }) =>
      Effect.gen(function* () {
        const next = random(seed)
        const lead = (): CrmRecord.Draft<"lead"> => ({
          name: pick(next, ["Ada", "李 小龙"]),
          status: pick(next, ["new", "won"]),
          ...(next(2) === 0 ? {} : { value: pick(next, [null, 0, -1.5, 1e9]) }),
          ...(next(2) === 0 ? {} : { company: pick(next, [null, "Acme"]) })
        })
        for (let step = 0; step < 5; step++) {
          const before = writes()
          const { records } = yield* crm.find("lead")
          const old = records.length === 0 || next(2) === 0 ? undefined : records[next(records.length)]
          const parameters =
            old === undefined
              ? ({ action: "create", recordType: "lead", record: lead(), key: `step ${step}` } as const)
              : ({
                  action: "update",
                  recordType: "lead",
                  recordId: old.id,
                  version: old.version,
                  change: lead()
                } as const)
          const planned = yield* planRecord(parameters)
          expect(writes()).toBe(before)
          const written = yield* record(parameters)
          const now = yield* crm.get("lead", written.recordId)
          expect(new Set(planned.changes)).toStrictEqual(
            new Set(between(old === undefined ? {} : fieldsOf(old), fieldsOf(now)))
          )
          expect(requests.at(-1)).toStrictEqual(planned.approval)
        }
        expect((yield* find({ recordType: "lead" })).totalCount).toBeGreaterThan(0)
      })
    )
  )
})

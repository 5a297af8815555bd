import { Operator } from "@aria/agents-operator/Operator"
import { InvalidPayloadError } from "@aria/orchestrator-core/Agent"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { inWorld } from "./world.ts"

const event = {
  title: "Review",
  start: { dateTime: "2026-11-23T09:30:00", zone: "UTC" },
  end: { dateTime: "2026-11-23T10:00:00", zone: "UTC" }
}
const read = (parameters: unknown) => ({ operationType: "calendar_read", parameters })
const write = (parameters: unknown) => ({ operationType: "calendar_write", parameters })
const crmRead = (parameters: unknown) => ({ operationType: "crm_read", parameters })
const crmWrite = (parameters: unknown) => ({ operationType: "crm_write", parameters })
const types = '"lead", "contact", "account", "opportunity", "note"'

/** Each: what it is, the payload, where the problem is, and words of the message. */
const refused: ReadonlyArray<
  readonly [what: string, payload: unknown, path: ReadonlyArray<string | number>, words: string]
> = [
  ["nothing", {}, ["operationType"], "Missing key"],
  ["no object", "calendar_read", [], '"calendar_read", "calendar_write", "crm_read" or "crm_write"'],
  [
    "an unknown operation",
    { operationType: "mail_send", parameters: {} },
    [],
    '"calendar_read", "calendar_write", "crm_read" or "crm_write"'
  ],
  ["an operation that is no text", { operationType: ["crm_read"], parameters: {} }, [], "an operationType"],
  ["an operation that is an object", { operationType: {}, parameters: {} }, [], "an operationType"],
  ["no parameters", { operationType: "calendar_read" }, ["parameters"], "Missing key"],
  ["parameters that are none", read(5), ["parameters"], "Expected"],
  ["another key", { ...read({ startDate: "2026-11-23" }), priority: 1 }, ["priority"], "Unexpected key"],

  ["no startDate", read({}), ["parameters", "startDate"], "Missing key"],
  [
    "the old spelling",
    read({ startDate: "2026-11-23", end_date: "2026-11-24" }),
    ["parameters", "end_date"],
    "Unexpected key"
  ],
  ["a day in words", read({ startDate: "tomorrow" }), ["parameters", "startDate"], "a day that there is"],
  ["a day that there is not", read({ startDate: "2026-02-30" }), ["parameters", "startDate"], "a day that there is"],
  ["a time for a day", read({ startDate: "2026-11-23T09:00:00Z" }), ["parameters", "startDate"], "a day that there is"],
  [
    "an inverted range",
    read({ startDate: "2026-11-23", endDate: "2026-11-22" }),
    ["parameters", "endDate"],
    "not before startDate, 2026-11-23"
  ],
  ["an unknown zone", read({ startDate: "2026-11-23", zone: "Europe/Atlantis" }), ["parameters", "zone"], "IANA"],
  ["an offset for a zone", read({ startDate: "2026-11-23", zone: "+01:00" }), ["parameters", "zone"], "IANA"],
  [
    "a calendar that is no text",
    read({ startDate: "2026-11-23", calendarId: 1 }),
    ["parameters", "calendarId"],
    "string"
  ],

  ["no action", write({ event }), ["parameters", "action"], "Missing key"],
  ["an unknown action", write({ action: "archive", event }), ["parameters"], '"create", "update" or "delete"'],
  ["a creation of nothing", write({ action: "create" }), ["parameters", "event"], "Missing key"],
  [
    "a creation of an empty event",
    write({ action: "create", event: {} }),
    ["parameters", "event", "title"],
    "Missing key"
  ],
  [
    "an id for a new event",
    write({ action: "create", event: { ...event, id: "mine" } }),
    ["parameters", "event", "id"],
    "Unexpected key"
  ],
  [
    "an update without an id",
    write({ action: "update", version: "1", change: { title: "A" } }),
    ["parameters", "eventId"],
    "Missing key"
  ],
  [
    "an update without a version",
    write({ action: "update", eventId: "1", change: { title: "A" } }),
    ["parameters", "version"],
    "Missing key"
  ],
  [
    "an update of nothing",
    write({ action: "update", eventId: "1", version: "1" }),
    ["parameters", "change"],
    "Missing key"
  ],
  [
    "an update of no field",
    write({ action: "update", eventId: "1", version: "1", change: {} }),
    ["parameters", "change"],
    "one field at least"
  ],
  [
    "a field that events lack",
    write({ action: "update", eventId: "1", version: "1", change: { room: "2" } }),
    ["parameters", "change", "room"],
    "Unexpected key"
  ],
  ["a removal without an id", write({ action: "delete", version: "1" }), ["parameters", "eventId"], "Missing key"],
  [
    "a removal of a blank id",
    write({ action: "delete", eventId: "", version: "1" }),
    ["parameters", "eventId"],
    "length of at least 1"
  ],
  ["a blank key", write({ action: "create", event, key: " " }), ["parameters", "key"], "not blank"],
  [
    "another way with conflicts",
    write({ action: "create", event, onConflict: "ask" }),
    ["parameters", "onConflict"],
    '"refuse" | "allow"'
  ],
  ["a dry run that is no boolean", write({ action: "create", event, dryRun: 1 }), ["parameters", "dryRun"], "boolean"],

  ["a boolean for a number", crmRead({ recordType: "lead", limit: true }), ["parameters", "limit"], "number"],
  ["a limit that is not whole", crmRead({ recordType: "lead", limit: 1.5 }), ["parameters", "limit"], "integer"],
  [
    "a boolean for a record's number",
    crmWrite({ action: "create", recordType: "account", record: { name: "A", employees: true } }),
    ["parameters", "record", "employees"],
    "number"
  ],
  [
    "null for what may be left out",
    read({ startDate: "2026-11-23", endDate: null }),
    ["parameters", "endDate"],
    "string"
  ],
  ["no record type", crmRead({}), ["parameters", "recordType"], "Missing key"],
  ["an unknown record type", crmRead({ recordType: "invoices" }), ["parameters"], types],
  ["the old name of a record type", crmRead({ recordType: "leads" }), ["parameters"], types],
  [
    "a field that leads lack",
    crmRead({ recordType: "lead", where: { size: { eq: 1 } } }),
    ["parameters", "where", "size"],
    "Unexpected key"
  ],
  [
    "a condition without its kind",
    crmRead({ recordType: "lead", where: { status: "new" } }),
    ["parameters", "where", "status"],
    "object"
  ],
  ["a limit of 0", crmRead({ recordType: "lead", limit: 0 }), ["parameters", "limit"], "between 1 and 10000"],
  [
    "an id and conditions",
    crmRead({ recordType: "lead", recordId: "1", where: {} }),
    ["parameters", "recordId"],
    "it is one record"
  ],
  [
    "an order by nothing that is there",
    crmRead({ recordType: "lead", orderBy: [{ field: "size" }] }),
    ["parameters", "orderBy", 0, "field"],
    '"status"'
  ],

  [
    "an unknown action on a record",
    crmWrite({ action: "upsert", recordType: "lead", record: { name: "A", status: "new" } }),
    ["parameters"],
    types
  ],
  [
    "a write to an unknown type",
    crmWrite({ action: "create", recordType: "leads", record: { name: "A" } }),
    ["parameters"],
    types
  ],
  [
    "a record without its name",
    crmWrite({ action: "create", recordType: "lead", record: { status: "new" } }),
    ["parameters", "record", "name"],
    "Missing key"
  ],
  [
    "a lead with a contact's field",
    crmWrite({ action: "create", recordType: "lead", record: { name: "A", status: "new", accountId: "1" } }),
    ["parameters", "record", "accountId"],
    "Unexpected key"
  ],
  [
    "a value that is no number",
    crmWrite({ action: "create", recordType: "lead", record: { name: "A", status: "new", value: "12" } }),
    ["parameters", "record", "value"],
    "number"
  ],
  [
    "a record without its data",
    crmWrite({ action: "create", recordType: "lead" }),
    ["parameters", "record"],
    "Missing key"
  ],
  [
    "an update of a record without its id",
    crmWrite({ action: "update", recordType: "lead", version: "1", change: { name: "A" } }),
    ["parameters", "recordId"],
    "Missing key"
  ],
  [
    "an update of no field of a record",
    crmWrite({ action: "update", recordType: "lead", recordId: "1", version: "1", change: {} }),
    ["parameters", "change"],
    "one field at least"
  ],
  [
    "a name that is taken away",
    crmWrite({ action: "update", recordType: "lead", recordId: "1", version: "1", change: { name: null } }),
    ["parameters", "change", "name"],
    "string"
  ],
  [
    "a removal of a record without its id",
    crmWrite({ action: "delete", recordType: "lead", version: "1" }),
    ["parameters", "recordId"],
    "Missing key"
  ]
]

describe("a payload that is refused", () => {
  it.effect.each(refused)("%s", ([, payload, path, words]) =>
    inWorld(({ reads, requests, writes }) =>
      Effect.gen(function* () {
        // From a caller without types, or data.
        const error = yield* Effect.flip(Operator.run(payload as never))
        expect(error).toBeInstanceOf(InvalidPayloadError)
        const issues = error instanceof InvalidPayloadError ? error.issues : []
        expect(issues).toContainEqual({ path, message: expect.stringContaining(words) })
        expect([reads(), writes(), requests.length]).toStrictEqual([0, 0, 0])
      })
    )
  )
})

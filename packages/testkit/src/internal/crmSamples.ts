/** Records and texts that the checks of a CRM use. */
import type * as CrmRecord from "@aria/connectors/CrmRecord"
import * as Effect from "effect/Effect"
import type { LooseCrm } from "./crmCheck.ts"

export const injections: ReadonlyArray<string> = [
  "' OR '1'='1",
  "'; DROP TABLE aria_crm_lead; --",
  '" OR ""="',
  "') OR 1=1 --",
  "1; DELETE FROM leads",
  "%",
  "_",
  "100%",
  "a_b",
  "\\",
  "\\'",
  "?",
  "$1",
  ":id",
  "@p1",
  "/* */",
  "name",
  "NULL",
  "*",
  "[a-z]",
  "${name}",
  "{{name}}",
  '{"$gt":""}'
]

export const texts: ReadonlyArray<string> = [
  ...injections,
  "日本語の会社",
  "Ärger & Söhne GmbH",
  "שלום עולם",
  "مرحبا",
  "👩‍👩‍👧‍👦 family",
  "e\u0301 in two, \u00e9 in one",
  " spaces around ",
  "two\nlines\r\nand\ttabs",
  "\uFEFFa mark at the start",
  "\u0001\u001f control",
  "\u{10FFFF}\uFFFD",
  "null",
  "undefined",
  "true",
  "0",
  "007",
  "1e3",
  "2026-11-23",
  "x".repeat(200_000),
  "ä".repeat(40_000)
]

/** A draft with every field, in ASCII. The account, where it refers to one, is the caller's. */
export const fullDraft = (type: CrmRecord.Type, accountId: string): Readonly<Record<string, string | number | null>> => {
  switch (type) {
    case "lead":
      return { name: "Ada Lovelace", status: "new", company: "Engines Ltd", email: "ada@example.com", phone: "+44 1", value: 1200.5, currency: "GBP", source: "web" }
    case "contact":
      return { name: "Grace Hopper", email: "grace@example.com", phone: "+1 2", title: "Admiral", company: "Navy", accountId }
    case "account":
      return { name: "Acme", industry: "Tools", website: "https://acme.example", employees: 42, revenue: 1e6, currency: "USD" }
    case "opportunity":
      return { name: "Big deal", accountId, stage: "proposal", amount: 0.1, currency: "EUR", closeDate: "2026-12-31", probability: 0.25 }
    case "note":
      return { text: "Called them", aboutType: "account", aboutId: accountId }
  }
}

/** A draft with what must be there only. */
export const leastDraft = (type: CrmRecord.Type, accountId: string): Readonly<Record<string, string>> => {
  switch (type) {
    case "lead":
      return { name: "A", status: "new" }
    case "opportunity":
      return { name: "A", stage: "new" }
    case "note":
      return { text: "A", aboutType: "account", aboutId: accountId }
    default:
      return { name: "A" }
  }
}

/** The id of an account that others may refer to. */
export const anAccount = (crm: LooseCrm) => Effect.map(crm.create("account", { name: "Anchor" }), ({ id }) => id)

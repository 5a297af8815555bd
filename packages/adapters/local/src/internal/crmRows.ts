/** Records as rows, and back. */
import { type Crm, CrmQuery, CrmRecord } from "@aria/connectors"
import * as DateTime from "effect/DateTime"
import { stored } from "./crmConditions.ts"
import { folded } from "./crmTables.ts"

export type Row = Readonly<Record<string, unknown>>

/** The columns of the fields that are given: each text with its folded copy. */
export const columnsOf = (type: CrmRecord.Type, fields: Readonly<Record<string, unknown>>): Record<string, string | number | null> =>
  Object.fromEntries(
    CrmRecord.fields[type]
      .filter(({ name }) => name !== "version" && name in fields)
      .flatMap(({ kind, name }) => {
        const value = stored(fields[name])
        const copy = typeof value === "string" ? CrmQuery.fold(value) : null
        return kind === "text" ? [[name, value], [folded(name), copy]] : [[name, value]]
      })
  )

export const recordOf = (type: CrmRecord.Type, row: Row): Crm.AnyRecord =>
  Object.fromEntries(
    CrmRecord.fields[type].map(({ kind, name }) => {
      const value = row[name]
      if (name === "version") return [name, String(value)]
      return [name, kind === "instant" ? DateTime.makeUnsafe(Number(value)) : value]
    })
  ) as unknown as Crm.AnyRecord

import type { AnyRecord } from "@aria/connectors/Crm"
import type { CreateInput, RemoveInput, UpdateInput } from "../CrmAction.ts"
import type { Values } from "./looseCrm.ts"
import { quoted } from "./words.ts"

const value = (one: string | number | null): string =>
  typeof one === "string" ? quoted(one) : one === null ? "nothing" : String(one)

const list = (values: Values): string =>
  Object.entries(values)
    .filter(([, one]) => one !== null)
    .map(([name, one]) => `${name} ${value(one)}`)
    .join(", ")

/** A record by what a person knows of it; by its id where it could not be read. */
const named = ({ recordId, recordType, version }: RemoveInput, before: AnyRecord | undefined): string => {
  if (before === undefined) return `the ${recordType} with the id ${quoted(recordId)} (version ${quoted(version)})`
  const title = "name" in before ? before.name : "text" in before ? before.text : ""
  return `the ${recordType} ${quoted(title)} (id ${quoted(recordId)})`
}

export const creating = ({ record, recordType }: CreateInput): string =>
  `Create the ${recordType} with ${list(record)} in the CRM.`

const valueOf = (before: AnyRecord | undefined, name: string): string => {
  if (before === undefined) return ""
  const was: unknown = Reflect.get(before, name)
  return ` from ${value(typeof was === "string" || typeof was === "number" ? was : null)}`
}

export const updating = (input: UpdateInput, before: AnyRecord | undefined): string => {
  const fields = Object.entries(input.change).map(([name, one]) => `${name}${valueOf(before, name)} to ${value(one)}`)
  return `Change ${named(input, before)} in the CRM: ${fields.join(", ")}.`
}

export const removing = (input: RemoveInput, before: AnyRecord | undefined): string =>
  `Remove ${named(input, before)} from the CRM.`

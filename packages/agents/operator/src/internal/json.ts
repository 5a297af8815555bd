import type { Portable } from "@aria/orchestrator-core/Agent"
import * as Schema from "effect/Schema"
import type { Fields } from "../Difference.ts"

/** The fields of a struct's value as JSON. */
export const fieldsOf = <S extends Portable>(schema: S, value: S["Type"]): Fields =>
  Schema.encodeSync(Schema.toCodecJson(schema as unknown as Schema.Codec<S["Type"], unknown>))(value) as Fields

/** Without keys that are `undefined`: they are the same as keys left out. */
export const defined = <T extends object>(value: T): { readonly [K in keyof T]: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== undefined)) as never

/** Some fields of all. */
export const only = (fields: Fields, names: ReadonlyArray<string>): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => names.includes(name)))

/** All fields but some. */
export const without = (fields: Fields, names: ReadonlyArray<string>): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)))

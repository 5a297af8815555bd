import type * as Schema from "effect/Schema"

type Json = Schema.Json

const isRecord = (value: Json | undefined): value is { readonly [key: string]: Json } =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** A long text from a little before the place where two texts part. */
const around = (text: string, at: number): string => {
  const from = Math.max(0, at - 20)
  const cut = text.slice(from, at + 60)
  return JSON.stringify(`${from > 0 ? "…" : ""}${cut}${at + 60 < text.length ? "…" : ""}`)
}

const shown = (value: Json | undefined, at = 0): string =>
  value === undefined ? "nothing" : typeof value === "string" ? around(value, at) : around(JSON.stringify(value), 0)

const partingOf = (a: string, b: string): number => {
  let at = 0
  while (at < a.length && at < b.length && a[at] === b[at]) at++
  return at
}

/** Each place where two values differ, as a path with both. */
export const differences = (
  recorded: Json | undefined,
  received: Json | undefined,
  path = ""
): ReadonlyArray<string> => {
  if (Array.isArray(recorded) && Array.isArray(received)) {
    const length = Math.max(recorded.length, received.length)
    return Array.from({ length }, (_, index) => index).flatMap((index) =>
      differences(recorded[index], received[index], `${path}[${index}]`)
    )
  }
  if (isRecord(recorded) && isRecord(received)) {
    const keys = new Set([...Object.keys(recorded), ...Object.keys(received)])
    return [...keys].flatMap((key) => differences(recorded[key], received[key], path === "" ? key : `${path}.${key}`))
  }
  if (JSON.stringify(recorded) === JSON.stringify(received)) return []
  const at = typeof recorded === "string" && typeof received === "string" ? partingOf(recorded, received) : 0
  return [`${path} was ${shown(recorded, at)} and is ${shown(received, at)}`]
}

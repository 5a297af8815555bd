/** The options of a client, checked and with their defaults. */
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import type { Options } from "../SqliteClient.ts"

export interface Settings {
  readonly filename: string
  readonly inMemory: boolean
  readonly readonly: boolean
  /** Milliseconds. */
  readonly busyTimeout: number
  readonly synchronous: "NORMAL" | "FULL"
  readonly statementCacheSize: number
}

export interface Refusal {
  readonly option: string
  readonly received: string
  readonly allowed: string
}

const show = (value: unknown): string => (typeof value === "string" ? JSON.stringify(value) : String(value))

const refuse = (option: string, received: unknown, allowed: string) =>
  Result.fail<Refusal>({ option, received: show(received), allowed })

/** Options may come from configuration or from JavaScript, where types say nothing. */
const isName = (filename: unknown): filename is string =>
  typeof filename === "string" && filename.trim() !== "" && !filename.includes("\0") && !/^file:/i.test(filename)

export const check = (options: Options): Result.Result<Settings, Refusal> => {
  const { filename, readonly = false, statementCacheSize = 200, synchronous = "NORMAL" } = options
  if (!isName(filename)) return refuse("filename", filename, 'the path of a file (not a file: address), or ":memory:"')
  const inMemory = filename === ":memory:"
  if (typeof readonly !== "boolean") return refuse("readonly", readonly, "true or false")
  if (readonly && inMemory) return refuse("readonly", readonly, 'false with ":memory:", which starts empty')
  const busyTimeout = Option.getOrUndefined(Duration.fromInput(options.busyTimeout ?? "5 seconds"))
  const milliseconds = busyTimeout === undefined ? Number.NaN : Duration.toMillis(busyTimeout)
  if (Number.isNaN(options.busyTimeout) || !Number.isFinite(milliseconds) || milliseconds < 0)
    return refuse("busyTimeout", options.busyTimeout, 'a finite duration from 0, such as "5 seconds" or milliseconds')
  if (synchronous !== "NORMAL" && synchronous !== "FULL")
    return refuse("synchronous", synchronous, '"NORMAL" or "FULL"')
  if (!Number.isSafeInteger(statementCacheSize) || statementCacheSize < 0)
    return refuse("statementCacheSize", statementCacheSize, "a whole number from 0")
  return Result.succeed({
    filename,
    inMemory,
    readonly,
    busyTimeout: milliseconds,
    synchronous,
    statementCacheSize
  })
}

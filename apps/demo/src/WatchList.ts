/** Which companies to watch: JSON as in `companies.json`, or plain text with one name a line. */
import { Entity } from "@aria/agents-scout"
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as InputFile from "./InputFile.ts"

const hint =
  'A watch list is JSON such as [{"name": "Acme Corp", "aliases": ["Acme"], "tickers": ["NASDAQ:ACME"]}, "Beta Inc"],\n' +
  "or plain text with one name a line; lines that start with # are left out."

const options = { errors: "all", onExcessProperty: "error" } as const
const decodeName = Schema.decodeUnknownResult(Entity.Name, options)
const decodeDetails = Schema.decodeUnknownResult(Entity.Details, options)

interface Entry {
  /** Where it stands in the file. */
  readonly at: string
  readonly value: unknown
}

const decode = ({ at, value }: Entry): Result.Result<Entity.Entity, ReadonlyArray<string>> => {
  // each on its own: of a union's error nobody can tell which form was meant
  const decoded: Result.Result<Entity.Entity, Schema.SchemaError> =
    typeof value === "string" ? decodeName(value) : decodeDetails(value)
  return Result.mapError(decoded, (error) => InputFile.problems(error).map((problem) => `${at}: ${problem}`))
}

const lines = (text: string): ReadonlyArray<Entry> =>
  text.split(/\r?\n/).flatMap((line, index) => {
    const value = line.trim()
    return value === "" || value.startsWith("#") ? [] : [{ at: `line ${index + 1}`, value }]
  })

const looksLikeJson = (path: string, text: string): boolean => path.toLowerCase().endsWith(".json") || /^\s*[[{]/.test(text)

/** The companies of a file, each once. */
export const read = Effect.fn("WatchList.read")(function* (path: string) {
  const file = yield* InputFile.read("watch list", path, hint)
  let entries: ReadonlyArray<Entry>
  if (looksLikeJson(path, file.text)) {
    const parsed = yield* InputFile.json(file)
    if (!Array.isArray(parsed)) return yield* InputFile.refuse(file, ["it is JSON, but not a list."])
    entries = parsed.map((value: unknown, index) => ({ at: `company ${index + 1}`, value }))
  } else {
    if (/^\s*</.test(file.text)) return yield* InputFile.refuse(file, ["it is a web page or XML, not a list of names."])
    entries = lines(file.text)
  }
  const [companies, failures] = Arr.partition(entries, decode)
  const [problem, ...others] = failures.flat()
  if (problem !== undefined) return yield* InputFile.refuse(file, [problem, ...others])
  const once = Arr.dedupeWith(companies, (a, b) => Entity.nameOf(a) === Entity.nameOf(b))
  if (!Arr.isArrayNonEmpty(once)) return yield* InputFile.refuse(file, ["it names no company."])
  return once
})

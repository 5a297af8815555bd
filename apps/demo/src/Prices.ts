/** What the model costs: by a file of the user's, else by the published list. */
import { PriceTable } from "@aria/models"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as InputFile from "./InputFile.ts"

const example = (name: string): string => `{"${name}": {"input": 0.25, "output": 2}}`
const hint = (name: string): string => `A price file is JSON such as ${example(name)}: US dollars per million tokens.`

/** A limit in money, and nobody knows what the model costs. */
export class NoPriceError extends Schema.TaggedError<NoPriceError>()("NoPriceError", {
  model: Schema.String,
  /** The file that was given. */
  file: Schema.optionalKey(Schema.String)
}) {
  override get message(): string {
    const where = this.file === undefined ? `the published list of ${PriceTable.publishedAt}` : `that list, nor in ${JSON.stringify(this.file)}`
    return [
      `--max-usd cannot be kept: ${JSON.stringify(this.model)} has no price in ${where}.`,
      `Give it one with --prices FILE, where FILE is ${example(this.model)} (US dollars per million tokens; 0 where it`,
      "costs nothing), or limit tokens instead: --max-tokens."
    ].join("\n")
  }
}

/** The table to price calls with: what the file says goes before the published list. */
export const read = Effect.fn("Prices.read")(function* (path: string | undefined, model: string) {
  if (path === undefined) return PriceTable.published
  const file = yield* InputFile.read("price file", path, hint(model))
  const data = yield* InputFile.json(file)
  if (!Predicate.isObject(data) || Array.isArray(data)) return yield* InputFile.refuse(file, ["it is JSON, but not an object."])
  const own = yield* Effect.mapError(PriceTable.make({ ...data }), ({ message }) => InputFile.refuse(file, [message]))
  return PriceTable.merge(PriceTable.published, own)
})

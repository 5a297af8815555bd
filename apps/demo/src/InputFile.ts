/** Files that the user names: read whole, decoded, and refused with all their problems together. */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"

/** A file that cannot be used: bad usage, so nothing was started. */
export class InvalidInputError extends Schema.TaggedError<InvalidInputError>()("InvalidInputError", {
  /** What the file was to be, and which. */
  subject: Schema.String,
  /** Each problem as a sentence. */
  problems: Schema.NonEmptyArray(Schema.String),
  /** What to do about it. */
  hint: Schema.String
}) {
  override get message(): string {
    const [first, ...others] = this.problems
    const list = others.length === 0 ? ` ${first}` : `\n${this.problems.map((problem) => `  - ${problem}`).join("\n")}`
    return `${this.subject} cannot be used:${list}\n${this.hint}`
  }
}

export interface InputFile {
  readonly subject: string
  readonly hint: string
  readonly text: string
}

const maxBytes = 10 * 1024 * 1024

const reasons: Readonly<Record<string, string>> = {
  NotFound: "there is no such file.",
  PermissionDenied: "reading it is not permitted.",
  BadResource: "it is a folder, not a file."
}

/** The text of a file, at most 10 MiB, with something in it. */
export const read = Effect.fn("InputFile.read")(function* (what: string, path: string, hint: string) {
  const files = yield* FileSystem.FileSystem
  const subject = `The ${what} ${JSON.stringify(path)}`
  const refuse = (problem: string) => new InvalidInputError({ subject, problems: [problem], hint })
  const { size, type } = yield* Effect.mapError(files.stat(path), (error) => refuse(reasons[error.reason._tag] ?? error.message))
  if (type === "Directory") return yield* refuse("it is a folder, not a file.")
  if (size > maxBytes) return yield* refuse(`it has ${size} bytes; at most ${maxBytes} are read.`)
  const text = yield* Effect.mapError(files.readFileString(path), (error) => refuse(reasons[error.reason._tag] ?? error.message))
  if (text.trim() === "") return yield* refuse("it is empty.")
  return { subject, hint, text: text.replace(/^\uFEFF/, "") } satisfies InputFile
})

/** Refuses the file for the given problems. */
export const refuse = ({ hint, subject }: InputFile, problems: readonly [string, ...ReadonlyArray<string>]) =>
  new InvalidInputError({ subject, problems, hint })

/** Its text as JSON. */
export const json = (file: InputFile): Effect.Effect<unknown, InvalidInputError> =>
  Effect.try({
    try: (): unknown => JSON.parse(file.text),
    catch: (error) => refuse(file, [`it is not JSON: ${error instanceof Error ? error.message : String(error)}.`])
  })

const formatter = SchemaIssue.makeFormatterStandardSchemaV1()

const place = (path: ReadonlyArray<PropertyKey | { readonly key: PropertyKey }>): string =>
  path.map((part) => (typeof part === "object" ? String(part.key) : String(part))).join(".")

/** The problems of a value, each with its path. */
export const problems = (error: Schema.SchemaError): readonly [string, ...ReadonlyArray<string>] => {
  const [first, ...others] = formatter(error.issue).issues.map(({ message, path }) => {
    const at = place(path ?? [])
    return at === "" ? message : `${at}: ${message}`
  })
  return [first ?? error.message, ...others]
}

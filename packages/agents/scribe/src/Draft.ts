/**
 * What was written: in parts with their sources, and as one text. Nothing of it was sent.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { DocumentType } from "./Outline.ts"
import { CommunicationType, Person, Source, Tone } from "./Request.ts"

/**
 * One thing that is said, and where it comes from.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Statement = Schema.Struct({
  text: Schema.String,
  /** Those of the notes that it was made of; empty where none were given. */
  sources: Schema.Array(Source)
})
/**
 * @category models
 * @since 0.1.0
 */
export type Statement = typeof Statement.Type

/**
 * What stands together.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Section = Schema.Struct({
  /** Only in documents. */
  heading: Schema.optionalKey(Schema.String),
  /** Whether each statement is a point of a list; otherwise they are one paragraph. */
  isList: Schema.Boolean,
  statements: Schema.NonEmptyArray(Statement)
})
/**
 * @category models
 * @since 0.1.0
 */
export type Section = typeof Section.Type

/**
 * A draft.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Draft = Schema.Struct({
  communicationType: CommunicationType,
  /** The subject of an email, the title of a document; messages have none. */
  subject: Schema.optionalKey(Schema.String),
  /** All of it as text but the subject: greeting, sections, closing; of a document also where its statements come from. */
  body: Schema.String,
  greeting: Schema.optionalKey(Schema.String),
  sections: Schema.Array(Section),
  /** Words of closing and signature, on lines of their own. */
  closing: Schema.optionalKey(Schema.String),
  /** As it was given. */
  recipient: Schema.optionalKey(Person),
  tone: Tone,
  documentType: Schema.optionalKey(DocumentType),
  /** Words of the body. */
  wordCount: Schema.Natural,
  /** Which parts of the given style were used: `"samples"` are those that a model saw. */
  styleApplied: Schema.Array(Schema.Literals(["greeting", "closing", "signature", "samples"])),
  writtenBy: Schema.Literals(["template", "model"]),
  templateUsed: Schema.NullOr(Schema.String),
  /** What the template asks for and nobody gave. The paragraphs that need it are left out. */
  missingVariables: Schema.Array(Schema.String),
  /** Headings of the document that there was nothing to say under. They are left out. */
  missingSections: Schema.Array(Schema.String),
  /** What a reader should know besides, as sentences. */
  warnings: Schema.Array(Schema.String),
  /** Whether nothing is missing. A person reads it in any case before it is sent. */
  readyForReview: Schema.Boolean
})
/**
 * @category models
 * @since 0.1.0
 */
export type Draft = typeof Draft.Type

const keyOf = ({ quote, title, url }: Source): string => JSON.stringify([title, url ?? null, quote ?? null])

/**
 * The sources of all statements, each once, in the order in which they come up: the numbers in a document's text.
 *
 * @category queries
 * @since 0.1.0
 */
export const sources = ({ sections }: Pick<Draft, "sections">): ReadonlyArray<Source> => {
  const all = new Map<string, Source>()
  for (const { statements } of sections) {
    for (const statement of statements) for (const source of statement.sources) all.set(keyOf(source), source)
  }
  return [...all.values()]
}

/**
 * The numbers of a statement's sources among those of the draft, from 1, each once.
 *
 * @category queries
 * @since 0.1.0
 */
export const sourceNumbers = (all: ReadonlyArray<Source>, statement: Statement): ReadonlyArray<number> => {
  const keys = all.map(keyOf)
  return [...new Set(statement.sources.map((source) => keys.indexOf(keyOf(source)) + 1))]
}

const sectionText = (section: Section, cite: (statement: Statement) => string): string => {
  const statements = section.statements.map((statement) => `${statement.text.trim()}${cite(statement)}`)
  const text = section.isList
    ? statements.map((one) => `- ${one.replaceAll("\n", "\n  ")}`).join("\n")
    : statements.join(" ")
  return section.heading === undefined ? text : `## ${section.heading}\n\n${text}`
}

/**
 * Parts as one text, as `body` has it.
 *
 * @category rendering
 * @since 0.1.0
 */
export const toText = (draft: Pick<Draft, "communicationType" | "greeting" | "sections" | "closing">): string => {
  const listed = draft.communicationType === "document" ? sources(draft) : []
  const cite = (statement: Statement): string => {
    if (listed.length === 0) return ""
    const numbers = sourceNumbers(listed, statement)
    return numbers.length === 0 ? "" : ` [${numbers.join(", ")}]`
  }
  const list = listed.map(({ title, url }, index) => `[${index + 1}] ${title}${url === undefined ? "" : `, ${url}`}`)
  return [
    draft.greeting,
    ...draft.sections.map((section) => sectionText(section, cite)),
    list.length === 0 ? undefined : `## Sources\n\n${list.join("\n")}`,
    draft.closing
  ]
    .filter((part) => part !== undefined)
    .join("\n\n")
}

/**
 * What a draft is asked for with.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import * as Address from "./Address.ts"
import { AnyText, Line, Text } from "./internal/text.ts"
import { DocumentType } from "./Outline.ts"
import { Style } from "./Style.ts"

/**
 * What is written. A message is short: it has no subject and no closing words.
 *
 * @category schemas
 * @since 0.1.0
 */
export const CommunicationType = Schema.Literals(["email", "document", "message"])
/**
 * @category models
 * @since 0.1.0
 */
export type CommunicationType = typeof CommunicationType.Type

/**
 * @category schemas
 * @since 0.1.0
 */
export const Tone = Schema.Literals(["formal", "friendly", "urgent"])
/**
 * @category models
 * @since 0.1.0
 */
export type Tone = typeof Tone.Type

/**
 * Who it is for, or from. Whatever is not given stays unsaid.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Person = Schema.Struct({
  /** One line, as it is to stand in the greeting or under the draft. */
  name: Schema.optional(Line),
  /** Only used by the export as mail. A model does not get it. */
  email: Schema.optional(Address.Address),
  /** What they do, such as `"Head of Sales"`. */
  title: Schema.optional(Line),
  company: Schema.optional(Line)
})
/**
 * @category models
 * @since 0.1.0
 */
export type Person = typeof Person.Type

/**
 * Where a statement comes from.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Source = Schema.Struct({
  title: Line,
  /** `http` or `https`. */
  url: Schema.optionalKey(
    Schema.String.check(
      Schema.makeFilter((url: string) => /^https?:\/\/[^\s\p{Cc}<>"]+$/iu.test(url) && url.isWellFormed(), {
        expected: "an address that begins with http:// or https://"
      })
    )
  ),
  /** The words that say so. */
  quote: Schema.optionalKey(Text)
})
/**
 * @category models
 * @since 0.1.0
 */
export type Source = typeof Source.Type

/**
 * Something to be said.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Note = Schema.Struct({
  text: Text,
  /** The heading of a document that it belongs under; of a document's own where its outline has none of that name. */
  section: Schema.optionalKey(Line),
  sources: Schema.optionalKey(Schema.Array(Source))
})
/**
 * @category models
 * @since 0.1.0
 */
export type Note = typeof Note.Type

/**
 * What a template's places are filled with, by name.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Variables = Schema.Record(Schema.String, Text)
/**
 * @category models
 * @since 0.1.0
 */
export type Variables = typeof Variables.Type

/**
 * What to draft.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Request = Schema.Struct({
  communicationType: CommunicationType,
  /** What it is about. */
  goal: Text,
  recipient: Schema.optional(Person),
  sender: Schema.optional(Person),
  /** A text, or notes with their sources. Other objects are refused: nobody wants to read how a program prints them. */
  context: Schema.optional(Schema.Union([AnyText, Schema.Array(Note)])),
  /** Default `"formal"`. */
  tone: Schema.optional(Tone),
  /** Fixed wording for emails and messages: see `Template`. It is filled without a model, in both layers. */
  templateName: Schema.optional(Schema.String),
  variables: Schema.optional(Variables),
  /** For documents. Default `"brief"`. */
  documentType: Schema.optional(DocumentType),
  style: Schema.optional(Style)
})
/**
 * @category models
 * @since 0.1.0
 */
export type Request = typeof Request.Type

/**
 * The context as notes: each paragraph of a text is one. A blank text has none.
 *
 * @category queries
 * @since 0.1.0
 */
export const notes = ({ context = [] }: Request): ReadonlyArray<Note> =>
  typeof context !== "string"
    ? context
    : context.split(/\r?\n[^\S\n]*\r?\n/).flatMap((text) => (text.trim() === "" ? [] : [{ text: text.trim() }]))

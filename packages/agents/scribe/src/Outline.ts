/**
 * Which headings a document has.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * @category schemas
 * @since 0.1.0
 */
export const DocumentType = Schema.Literals(["brief", "report", "proposal", "digest", "plain"])
/**
 * @category models
 * @since 0.1.0
 */
export type DocumentType = typeof DocumentType.Type

/**
 * @category models
 * @since 0.1.0
 */
export interface Outline {
  /** In their order. */
  readonly headings: readonly [string, ...ReadonlyArray<string>]
  /** Where notes go that name no section: one of the headings. */
  readonly main: string
}

/**
 * The outline of each type of document.
 *
 * @category constants
 * @since 0.1.0
 */
export const outlines: { readonly [Type in DocumentType]: Outline } = {
  brief: { headings: ["Summary", "Key Points"], main: "Key Points" },
  report: { headings: ["Executive Summary", "Background", "Analysis", "Recommendations"], main: "Analysis" },
  proposal: { headings: ["Introduction", "Proposed Solution", "Benefits", "Next Steps"], main: "Proposed Solution" },
  digest: { headings: ["Summary"], main: "Summary" },
  plain: { headings: ["Content"], main: "Content" }
}

const key = (heading: string): string => heading.trim().toLowerCase()

/**
 * The heading as the document writes it, whatever its case; `undefined` where there is none of that name.
 *
 * @category queries
 * @since 0.1.0
 */
export const find = (headings: ReadonlyArray<string>, name: string): string | undefined =>
  headings.find((heading) => key(heading) === key(name))

/**
 * The headings of a type of document, and after them those that only notes name, in the order of the notes.
 *
 * @category queries
 * @since 0.1.0
 */
export const headings = (type: DocumentType, named: Iterable<string | undefined>): ReadonlyArray<string> => {
  const all: Array<string> = [...outlines[type].headings]
  for (const name of named) if (name !== undefined && find(all, name) === undefined) all.push(name.trim())
  return all
}

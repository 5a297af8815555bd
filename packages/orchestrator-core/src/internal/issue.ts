import * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"

/** Something in a value that does not fit: where, and what is wrong there. */
export const Issue = Schema.Struct({ path: Schema.Array(Schema.Union([Schema.String, Schema.Finite])), message: Schema.String })
export type Issue = typeof Issue.Type

/** All of them in one line. */
export const sentence = (issues: ReadonlyArray<Issue>): string =>
  issues.map(({ message, path }) => (path.length === 0 ? message : `${path.join(".")}: ${message}`)).join("; ")

const standard = SchemaIssue.makeFormatterStandardSchemaV1()
/** What a schema found, as a list. */
export const issues = (issue: SchemaIssue.Issue): ReadonlyArray<Issue> =>
  standard(issue).issues.map(({ message, path = [] }) => ({
    path: path.map((segment) => {
      const key = typeof segment === "object" ? segment.key : segment
      return typeof key === "symbol" ? String(key) : key
    }),
    message
  }))

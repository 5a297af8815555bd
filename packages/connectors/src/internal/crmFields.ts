/** What the values of records may be. */
import * as Schema from "effect/Schema"

/** A text that every system gives back as it was: SQL and JSON have no half characters, and some stop at U+0000. */
export const Text = Schema.String.check(
  Schema.makeFilter((text: string) => text.isWellFormed() && !text.includes("\0"), {
    expected: "a text of whole Unicode characters without U+0000"
  })
)

/** A text with something in it. */
export const Title = Text.check(Schema.makeFilter((text: string) => text.length > 0, { expected: "a text that is not empty" }))

export const RecordId = Title.check(
  Schema.makeFilter((text: string) => text.length <= 200, { expected: "a text of at most 200 characters" })
)

export const Finite = Schema.Finite

const exists = (text: string): boolean => {
  const time = Date.parse(`${text}T00:00:00.000Z`)
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(time) && new Date(time).toISOString().startsWith(text)
}

/** A day of the calendar. As texts, days compare as they follow each other. */
export const Day = Schema.String.check(Schema.makeFilter(exists, { expected: "a day that exists, as YYYY-MM-DD" }))

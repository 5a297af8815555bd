import * as DateTime from "effect/DateTime"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"

const isDay = (text: string): boolean => {
  const at = Date.parse(`${text}T00:00:00Z`)
  return (
    /^\d{4}-\d{2}-\d{2}$/.test(text) &&
    !Number.isNaN(at) &&
    new Date(at).toISOString().startsWith(text) &&
    text >= "1583"
  )
}

/** A day that there is. As texts, days compare as they follow each other. */
export const Day = Schema.String.check(
  Schema.makeFilter(isDay, { expected: 'a day that there is, such as "2026-11-23"' })
)

const isZone = (name: string): boolean =>
  /^[A-Za-z][A-Za-z0-9_+\-/]*$/.test(name) && Option.isSome(DateTime.zoneMakeNamed(name))

export const Zone = Schema.String.check(
  Schema.makeFilter(isZone, { expected: 'a name of the IANA database, such as "Europe/Berlin", or "UTC"' })
)

/** What names an action. */
export const Key = Schema.String.check(
  Schema.makeFilter((text: string) => text.trim() !== "" && text.length <= 500, {
    expected: "a text of 1 to 500 characters that is not blank"
  })
)

/** What every write takes besides. */
export const writing = {
  /**
   * Which action this is: the same key is done once within a task (outside of runs: for a user). Default: derived from the input, so
   * that the same write in the same task is one action.
   */
  key: Schema.optional(Key),
  /** Within what the key stands for one action, as in `SideEffect`. Default `"task"`. */
  once: Schema.optional(Schema.Literals(["task", "user", "global"])),
  /** Nothing is written and nobody is asked; the result shows what would be done. Default `false`. */
  dryRun: Schema.optional(Schema.Boolean)
} as const

/** For schemas of changes. */
export const notEmpty = Schema.makeFilter(
  (change: object) => Object.values(change).some((value) => value !== undefined),
  {
    expected: "one field at least to be changed"
  }
)

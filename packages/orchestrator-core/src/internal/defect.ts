import { DefectError } from "../TaskOutcome.ts"

/** What was thrown, as text; even what cannot be turned into one. */
const textOf = (thrown: unknown): string => {
  try {
    return thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown)
  } catch {
    return "something that has no text"
  }
}

/** A bug as an error that can leave the process. */
export const defect = (subject: string, thrown: unknown): DefectError =>
  new DefectError({
    subject,
    received: textOf(thrown),
    ...(thrown instanceof Error && typeof thrown.stack === "string" && { stack: thrown.stack })
  })

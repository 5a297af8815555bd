import { DefectError } from "../TaskOutcome.ts"

/** What was thrown, as text; even what cannot be turned into one. */
const textOf = (thrown: unknown): string => {
  try {
    return thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown)
  } catch {
    return "something that has no text"
  }
}

/** Where it came from. The text of a stack is made when it is first read, and may throw as well. */
const stackOf = (thrown: unknown): string | undefined => {
  try {
    return thrown instanceof Error && typeof thrown.stack === "string" ? thrown.stack : undefined
  } catch {
    return undefined
  }
}

/** A bug as an error that can leave the process. */
export const defect = (subject: string, thrown: unknown): DefectError => {
  const stackTrace = stackOf(thrown)
  const error = new DefectError({ subject, received: textOf(thrown), ...(stackTrace !== undefined && { stackTrace }) })
  // Loggers print where a bug is, and not where it was caught. What stands before the first place is the message of what was thrown.
  const places = stackTrace === undefined ? -1 : stackTrace.search(/^ +at /m)
  if (places !== -1) error.stack = `${error.name}: ${error.message}\n${stackTrace?.slice(places)}`
  return error
}

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
  const stack = stackOf(thrown)
  return new DefectError({ subject, received: textOf(thrown), ...(stack !== undefined && { stack }) })
}

import type * as Effect from "effect/Effect"
import type { Subject } from "./conformanceHarness.ts"

/** What is wrong, or what was seen, as a sentence. */
export type Verdict = { readonly passed: boolean; readonly message: string }

/** One thing that an agent has to keep. */
export interface Check {
  readonly name: string
  readonly run: (subject: Subject) => Effect.Effect<Verdict, any>
}

export const pass = (message: string): Verdict => ({ passed: true, message })
export const fail = (message: string): Verdict => ({ passed: false, message })

/** The first problem, or that there is none. */
export const verdict = (problems: ReadonlyArray<string | undefined>, message: string): Verdict => {
  const found = problems.filter((problem) => problem !== undefined)
  return found.length === 0 ? pass(message) : fail(found.join("; "))
}

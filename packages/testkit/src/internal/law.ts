import type { Trace } from "./lawTrace.ts"

/** What must hold of every trace; gives what does not, as sentences. */
export interface Law {
  readonly name: string
  readonly check: (trace: Trace) => ReadonlyArray<string>
}

import { Journal, Usage } from "@aria/orchestrator-core"
import * as Effect from "effect/Effect"

/** A journal that keeps what a database would: text. `crashAt` says before or after which write the process dies, if at all. */
export const journal = () => {
  const stored = new Map<string, string>()
  const ran: Array<string> = []
  let writes = 0
  let crash: { readonly write: number; readonly when: "before" | "after" } | undefined
  const service: Journal.Journal = {
    origin: "run",
    known: () => undefined,
    isReached: () => false,
    waits: () => () => {},
    spent: () => Usage.zero,
    reserve: () => ({ acquire: Effect.void, settle: () => {}, release: () => {} }),
    charge: () => Effect.void,
    unit: ({ key }, effect) =>
      Effect.suspend(() => {
        const known = stored.get(key)
        if (known !== undefined) return Effect.succeed(known)
        ran.push(key)
        return Effect.flatMap(effect, (text) => {
          const write = ++writes
          if (crash?.write === write && crash.when === "before") return Effect.interrupt
          stored.set(key, text)
          return crash?.write === write ? Effect.interrupt : Effect.succeed(text)
        })
      })
  }
  return {
    stored,
    /** The keys of all units that were run, in their order. */
    ran,
    crashAt: (write: number, when: "before" | "after") => {
      crash = { write: writes + write, when }
    },
    provide: <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.provideService(self, Journal.Current, service)
  }
}

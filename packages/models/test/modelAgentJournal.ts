import { Journal } from "@aria/orchestrator-core"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

/** A journal that keeps what a database would: text. `crashAt` says before or after which write the process dies, if at all. */
export const journal = () => {
  const stored = new Map<string, string>()
  const ran: Array<string> = []
  let writes = 0
  let crash: { readonly write: number; readonly when: "before" | "after" } | undefined
  const service: Journal.Journal = {
    unit: (path, plain, effect) =>
      Effect.suspend(() => {
        const schema = Schema.toCodecJson(plain)
        const known = stored.get(path)
        if (known !== undefined) return Effect.orDie(Schema.decodeUnknownEffect(schema)(JSON.parse(known)))
        ran.push(path)
        return Effect.flatMap(effect, (value) =>
          Effect.flatMap(Effect.orDie(Schema.encodeUnknownEffect(schema)(value)), (encoded) => {
            const write = ++writes
            if (crash?.write === write && crash.when === "before") return Effect.interrupt
            stored.set(path, JSON.stringify(encoded))
            return crash?.write === write ? Effect.interrupt : Effect.succeed(value)
          })
        )
      })
  }
  return {
    stored,
    /** The paths of all units that were run, in their order. */
    ran,
    crashAt: (write: number, when: "before" | "after") => {
      crash = { write: writes + write, when }
    },
    provide: <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.provideService(self, Journal.Current, service)
  }
}

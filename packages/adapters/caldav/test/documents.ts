/** Documents on a stand-in, and what the adapter makes of them. */
import type { CalDav } from "@aria/adapter-caldav"
import { Calendar } from "@aria/connectors"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import { client, type StandIn, standIn } from "./standIn.ts"

export type Service = Calendar.Calendar["Service"]

export const at = (iso: string) => DateTime.makeUnsafe(iso)
export const all = { from: at("1990-01-01T00:00:00Z"), to: at("2060-01-01T00:00:00Z") }

export const withDocuments = <A, E>(
  fill: (server: StandIn) => void,
  use: (calendar: Service, server: StandIn) => Effect.Effect<A, E>,
  options?: Partial<CalDav.Options>
) =>
  Effect.gen(function* () {
    const server = yield* standIn
    fill(server)
    return yield* Effect.flatMap(Calendar.Calendar, (calendar) => use(calendar, server)).pipe(
      Effect.provide(client(server.url, options))
    )
  })

export const unfolded = (text: string) =>
  text
    .replace(/^\uFEFF/, "")
    .replace(/\r\n?|\n/g, "\n")
    .replace(/\n[ \t]/g, "")
    .split("\n")
    .filter((line) => line.trim() !== "")

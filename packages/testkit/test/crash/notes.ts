/** An action on a world that is a file: what was done is a line at its end. */
import * as SideEffect from "@aria/orchestrator-core/SideEffect"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { appendFileSync, existsSync, readFileSync } from "node:fs"

export interface Line {
  readonly id: string
  readonly key: string
}

export const linesOf = (file: string): ReadonlyArray<Line> =>
  existsSync(file)
    ? readFileSync(file, "utf8")
        .split("\n")
        .filter((line) => line !== "")
        .map((line): Line => JSON.parse(line))
    : []

export const leaseMillis = 1_000

/** How long a call may still be under way when its process was taken for lost: for as long as this machine may stand still. */
export const stillMillis = 2_000

/** `pause` is what happens around the one moment at which it is done. */
export const makeWrite = (file: string, pause: Effect.Effect<void> = Effect.void) =>
  SideEffect.make("notes.write", {
    input: Schema.String,
    success: Schema.String,
    once: "global",
    settleAfter: stillMillis,
    call: (text, { key, receiptId }) =>
      Effect.andThen(pause, Effect.sync(() => appendFileSync(file, `${JSON.stringify({ id: receiptId, key })}\n`))).pipe(Effect.andThen(pause), Effect.as(text)),
    verify: (text, { receiptId }) => Effect.sync(() => (linesOf(file).some(({ id }) => id === receiptId) ? SideEffect.done(text) : SideEffect.notDone))
  })

import { CalendarContract, CalendarContractSuite } from "@aria/testkit"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { type Account, expected, layerOf, met, newCalendar, radicale, xandikos } from "./servers.ts"

const layerIn = (account: Account) =>
  Layer.unwrap(
    Effect.map(
      Effect.promise(() => newCalendar(account)),
      (url) => layerOf(account, { url })
    )
  )

if (radicale !== undefined) CalendarContractSuite.make({ name: "CalDav on Radicale", layer: layerIn(radicale) })

/**
 * Xandikos 0.2.8 of Debian 12 passes all that it is given through python-icalendar 4.0.3, whose `unescape_char` takes an escaped
 * backslash before an `n` for a line end. What was lost on the way in cannot be read back; on Radicale these checks pass.
 */
const faults: Readonly<Record<string, RegExp>> = {
  "Events: what was created comes back as it was: text with separators": /title is "Costs/,
  "Events: a change replaces what it names, null removes, and the rest stays": /description is " first line/,
  "Ranges: random ranges hold what the events say, sorted, and the parts of a range add up to it":
    /not listed is .* first line\\\\nsecond; line, with\\\\\\\\nslashes/
}

if (xandikos !== undefined) {
  const options = { name: "CalDav on Xandikos", layer: layerIn(xandikos) }
  describe("Calendar contract: CalDav on Xandikos", () => {
    for (const check of CalendarContract.checks) {
      it.live(check, () =>
        Effect.gen(function* () {
          const outcome = yield* Effect.result(CalendarContract.check({ ...options, check }))
          const message = outcome._tag === "Failure" ? outcome.failure.message : ""
          const fault = faults[check]
          // with a Xandikos that has been mended they pass
          if (message !== "") expect(message).toMatch(fault ?? "no failure")
        })
      )
    }
    it("the faults are those of checks that there are", () => {
      expect(CalendarContract.checks).toEqual(expect.arrayContaining(Object.keys(faults)))
    })
  })
}

it("every server that is named or installed was met", () => {
  expect(met).toEqual(expected)
})

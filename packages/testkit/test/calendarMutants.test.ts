import * as Calendar from "@aria/connectors/Calendar"
import * as CalendarMemory from "@aria/connectors/CalendarMemory"
import * as CalendarContract from "@aria/testkit/CalendarContract"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { mutants } from "./calendarMutants.ts"

describe("Mutants of a calendar", () => {
  it("each check has one", () => {
    const without = CalendarContract.checks.filter((check) => !mutants.some(({ seenBy }) => seenBy.some((name) => check.startsWith(name))))
    expect(without).toEqual([])
  })

  for (const { broken, description, seenBy } of mutants) {
    for (const name of seenBy) {
      it.live(`${name}: sees a calendar that ${description}`, () =>
        Effect.gen(function* () {
          const check = CalendarContract.checks.find((one) => one.startsWith(name))
          const layer = Layer.effect(Calendar.Calendar)(Effect.map(CalendarMemory.make(), broken))
          const [result] = yield* CalendarContract.examine({ name: description, layer, check })
          expect(result?.passed).toBe(false)
          expect(result?.message).not.toMatch(/it died/)
        })
      )
    }
  }
})

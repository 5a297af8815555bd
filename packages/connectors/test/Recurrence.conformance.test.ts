import * as EventTime from "@aria/connectors/EventTime"
import * as Recurrence from "@aria/connectors/Recurrence"
import { describe, expect, it } from "@effect/vitest"
import * as Result from "effect/Result"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { event, range } from "./events.ts"
import { naive } from "./naiveRule.ts"
import { localText, readRule } from "./rules.ts"

/** Where the collected data is: the folder that ARIA_DATA names, or `../shared/data` beside the workspace. */
const workspace = resolve(import.meta.dirname, "../../..")
const named = process.env["ARIA_DATA"] ?? ""
const data = named === "" ? resolve(workspace, "../shared/data") : resolve(workspace, named)
const folders = ["ical.js-samples", "icalendar-py"].map((name) => join(data, "conformance", name))

/** The rules of iCalendar files, each with the day that it starts on: of events and of the clocks of zones alike. */
const rulesIn = (text: string): ReadonlyArray<{ readonly start: string; readonly rule: string }> => {
  const lines = text.replace(/\r?\n[ \t]/g, "").split(/\r?\n/)
  const starts: Array<string> = []
  const found: Array<{ readonly start: string; readonly rule: string }> = []
  let own: Array<string> = []
  for (const line of lines) {
    if (/^BEGIN:/i.test(line)) own = []
    const start = /^DTSTART[^:]*:(\d{8})/i.exec(line)?.[1]
    if (start !== undefined) starts.push(start)
    const rule = /^RRULE:(.*)$/i.exec(line)?.[1]
    if (rule !== undefined) own.push(rule)
    if (/^END:/i.test(line)) {
      const last = starts.pop()
      if (last !== undefined) for (const one of own) found.push({ start: localText(last), rule: one })
      own = []
    }
  }
  return found
}

describe.skipIf(named === "" && !existsSync(data))("Recurrence: rules of real calendar files", () => {
  it("each gives what its definition says, or is one that we say we do not know", () => {
    const files = folders.flatMap((folder) => readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => join(folder, name)))
    const seen = new Map<string, { readonly start: string; readonly rule: string }>()
    for (const file of files.filter((name) => name.endsWith(".ics"))) {
      for (const one of rulesIn(readFileSync(file, "utf8"))) seen.set(`${one.start} ${one.rule}`, one)
    }
    const refused: Array<string> = []
    let right = 0
    for (const { rule: text, start } of seen.values()) {
      const read = Result.try(() => readRule(text.replace(/ /g, "").replace(/[;,]$/, "")))
      if (Result.isFailure(read)) {
        refused.push(text)
        continue
      }
      // The files' times do not matter here: the days do.
      const { byHour: _, byMinute: __, bySecond: ___, until: given, ...rule } = read.success
      const until = given?.slice(0, 10)
      const whole = { ...rule, ...(until === undefined ? {} : { until: until < start ? start : until }) }
      const to = `${Number(start.slice(0, 4)) + 6}${start.slice(4).replace("-29", "-28")}`
      const next = new Date(Date.parse(start) + 86_400_000).toISOString().slice(0, 10)
      const found = Recurrence.expand(event({ start: { date: start }, end: { date: next }, recurrence: { rule: whole } }), range(`${start}T00:00:00Z`, `${to}T00:00:00Z`))
      if (Result.isFailure(found)) {
        refused.push(text)
        continue
      }
      expect(found.success.map((one) => EventTime.local(one.start)), `${start} ${text}`).toEqual(naive(whole, start, to).filter((one) => one < to))
      right++
    }
    // RSCALE and SKIP are RFC 7529, two are broken on purpose.
    expect(refused.filter((text) => !/RSCALE|INVALID_TYPE|%n/.test(text))).toEqual([])
    expect(right).toBeGreaterThan(50)
  }, 60_000)
})

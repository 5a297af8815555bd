import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { world } from "./chaos.ts"
import { kinds } from "./stores.ts"

/**
 * `ARIA_CRASH_SEEDS=300` tries more worlds on each store, `ARIA_CRASH_SEED=17` that one alone. What the runs do depends on the seed, and
 * when workers are killed; what they are doing at that moment does not.
 */
const only = process.env["ARIA_CRASH_SEED"]
const count = Number(process.env["ARIA_CRASH_SEEDS"] ?? 12)
const seeds = only === undefined ? Array.from({ length: count }, (_, index) => index + 1) : [Number(only)]

/** Each has three workers, which mostly wait. */
const atOnce = 3

for (const kind of kinds) {
  it.live(
    `${kind}: three workers are killed at any moment in ${seeds.length} worlds, and every law holds`,
    () =>
      Effect.gen(function* () {
        const reports = yield* Effect.forEach(seeds, (seed) => Effect.map(world(kind, seed), (report) => ({ seed, ...report })), { concurrency: atOnce })
        const sum = (of: (report: (typeof reports)[number]) => number) => reports.reduce((all, report) => all + of(report), 0)
        const runs = sum((report) => report.runs)
        const statuses = Object.groupBy(reports.flatMap((report) => report.statuses), (status) => status)
        console.log(
          `${kind}: ${seeds.length} worlds, ${sum((report) => report.kills)} workers ended; ${runs} runs in ${sum((report) => report.lives)} lives ` +
            `(${Object.entries(statuses).map(([status, all]) => `${all?.length} ${status}`).join(", ")}), ${sum((report) => report.units)} values stored, ` +
            `${sum((report) => report.effects)} effects, ${sum((report) => report.doubts)} in doubt`
        )
        const broken = reports.flatMap(({ broken, seed }) => broken.map((what) => `ARIA_CRASH_SEED=${seed} ${kind}: ${what}`))
        expect(broken).toEqual([])
        // Otherwise nothing was tried.
        if (only === undefined) expect(sum((report) => report.lives)).toBeGreaterThan(runs)
      }),
    60_000 + seeds.length * 30_000
  )
}

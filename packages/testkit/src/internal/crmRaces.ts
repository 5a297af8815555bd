/** What holds when several do the same at once. */
import * as Effect from "effect/Effect"
import * as References from "effect/References"
import * as Result from "effect/Result"
import { allOf, broken, type Check, expect, expectSame, show, theCrm, type Row } from "./crmCheck.ts"
import { leastDraft } from "./crmSamples.ts"

const rounds = Array.from({ length: 10 }, (_, round) => round)
const fibers = Array.from({ length: 8 }, (_, index) => index)

/** All at once: who succeeded, and that all others failed with this tag. */
const oneWins = <E extends { readonly _tag: string }>(racers: ReadonlyArray<Effect.Effect<Row, E>>, tag: string, what: string) =>
  Effect.gen(function* () {
    const results = yield* Effect.forEach(racers, (racer) => Effect.result(racer), { concurrency: "unbounded" })
    const winners = results.flatMap((result) => (Result.isSuccess(result) ? [result.success] : []))
    const losers = results.flatMap((result) => (Result.isFailure(result) ? [result.failure._tag] : []))
    const [winner] = winners
    if (winner === undefined || winners.length > 1) return yield* broken(`${winners.length} of ${what} succeeded, should be 1; the others: ${show(losers)}`)
    const other = losers.find((loser) => loser !== tag)
    if (other !== undefined) return yield* broken(`one of ${what} failed with ${other}, should be ${tag}`)
    return winner
  })

/**
 * With pauses after few steps: an adapter that never waits would otherwise end each operation before the next one begins, and two
 * processes would not.
 */
const interleaved = (checks: ReadonlyArray<Check>): ReadonlyArray<Check> =>
  checks.map(({ name, run }) => ({
    name,
    run: (settings) => Effect.forEach([16, 2_048], (steps) => Effect.provideService(run(settings), References.MaxOpsBeforeYield, steps), { discard: true })
  }))

export const checks: ReadonlyArray<Check> = interleaved([
  {
    name: "Races: of several updates of one version, one wins",
    run: () =>
      Effect.gen(function* () {
        const crm = yield* theCrm
        for (const round of rounds) {
          const lead = yield* crm.create("lead", { name: `lead ${round}`, status: "new" })
          const racers = fibers.map((index) => crm.update("lead", { ...lead, change: { name: `by ${index}` } }))
          const winner = yield* oneWins(racers, "StaleRecordError", "8 updates of one version")
          yield* expectSame("lead", yield* crm.get("lead", lead.id), winner, "the lead after the race")
        }
      })
  },
  {
    name: "Races: of several that create one id, one wins",
    run: () =>
      Effect.gen(function* () {
        const crm = yield* theCrm
        const before = (yield* allOf(crm, "lead")).length
        for (const round of rounds) {
          const racers = fibers.map((index) => crm.create("lead", { id: `lead ${before + round}`, name: `by ${index}`, status: "new" }))
          const winner = yield* oneWins(racers, "RecordExistsError", "8 creations of one id")
          yield* expectSame("lead", yield* crm.get("lead", winner.id), winner, "the lead after the race")
        }
        const rows = yield* allOf(crm, "lead")
        yield* expect(rows.length === before + rounds.length, () => `there are ${rows.length - before} leads after ${rounds.length} races`)
      })
  },
  {
    name: "Races: an update and a removal of one version do not both succeed",
    run: () =>
      Effect.gen(function* () {
        const crm = yield* theCrm
        for (const round of rounds) {
          const lead = yield* crm.create("lead", { name: `lead ${round}`, status: "new" })
          const update = Effect.result(crm.update("lead", { ...lead, change: { name: "changed" } }))
          const remove = Effect.result(crm.remove("lead", lead))
          const [updated, removed] = yield* Effect.all(round % 2 === 0 ? [update, remove] : [update, Effect.andThen(Effect.yieldNow, remove)], { concurrency: "unbounded" })
          yield* expect(Result.isSuccess(updated) !== Result.isSuccess(removed), () => `update and removal of one version: ${updated._tag} and ${removed._tag}`)
          const left = (yield* allOf(crm, "lead")).some(({ id }) => id === lead.id)
          yield* expect(left === Result.isSuccess(updated), () => `the lead is ${left ? "there" : "gone"} after its removal was a ${removed._tag}`)
        }
      })
  },
  {
    name: "Races: no reference is left to a record that is removed meanwhile",
    run: () =>
      Effect.gen(function* () {
        const crm = yield* theCrm
        for (const _ of rounds) {
          const account = yield* crm.create("account", { name: "Acme" })
          const creators = fibers.map(() => Effect.result(crm.create("contact", { ...leastDraft("contact", ""), accountId: account.id })))
          const removal = Effect.asVoid(Effect.result(crm.remove("account", account)))
          yield* Effect.all([...creators.slice(0, 2).map(Effect.asVoid), removal, ...creators.slice(2).map(Effect.asVoid)], { concurrency: "unbounded" })
        }
        const accounts = new Set((yield* allOf(crm, "account")).map(({ id }) => id))
        const lost = (yield* allOf(crm, "contact")).find(({ accountId }) => !accounts.has(String(accountId)))
        yield* expect(lost === undefined, () => `the contact ${lost?.id} refers to an account that was removed`)
      })
  }
])

import type * as Budget from "@aria/orchestrator-core/Budget"
import type { Law } from "./law.ts"
import { usageAddsUp } from "./lawOutcomes.ts"
import type { Reserve, Trace } from "./lawTrace.ts"

type States = ReadonlyArray<Budget.LedgerState>
/** Less than a millionth of a dollar: noise of fractions, no money. */
const noise = 5e-7

const keyOf = ({ name, owner }: Budget.LedgerState): string => `${owner}:${name}`
const isLimited = ({ limits }: Budget.LedgerState): boolean => limits.tokens !== undefined || limits.calls !== undefined || limits.usd !== undefined
const limitedOf = (states: States) => states.filter(isLimited)

const over = (state: Budget.LedgerState, request: Reserve["request"], withHeld: boolean): boolean => {
  for (const dimension of ["tokens", "calls", "usd"] as const) {
    const limit = state.limits[dimension]
    if (limit === undefined) continue
    const used = state.usage[dimension]
    if (used >= limit - noise || used + (withHeld ? state.held[dimension] : 0) + request[dimension] > limit + noise) return true
  }
  return false
}
/** It can never fit: what is used never shrinks. */
const neverFits = (states: States, request: Reserve["request"]) => states.some((state) => over(state, request, false))
const hasRoom = (states: States, request: Reserve["request"]) => !states.some((state) => over(state, request, true))

const nameOf = ({ call, id }: Reserve) => `${call.runId}/${call.taskId}, reservation ${id}`
/** Whether it was admitted in the very step in which it was asked. */
const atOnce = ({ admittedOrder, askedOrder }: Reserve) => admittedOrder - askedOrder <= 3

const ofReserves = (name: string, check: (reserve: Reserve, trace: Trace) => string | undefined): Law => ({
  name,
  check: (trace) =>
    trace.reserves.flatMap((reserve) => {
      const wrong = reserve.leaked ? undefined : check(reserve, trace)
      return wrong === undefined ? [] : [`${nameOf(reserve)} ${wrong}`]
    })
})

const account: Law = {
  name: "Budget: used + held never exceeds limit + overrun, in every ledger at every instant",
  check: (trace) => Array.from(trace.overspent)
}

const honest: Law = {
  name: "Budget: honest providers make no overrun",
  check: (trace) => (trace.scenario.honest ? Array.from(trace.overruns) : [])
}

const usedUp = ofReserves("Budget: nothing is admitted while used >= limit", ({ admittedAt, askedAt, before, ...rest }) => {
  const reserve = { admittedAt, askedAt, before, ...rest }
  if (!atOnce(reserve)) return undefined
  const spent = before.find((state) => over(state, { tokens: -Infinity, calls: -Infinity, usd: -Infinity }, false))
  return spent === undefined ? undefined : `was admitted, though ${keyOf(spent)} is used up`
})

const refusedNow = ofReserves("Budget: what can never fit is refused now", ({ admittedAt, askedAt, before, leftAt, request }, trace) => {
  if (!neverFits(before, request)) return undefined
  if (admittedAt !== undefined) return "was admitted, though it can never fit"
  if (leftAt === undefined) return trace.hung === undefined ? undefined : "waits for ever, though it can never fit"
  return leftAt === askedAt ? undefined : `waited until ${leftAt}, though it can never fit since ${askedAt}`
})

/** Those who waited when something happened: asked before, and neither admitted nor gone. */
const waitingAt = (trace: Trace, order: number, at: number) =>
  trace.reserves.filter(
    ({ admittedOrder, askedOrder, leftAt, patient, refusedAt }) =>
      patient && askedOrder < order && admittedOrder > order && refusedAt === undefined && (leftAt === undefined || leftAt >= at)
  )

/** Whether another branch was refused in the same instant, by what ends this one as well: then nothing is admitted here. */
const endsWithAnother = (trace: Trace, reserve: Reserve): boolean =>
  trace.reserves.some(({ admittedAt, askedAt, askedOrder, before, call, leaked, patient, request }) => {
    if (!patient || leaked || call.runId !== reserve.call.runId || call.taskId !== reserve.call.taskId) return false
    if (admittedAt !== undefined || askedAt !== reserve.askedAt || askedOrder > reserve.askedOrder) return false
    const refuser = before.find((state) => over(state, request, false))
    // A region ends what is in it, any other limit the task.
    return refuser !== undefined && (refuser.owner !== "region" || reserve.before.some((state) => keyOf(state) === keyOf(refuser)))
  })

const admittedNow = ofReserves("Budget: what fits and nobody waits before is admitted now", (reserve, trace) => {
  const { admittedAt, askedAt, askedOrder, before, patient, request } = reserve
  if (admittedAt === askedAt || !hasRoom(before, request) || trace.scenario.runs.some(({ stopAt }) => stopAt !== undefined)) return undefined
  if (patient && waitingAt(trace, askedOrder, askedAt).some((other) => other !== reserve)) return undefined
  if (endsWithAnother(trace, reserve)) return undefined
  if (trace.storesReservations && reserve.leftAt === askedAt) return undefined
  return "fits, nobody waits, and it was not admitted"
})

/** Which of its ledgers keep it waiting: those without room for it, or for somebody before it in their queue. */
const blockers = (reserve: Reserve, states: States, before: ReadonlyArray<{ readonly reserve: Reserve; readonly states: States }>): ReadonlyArray<string> =>
  limitedOf(states)
    .filter(
      (state) =>
        over(state, reserve.request, true) ||
        before.some(
          (earlier) =>
            earlier.reserve.askedOrder < reserve.askedOrder &&
            earlier.states.some((own) => keyOf(own) === keyOf(state)) &&
            over(state, earlier.reserve.request, true)
        )
    )
    .map(keyOf)

/** Only where permits are plenty can a wait for budget be told from a wait for a permit. */
const ample = ({ scenario }: Trace) => scenario.options.concurrency === 60

const noLostWaiter: Law = {
  name: "Budget: what would fit once others settle waits no longer than that",
  check: (trace) => {
    const found: Array<string> = []
    if (!ample(trace)) return found
    for (const entry of trace.entries) {
      if (entry.kind !== "quiet") continue
      const asking = entry.asking.filter(({ reserve }) => reserve.patient && !reserve.leaked)
      for (const { reserve, states } of asking) {
        if (neverFits(states, reserve.request)) found.push(`${nameOf(reserve)} can never fit, and still waits at ${entry.at}`)
        else if (blockers(reserve, states, asking).length === 0) found.push(`${nameOf(reserve)} has room at ${entry.at}, and still waits`)
      }
    }
    return found
  }
}

const strictOrder: Law = {
  name: "Budget: waits in strict order per ledger, overtaking only those blocked by a ledger it does not use",
  check: (trace) => {
    const found: Array<string> = []
    if (!ample(trace)) return found
    let since = 0
    for (const [order, entry] of trace.entries.entries()) {
      if (entry.kind !== "quiet") continue
      const asking = entry.asking.filter(({ reserve }) => reserve.patient && !reserve.leaked)
      for (const one of asking) {
        for (const later of trace.reserves) {
          if (later.leaked || later.beneath || !later.patient || later.askedOrder <= one.reserve.askedOrder) continue
          if (later.admittedOrder < since || later.admittedOrder > order) continue
          const used = new Set(limitedOf(later.before).map(keyOf))
          if (!limitedOf(one.states).some((state) => used.has(keyOf(state)))) continue
          if (blockers(one.reserve, one.states, asking).every((key) => used.has(key))) {
            found.push(`${nameOf(later)} overtook ${nameOf(one.reserve)} at ${entry.at}`)
          }
        }
      }
      since = order
    }
    return found
  }
}

const beneath = ofReserves("Budget: a request beneath an open reservation never waits", (reserve) => {
  const { admittedAt, askedAt, leftAt } = reserve
  if (!reserve.beneath || leftAt === undefined) return undefined
  return leftAt === askedAt && (admittedAt === undefined || admittedAt === askedAt) ? undefined : `waited from ${askedAt} to ${leftAt}`
})

const neverReturns = ofReserves("Budget: a refused call never returns to the handler", ({ patient, returned }) =>
  patient && returned ? "was not admitted, and the handler went on" : undefined
)

const tryReserve = ofReserves("Budget: tryReserve never waits, and says which ledger has no room", (reserve) => {
  const { admittedAt, askedAt, before, patient, refusal, refusedAt, request } = reserve
  if (patient) return undefined
  if (admittedAt !== undefined && admittedAt !== askedAt) return `waited until ${admittedAt}`
  if (refusedAt !== undefined && refusedAt !== askedAt) return `waited for its refusal until ${refusedAt}`
  if (refusal === undefined) return undefined
  const named = before.find(({ name, owner }) => owner === refusal.owner && name === refusal.scope)
  return named !== undefined && over(named, request, true) ? undefined : `was refused by ${refusal.owner} "${refusal.scope}", which has room`
})

const charges: Law = {
  name: "Budget: a charge after a limit was used up ends its task or region; before that it returns",
  check: (trace) =>
    trace.charges.flatMap(({ before, call, returned }) => {
      const exhausted = before.some((state) => over(state, { tokens: -Infinity, calls: -Infinity, usd: -Infinity }, false))
      const stopped = trace.scenario.runs.some(({ stopAt }) => stopAt !== undefined)
      if (exhausted && returned) return [`${call.runId}/${call.taskId} went on after a charge to a limit that was used up`]
      return !exhausted && !returned && !stopped && call.exit?._tag === "Success" ? [`${call.runId}/${call.taskId} was ended by a first overrun`] : []
    })
}

export const budget: ReadonlyArray<Law> = [
  account,
  honest,
  usedUp,
  refusedNow,
  admittedNow,
  noLostWaiter,
  strictOrder,
  beneath,
  neverReturns,
  tryReserve,
  charges,
  usageAddsUp("Budget: unknown usage settles at the reservation", "unknown", "interrupted"),
  usageAddsUp("Budget: what is released counts nothing", "released")
]

/** What must be true of the runs of a store, whatever became of the workers. Each law gives a sentence for each time that it is broken. */
import type * as Progress from "@aria/orchestrator-core/Progress"
import { isTerminal } from "@aria/orchestrator-core/Progress"
import type { Receipt } from "@aria/orchestrator-core/Receipt"
import type * as RunResult from "@aria/orchestrator-core/RunResult"
import type { TaskOutcome } from "@aria/orchestrator-core/TaskOutcome"
import type { Details } from "@aria/adapter-cluster/StoredRun"
import type { Entry } from "./diary.ts"
import type { Arrival } from "./outside.ts"
import { madeIn } from "./randomPlan.ts"
import type { AccountSeen, RunSeen, SpendSeen, UnitSeen } from "./witness.ts"

export interface RunEvidence {
  readonly details: Details
  readonly result: RunResult.RunResult<unknown, unknown> | undefined
  /** All its events, read when it had ended. */
  readonly events: ReadonlyArray<Progress.Event>
  /** Its events as somebody heard them while it went on. */
  readonly heard: ReadonlyArray<Progress.Event>
}

export interface SpendRow {
  readonly run_id: string
  readonly state: string
  readonly accounts: string
  readonly input_tokens: number
  readonly output_tokens: number
  readonly calls: number
}

export interface AccountRow {
  readonly id: string
  readonly used_tokens: number
  readonly used_calls: number
  readonly held_tokens: number
  readonly held_calls: number
}

export interface Evidence {
  readonly runs: ReadonlyArray<RunEvidence>
  readonly diary: ReadonlyArray<Entry>
  readonly arrivals: ReadonlyArray<Arrival>
  readonly receipts: ReadonlyArray<Receipt>
  readonly doubtful: ReadonlyArray<Receipt>
  readonly spends: ReadonlyArray<SpendRow>
  readonly accounts: ReadonlyArray<AccountRow>
  readonly seen: { readonly units: ReadonlyArray<UnitSeen>; readonly accounts: ReadonlyArray<AccountSeen>; readonly spends: ReadonlyArray<SpendSeen>; readonly runs: ReadonlyArray<RunSeen> }
  /** In tokens, by the id of the account. */
  readonly limits: ReadonlyMap<string, number>
}

type Law = (evidence: Evidence) => ReadonlyArray<string>

const ended: ReadonlySet<string> = new Set(["succeeded", "failed", "cancelled", "needsDecision"])

const everyRunEnds: Law = ({ runs }) =>
  runs.flatMap(({ details: { run }, result }) => [
    ...(ended.has(run.status) ? [] : [`${run.id} is ${run.status}: ${run.reason ?? "no reason"}`]),
    ...(result === undefined ? [`${run.id} has no result`] : [])
  ])

/** The clocks of the database and of the processes are one; they are read to the millisecond. */
const slackMillis = 2

const nothingStoredRunsAgain: Law = ({ diary, seen }) => {
  const stored = new Map<string, number>()
  for (const { at, key, run_id, value, what } of seen.units) {
    if (what !== "insert") continue
    const parts = key.split("#")
    const last = parts.at(-1)!
    // Calls are told apart by what they are called with, of which the result has the name.
    const name = last.startsWith("call/") ? `${parts[0]} call ${last.split("/")[1]} ${JSON.parse(value).success?.name}` : key
    stored.set(`${run_id} ${name}`, Math.min(Number(at), stored.get(`${run_id} ${name}`) ?? Infinity))
  }
  return diary.flatMap((entry) => {
    const { at, attempt, name, round, run, task, what } = entry
    const own = what === "step" ? `${task}${round === 1 ? "" : `#iteration/${round}`}#step/${name}` : `${task} call ${attempt} ${name}`
    return [own, task].flatMap((key) => {
      const when = stored.get(`${run} ${key}`)
      return when !== undefined && at > when + slackMillis ? [`the ${what} ${name} of ${run} ${task} began ${(at - when).toFixed(0)} ms after ${key} was stored`] : []
    })
  })
}

const whatIsStoredStays: Law = ({ seen }) => {
  const units = new Map<string, string>()
  const results = new Map<string, string>()
  return [
    ...seen.units.flatMap(({ key, run_id, value, what }) => {
      const name = `${run_id} ${key}`
      const before = units.get(name)
      units.set(name, value)
      if (what === "delete") return [`${name} was removed`]
      // A step that failed is done again by another attempt.
      const isRepeated = before !== undefined && key.includes("#step/") && before.startsWith('{"_tag":"Failure"')
      return before === undefined || before === value || isRepeated ? [] : [`${name} was ${before} and became ${value}`]
    }),
    ...seen.runs.flatMap(({ id, result, status }) => {
      const before = results.get(id)
      if (before !== undefined && before !== `${status} ${result}`) return [`the result of ${id} was ${before} and became ${status} ${result}`]
      if (result !== null) results.set(id, `${status} ${result}`)
      return []
    })
  ]
}

/** Whatever saw a value saw the one that is stored: of the tasks before it, of its steps and its calls. */
const whatIsSeenIsStored: Law = ({ runs }) =>
  runs.flatMap(({ details: { run, units } }) => {
    const tasks = units.flatMap(({ key, kind, value }) => (kind === "task" ? [{ key, outcome: value as any }] : [])).filter(({ outcome }) => outcome._tag === "succeeded")
    const values = new Map(tasks.flatMap(({ outcome }) => madeIn(outcome.output)).map(({ name, value }) => [name, value]))
    const within = new Map<string, Set<number>>()
    for (const { key, kind, value } of units) {
      const { _tag, success } = value as any
      if ((kind !== "step" && kind !== "call") || _tag !== "Success" || typeof success !== "object") continue
      const place = `${key.split("#")[0]} ${success.name}`
      within.set(place, (within.get(place) ?? new Set()).add(success.value))
    }
    return tasks.flatMap(({ key, outcome: { output } }) => {
      if (typeof output !== "object" || output === null || !("seen" in output)) return []
      const { calls, seen, steps } = output
      return [
        ...seen.flatMap(({ name, value }: any) => (values.get(name) === value ? [] : [`${run.id} ${key} saw ${value} of ${name}, stored is ${values.get(name)}`])),
        ...[...steps, ...calls].flatMap(({ name, value }: any) => (within.get(`${key} ${name}`)?.has(value) ? [] : [`${run.id} ${key} had ${value} of ${name}, stored is ${Array.from(within.get(`${key} ${name}`) ?? [])}`]))
      ]
    })
  })

const theResultIsWhatIsStored: Law = ({ runs }) =>
  runs.flatMap(({ details: { result, run, units } }) => {
    if (result === undefined) return []
    const stored = new Map(units.map(({ key, value }) => [key, value as any]))
    return (result as any).results.flatMap((outcome: any) => {
      const unit = stored.get(outcome.taskId.replaceAll("/", "%2F"))
      if (unit === undefined) return []
      const same = unit._tag === outcome._tag && JSON.stringify(madeIn(unit.output)) === JSON.stringify(madeIn(outcome.output)) && JSON.stringify(unit.usage) === JSON.stringify(outcome.usage)
      return same ? [] : [`the task ${outcome.taskId} of ${run.id} is stored as ${JSON.stringify(unit)}, and in the result it is ${JSON.stringify(outcome)}`]
    })
  })

const outcomesIn = (runId: string, results: ReadonlyArray<TaskOutcome<unknown, unknown>>): ReadonlyArray<{ readonly runId: string; readonly outcome: TaskOutcome<unknown, unknown> }> =>
  results.flatMap((outcome) => {
    const nested = "run" in outcome ? outcome.run : undefined
    return [{ runId, outcome }, ...(nested === undefined ? [] : outcomesIn(nested.runId, nested.results))]
  })

const effectsHappenOnce: Law = ({ arrivals, doubtful, receipts, runs }) => {
  const count = new Map<string, number>()
  for (const { key } of arrivals) count.set(key, (count.get(key) ?? 0) + 1)
  const arrived = new Set(arrivals.map(({ id }) => id))
  const byId = new Map(receipts.map((receipt) => [receipt.id, receipt]))
  const listed = new Set(doubtful.map(({ id }) => id))
  return [
    ...Array.from(count).flatMap(([key, times]) => (times === 1 ? [] : [`${key} was done ${times} times`])),
    ...Array.from(arrived).flatMap((id) => (byId.has(id) ? [] : [`${id} was done without a receipt`])),
    ...receipts.flatMap(({ id, key, runId, state }) => {
      if (state === "calling") return [`${key} of ${runId} is called for ever`]
      if (state === "unknown") return listed.has(id) ? [] : [`${key} of ${runId} is doubtful and not listed`]
      return (state === "done") === arrived.has(id) ? [] : [`${key} of ${runId} has the receipt ${state} and was ${arrived.has(id) ? "" : "not "}done`]
    }),
    ...runs.flatMap(({ details: { run }, result }) => {
      const isInDoubt = outcomesIn(run.id, result?.results ?? []).some(({ outcome }) => outcome._tag === "failed" && (outcome.error as any)._tag === "SideEffectUnknownError")
      return isInDoubt === (run.status === "needsDecision") ? [] : [`${run.id} is ${run.status}, and ${isInDoubt ? "a" : "no"} task of it ended in doubt`]
    })
  ]
}

const tokensOf = ({ input_tokens, output_tokens }: SpendRow): number => Number(input_tokens) + Number(output_tokens)

const usageAddsUp: Law = ({ runs, spends }) =>
  runs.flatMap(({ details: { run, usage }, result }) => {
    if (result === undefined) return []
    const own = spends.filter(({ run_id }) => run_id === run.id)
    const open = own.filter(({ state }) => state !== "settled")
    const tokens = own.reduce((sum, row) => sum + tokensOf(row), 0)
    const calls = own.reduce((sum, row) => sum + Number(row.calls), 0)
    const tasks = result.results.filter(({ parent }) => parent === undefined)
    const sum = tasks.reduce((all, one) => ({ tokens: all.tokens + one.usage.tokens, calls: all.calls + one.usage.calls }), { tokens: 0, calls: 0 })
    const same = (what: string, is: { readonly tokens: number; readonly calls: number }) =>
      is.tokens === result.usage.tokens && is.calls === result.usage.calls
        ? []
        : [`${run.id} used ${result.usage.tokens} tokens in ${result.usage.calls} calls, ${what} ${is.tokens} in ${is.calls}`]
    return [...same("its tasks", sum), ...same("stored are", { tokens, calls }), ...same("shown are", usage), ...open.map(() => `a reservation of ${run.id} is open`)]
  })

const accountIds = (accounts: string): ReadonlyArray<string> => (JSON.parse(accounts) as ReadonlyArray<{ readonly id: string }>).map(({ id }) => id)

/** Only what was charged after the fact may overrun a limit. */
const overrunOf = (id: string, spends: ReadonlyArray<SpendSeen>): number =>
  spends.reduce((sum, { accounts, input_tokens, output_tokens, state, what }) => (what === "insert" && state === "settled" && accountIds(accounts).includes(id) ? sum + Number(input_tokens) + Number(output_tokens) : sum), 0)

const accountsHold: Law = ({ accounts, limits, seen, spends }) => [
  ...Array.from(limits).flatMap(([account, limit]) => {
    const most = limit + overrunOf(account, seen.spends)
    return seen.accounts.flatMap(({ held_tokens, id, used_tokens }) => id === account && Number(used_tokens) + Number(held_tokens) > most ? [`${id} had ${used_tokens} used and ${held_tokens} held, its limit is ${limit}`] : [])
  }),
  ...accounts.flatMap(({ held_calls, held_tokens, id, used_calls, used_tokens }) => {
    const own = spends.filter((row) => accountIds(row.accounts).includes(id))
    const tokens = own.reduce((sum, row) => sum + tokensOf(row), 0)
    const calls = own.reduce((sum, row) => sum + Number(row.calls), 0)
    return [
      ...(Number(held_tokens) === 0 && Number(held_calls) === 0 ? [] : [`${id} holds ${held_tokens} tokens and ${held_calls} calls at the end`]),
      ...(Number(used_tokens) === tokens && Number(used_calls) === calls ? [] : [`${id} has ${used_tokens} tokens and ${used_calls} calls used, spent were ${tokens} and ${calls}`])
    ]
  })
]

const kindOf = { succeeded: "complete", failed: "failed", skipped: "skipped", cancelled: "cancelled", timedOut: "timedOut" } as const

const theTailIsWhole: Law = ({ runs }) =>
  runs.flatMap(({ details: { run }, events, heard, result }) => {
    if (result === undefined) return []
    const gaps = events.flatMap(({ seq }, index) => (seq === index ? [] : [`event ${index} of ${run.id} has the number ${seq}`])).slice(0, 1)
    const terminal = new Map<string, Array<string>>()
    for (const event of events) {
      if (!isTerminal(event)) continue
      const place = `${event.runId} ${event.taskId}`
      terminal.set(place, [...(terminal.get(place) ?? []), event._tag])
    }
    const ends = events.filter(({ _tag, runId }) => _tag === "RunEnded" && runId === run.id)
    const starts = events.filter(({ _tag, runId }) => _tag === "RunStarted" && runId === run.id)
    return [
      ...gaps,
      ...outcomesIn(run.id, result.results).flatMap(({ outcome, runId }) => {
        const told = terminal.get(`${runId} ${outcome.taskId}`) ?? []
        return told.length === 1 && told[0] === kindOf[outcome._tag] ? [] : [`${runId} ${outcome.taskId} is ${outcome._tag}, told was ${told.length === 0 ? "nothing" : told.join(" and ")}`]
      }),
      ...(starts.length === 1 && events[0] === starts[0] ? [] : [`${run.id} began ${starts.length} times`]),
      ...(ends.length === 1 && events.at(-1) === ends[0] ? [] : [`${run.id} ended ${ends.length} times, its last event is ${events.at(-1)?._tag}`]),
      ...(JSON.stringify(heard.map(({ _tag, seq }) => [seq, _tag])) === JSON.stringify(events.map(({ _tag, seq }) => [seq, _tag])) ? [] : [`whoever listened to ${run.id} heard ${heard.length} events, stored are ${events.length}`])
    ]
  })

const oneOwnerAtATime: Law = ({ seen }) => {
  const last = new Map<string, RunSeen>()
  return seen.runs.flatMap((row) => {
    const before = last.get(row.id)
    last.set(row.id, row)
    if (before === undefined || row.owner === null || row.owner === before.owner) return []
    return Number(row.fence) > Number(before.fence) ? [] : [`${row.id} went from ${before.owner} to ${row.owner}, and its fence stayed ${row.fence}`]
  })
}

export const laws: Readonly<Record<string, Law>> = {
  "every run ends": everyRunEnds,
  "nothing that was stored runs again": nothingStoredRunsAgain,
  "what is stored stays": whatIsStoredStays,
  "what is seen is stored": whatIsSeenIsStored,
  "the result is what is stored": theResultIsWhatIsStored,
  "effects happen at most once, and doubts are listed": effectsHappenOnce,
  "usage adds up": usageAddsUp,
  "accounts hold at every instant": accountsHold,
  "the tail is whole": theTailIsWhole,
  "one owner at a time": oneOwnerAtATime
}

/** What is broken, a sentence each. */
export const broken = (evidence: Evidence): ReadonlyArray<string> =>
  Object.entries(laws).flatMap(([name, law]) => law(evidence).map((what) => `${name}: ${what}`))

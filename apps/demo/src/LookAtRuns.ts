/** What is known about the runs of a store: to look changes nothing. */
import { Runs, type StoredRun } from "@aria/adapter-cluster"
import { Progress, RunResult } from "@aria/orchestrator-core"
import * as Clock from "effect/Clock"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Declined from "./Declined.ts"
import { DurableWatch } from "./DurableWatch.ts"
import * as Execution from "./Execution.ts"
import * as ExitCode from "./ExitCode.ts"
import * as RunText from "./RunText.ts"
import * as ShortId from "./ShortId.ts"

/** Among as many, the newest, an id can be given by how it begins. */
const most = 1_000

/** The run that is meant. */
export const find = Effect.fn("LookAtRuns.find")(function* (given: string) {
  const runs = yield* Runs.Runs
  return yield* Effect.catchTag(runs.get(given), "UnknownRunError", () =>
    Effect.flatMap(runs.list({ limit: most }), (all) => ShortId.find("run", all, ({ id }) => id, given))
  )
})

const json = (value: unknown): string => JSON.stringify(value, null, 2)

/** With the types of the plan where it is the one that is known here: only then a brief can be told from other JSON. */
const decodeResult = ({ plan, version }: StoredRun.StoredRun, result: Schema.Json): Effect.Effect<RunResult.RunResult<unknown, unknown>, Schema.SchemaError> =>
  plan === DurableWatch.name && version === DurableWatch.version
    ? Schema.decodeUnknownEffect(RunResult.schemaFor(DurableWatch))(result)
    : Schema.decodeUnknownEffect(RunResult.RunResult)(result)

const none: ReadonlySet<string> = new Set()

/** Whether nothing went wrong in a failed run but what nobody approved. */
const declinedOf = ({ result, run }: StoredRun.Details): Effect.Effect<ReadonlySet<string>, Schema.SchemaError> =>
  run.status !== "failed" || result === undefined
    ? Effect.succeed(none)
    : Effect.map(decodeResult(run, result), (result) => (Declined.onlyDeclined(result) ? new Set([run.id]) : none))

export const list = Effect.fn("LookAtRuns.list")(function* (given: { readonly status: ReadonlyArray<StoredRun.Status>; readonly limit: number; readonly json: boolean }) {
  const runs = yield* Runs.Runs
  const found = yield* runs.list({ limit: given.limit, ...(given.status.length === 0 ? {} : { status: given.status }) })
  if (given.json) return yield* Console.log(json(found))
  if (found.length === 0) return yield* Console.log("There is no such run.")
  const failed = found.filter(({ status }) => status === "failed")
  const declined = yield* Effect.forEach(failed, ({ id }) => Effect.orDie(Effect.flatMap(runs.inspect(id), declinedOf)))
  const lines = RunText.list(found, new Set(declined.flatMap((ids) => [...ids])), yield* Clock.currentTimeMillis, Execution.widthOf(process.stdout))
  yield* Console.log(lines.join("\n"))
  if (found.length === given.limit) yield* Console.error(`These are the newest ${given.limit}; --limit shows more.`)
})

export const show = Effect.fn("LookAtRuns.show")(function* (given: { readonly id: string; readonly json: boolean }) {
  const runs = yield* Runs.Runs
  const { id } = yield* find(given.id)
  const details = yield* runs.inspect(id)
  if (given.json) return yield* Console.log(json(details))
  const lines = [...RunText.details(details, yield* Effect.orDie(declinedOf(details)), yield* Clock.currentTimeMillis, Execution.widthOf(process.stdout)), ""]
  if (details.result === undefined) return yield* Console.log([...lines, ...RunText.stored(details)].join("\n").trimEnd())
  const result = yield* Effect.orDie(decodeResult(details.run, details.result))
  yield* Console.log([...lines, Execution.printed(result, ExitCode.of(result, { interrupted: false, timeout: undefined }), undefined)].join("\n"))
})

const encodeEvent = Schema.encodeEffect(Schema.fromJsonString(Progress.Event))

/** Events as they come, to the last one. */
export const tail = Effect.fn("LookAtRuns.tail")(function* (given: { readonly id: string; readonly from: number; readonly json: boolean }) {
  const runs = yield* Runs.Runs
  const { id } = yield* find(given.id)
  yield* Stream.runForEach(runs.tail(id, { from: given.from }), (event) =>
    Effect.flatMap(given.json ? Effect.orDie(encodeEvent(event)) : Effect.succeed(RunText.event(event)), (line) => Console.log(line))
  )
})

/** All that is stored, a line of JSON each. */
export const exportAll = Effect.fn("LookAtRuns.exportAll")(function* (given: { readonly id: string }) {
  const runs = yield* Runs.Runs
  const { id } = yield* find(given.id)
  yield* Stream.runForEach(runs.export(id), (value) => Console.log(JSON.stringify(value)))
})

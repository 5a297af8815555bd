/** What can be done with the runs of a store: stop, go on, fork, remove. */
import { Runs, type StoredRun } from "@aria/adapter-cluster"
import type { Progress } from "@aria/orchestrator-core"
import * as Clock from "effect/Clock"
import * as Console from "effect/Console"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type * as Cli from "./Cli.ts"
import * as Durable from "./Durable.ts"
import { DurableWatch } from "./DurableWatch.ts"
import * as InputFile from "./InputFile.ts"
import * as Interrupted from "./Interrupted.ts"
import * as LookAtRuns from "./LookAtRuns.ts"
import * as ShortId from "./ShortId.ts"
import * as Workshop from "./Workshop.ts"

/** A run of a plan that this program does not have: an older one's, or one of a file. */
export class OtherPlanError extends Schema.TaggedError<OtherPlanError>()("OtherPlanError", {
  runId: Schema.String,
  plan: Schema.String,
  version: Schema.String
}) {
  override get message(): string {
    const known = `${DurableWatch.name} ${DurableWatch.version}`
    return [
      `The run ${ShortId.short(this.runId)} is of the plan "${this.plan}" in version ${this.version}; this demo has ${known}.`,
      "A run of a plan file is gone on with by the command that started it, after runs resume --detach where it had ended.",
      "One of another version of the demo is for that version; a new run does without it."
    ].join("\n")
  }
}

/** It has ended, and there is nothing to stop. */
export class RunEndedError extends Schema.TaggedError<RunEndedError>()("RunEndedError", { runId: Schema.String, status: Schema.String }) {
  override get message(): string {
    return `The run ${ShortId.short(this.runId)} has ended: it is ${this.status}.`
  }
}

const isOpen = ({ status }: StoredRun.StoredRun): boolean => status === "queued" || status === "running"

export const cancel = Effect.fn("ChangeRuns.cancel")(function* (given: { readonly id: string }) {
  const runs = yield* Runs.Runs
  const run = yield* LookAtRuns.find(given.id)
  if (!isOpen(run) && run.status !== "planChanged") return yield* new RunEndedError({ runId: run.id, status: run.status })
  yield* runs.cancel(run.id)
  yield* Console.log(`The run ${ShortId.short(run.id)} is asked to stop; "runs show" says when it has.`)
})

type How = Pick<Cli.Options, "concurrency" | "handsIn" | "output">

const ours = (run: StoredRun.StoredRun): Effect.Effect<void, OtherPlanError> =>
  run.plan === DurableWatch.name && run.version === DurableWatch.version ? Effect.void : Effect.fail(new OtherPlanError({ runId: run.id, plan: run.plan, version: run.version }))

/** Carries it out here, beside what else there is to do in the store, or leaves it to workers. */
const goOn = Effect.fn("ChangeRuns.goOn")(function* (id: string, how: How, told: ReadonlyArray<Progress.Event> = []) {
  const runs = yield* Runs.Runs
  if (how.handsIn) {
    yield* Console.error(`A worker of this store carries it out, "runs show ${ShortId.short(id)}" shows it.`)
    return yield* Console.log(id)
  }
  const { input } = yield* runs.inspect(id)
  const decoded = yield* Effect.orDie(Interrupted.decodeInput(input))
  const everything = { ...how, maxCalls: undefined, model: undefined, timeout: undefined }
  yield* Effect.provide(Durable.watchHere(id, everything, decoded, told), Workshop.worker({ concurrency: how.concurrency, hasTerminal: true }))
})

export const resume = Effect.fn("ChangeRuns.resume")(function* (given: How & { readonly id: string }) {
  const runs = yield* Runs.Runs
  const run = yield* LookAtRuns.find(given.id)
  if (!given.handsIn) yield* ours(run)
  if (isOpen(run)) return yield* goOn(run.id, given)
  const told = yield* Stream.runCollect(runs.tail(run.id))
  yield* runs.resume(run.id)
  yield* goOn(run.id, given, told)
})

const decodeJson = Schema.decodeUnknownEffect(Schema.Json)

const hint = 'The input of a run is in "runs show ID --json"; what is given here takes the place of its fields.'

const readInput = Effect.fn("ChangeRuns.readInput")(function* (given: string) {
  const isText = given.trimStart().startsWith("{")
  const file = isText ? { subject: "The input", hint, text: given } : yield* InputFile.read("input", given, hint)
  const data = yield* InputFile.json(file)
  if (!Predicate.isObject(data) || Array.isArray(data)) return yield* InputFile.refuse(file, ["it is JSON, but not an object."])
  return { file, fields: data }
})

/** Fields of the given input take the place of those of the other run. */
export const fork = Effect.fn("ChangeRuns.fork")(function* (given: How & { readonly id: string; readonly input: Option.Option<string> }) {
  const runs = yield* Runs.Runs
  const run = yield* LookAtRuns.find(given.id)
  yield* ours(run)
  const own = (yield* runs.inspect(run.id)).input
  const changes = Option.isSome(given.input) ? yield* readInput(given.input.value) : undefined
  const input = yield* Effect.orDie(decodeJson(changes === undefined ? own : Object.assign({}, own, changes.fields)))
  const checked = Effect.mapError(Interrupted.decodeInput(input, { errors: "all", onExcessProperty: "error" }), (error) =>
    changes === undefined ? error : InputFile.refuse(changes.file, InputFile.problems(error))
  )
  yield* Effect.catchTag(checked, "SchemaError", Effect.die)
  const id = yield* runs.fork(run.id, { input })
  yield* Console.error(`The run ${ShortId.short(id)} is a fork of ${ShortId.short(run.id)}: what is the same in both is not done again.`)
  yield* goOn(id, given)
})

export const remove = Effect.fn("ChangeRuns.remove")(function* (given: { readonly id: string }) {
  const runs = yield* Runs.Runs
  const { id } = yield* LookAtRuns.find(given.id)
  yield* runs.remove(id)
  yield* Console.log(`Removed ${id}.`)
})

export const prune = Effect.fn("ChangeRuns.prune")(function* (given: { readonly olderThan: Duration.Duration }) {
  const runs = yield* Runs.Runs
  const endedBefore = (yield* Clock.currentTimeMillis) - Duration.toMillis(given.olderThan)
  const removed = yield* runs.prune({ endedBefore })
  yield* Console.log(removed === 1 ? "Removed 1 run." : `Removed ${removed} runs.`)
})

/** `runs`: what is in a store, and what can be done with it. What needs the store is only loaded when it is asked for. */
import type { Runs as Service, StoredRun } from "@aria/adapter-cluster"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { Argument, CliError, Command, Flag } from "effect/cli"
import * as Cli from "../Cli.ts"
import * as Store from "../Store.ts"

const store = Store.flag
const id = Argument.String("id").pipe(Argument.withDescription("The id of a run, or how it begins"))
const json = (description: string) => Flag.Boolean("json").pipe(Flag.withDefault(false), Flag.withDescription(description))

/** The runs of a store that is there. */
const inStore = <A, E, R>(given: Option.Option<string>, effect: Effect.Effect<A, E, R | Service.Runs>) =>
  Effect.gen(function* () {
    const choice = yield* Store.required(given)
    const Workshop = yield* Effect.promise(() => import("../Workshop.ts"))
    return yield* Effect.provide(effect, Layer.provideMerge(Workshop.client, Store.clientOfExisting(choice)))
  })

const look = Effect.promise(() => import("../LookAtRuns.ts"))
const change = Effect.promise(() => import("../ChangeRuns.ts"))

const statuses = ["queued", "running", "succeeded", "failed", "cancelled", "needsDecision", "planChanged", "deadLetter"] as const satisfies ReadonlyArray<StoredRun.Status>

const list = Command.make(
  "list",
  {
    store,
    status: Flag.Literals("status", statuses).pipe(Flag.withDescription("Only these, may be repeated"), Flag.atLeast(0)),
    limit: Cli.wholeFromOne("limit").pipe(Flag.withDescription("The most (default: 20)"), Flag.withDefault(20)),
    json: json("As JSON")
  },
  (given) => inStore(given.store, Effect.flatMap(look, (runs) => runs.list(given)))
).pipe(Command.withDescription("Lists runs, the newest first"))

const show = Command.make("show", { id, store, json: json("All that is stored but the events, as JSON") }, (given) =>
  inStore(given.store, Effect.flatMap(look, (runs) => runs.show(given)))
).pipe(Command.withDescription("One run: its tasks, and the brief where it has ended"))

const from = Flag.String("from").pipe(
  Flag.filterMap(
    (text) => Option.liftPredicate(Number(text), (value) => /^\d{1,15}$/.test(text) && Number.isSafeInteger(value)),
    () => "the number of an event, such as 0 or 17"
  ),
  Flag.withMetavar("N"),
  Flag.withDescription("From the event with this number on (default: 0)"),
  Flag.withDefault(0)
)

const tail = Command.make("tail", { id, store, from, json: json("Each event as a line of JSON, as --events prints it") }, (given) =>
  inStore(given.store, Effect.flatMap(look, (runs) => runs.tail(given)))
).pipe(Command.withDescription("The events of a run as they come, to its end; Ctrl-C ends the looking, not the run"))

const exportAll = Command.make("export", { id, store }, (given) =>
  inStore(given.store, Effect.flatMap(look, (runs) => runs.exportAll(given)))
).pipe(Command.withDescription("All that is stored of a run, as lines of JSON"))

const cancel = Command.make("cancel", { id, store }, (given) => inStore(given.store, Effect.flatMap(change, (runs) => runs.cancel(given)))).pipe(
  Command.withDescription("Stops a run, wherever it is carried out; what is done stays")
)

const how = {
  concurrency: Cli.concurrency,
  detach: Flag.Boolean("detach").pipe(Flag.withDefault(false), Flag.withDescription("Leave it to the workers of the store")),
  json: json("The result as one JSON document"),
  events: Flag.Boolean("events").pipe(Flag.withDefault(false), Flag.withDescription("Each event as a line of JSON"))
}

const howOf = (given: { readonly concurrency: number; readonly detach: boolean; readonly json: boolean; readonly events: boolean }) => {
  const { concurrency, detach, events, json } = given
  if (json && events) return Effect.fail(new CliError.ValidationError({ message: "--json and --events exclude each other: stdout is one or the other." }))
  if (detach && (json || events)) return Effect.fail(new CliError.ValidationError({ message: "--detach excludes --json and --events: there is no result yet." }))
  return Effect.succeed({ concurrency, handsIn: detach, output: json ? ("json" as const) : events ? ("events" as const) : ("text" as const) })
}

const resume = Command.make("resume", { id, store, ...how }, (given) =>
  Effect.flatMap(howOf(given), (how) => inStore(given.store, Effect.flatMap(change, (runs) => runs.resume({ ...how, id: given.id }))))
).pipe(Command.withDescription("Goes on with a run here, to its end: tasks that succeeded are kept, all others done (again)"))

const input = Flag.String("input").pipe(
  Flag.withMetavar("JSON|FILE"),
  Flag.withDescription('Fields of the input that are to be others, such as {"minScore": 0.5}'),
  Flag.optional
)

const fork = Command.make("fork", { id, store, input, ...how }, (given) =>
  Effect.flatMap(howOf(given), (how) => inStore(given.store, Effect.flatMap(change, (runs) => runs.fork({ ...how, id: given.id, input: given.input }))))
).pipe(Command.withDescription("A new run like another one, with other input where it is given; equal tasks are taken over"))

const remove = Command.make("remove", { id, store }, (given) => inStore(given.store, Effect.flatMap(change, (runs) => runs.remove(given)))).pipe(
  Command.withDescription("Removes a run that has ended; receipts and questions stay")
)

const units: Readonly<Record<string, Duration.Duration>> = { m: Duration.minutes(1), h: Duration.hours(1), d: Duration.days(1), w: Duration.weeks(1) }

const olderThan = Flag.String("older-than").pipe(
  Flag.filterMap(
    (text) => {
      const [, amount, unit = ""] = /^(\d{1,5})\s*([mhdw])$/.exec(text.trim()) ?? []
      const one = units[unit]
      return amount === undefined || one === undefined ? Option.none() : Option.some(Duration.times(one, Number(amount)))
    },
    () => "a time with its unit, such as 30d, 12h or 2w"
  ),
  Flag.withMetavar("TIME"),
  Flag.withDescription("Those that ended longer ago, such as 30d")
)

const prune = Command.make("prune", { store, olderThan }, (given) => inStore(given.store, Effect.flatMap(change, (runs) => runs.prune(given)))).pipe(
  Command.withDescription("Removes runs that ended long ago; those in doubt stay")
)

export const command = Command.make("runs").pipe(
  Command.withDescription("Runs that were kept with --store: look at them, stop them, go on with them"),
  Command.withSubcommands([list, show, tail, cancel, resume, fork, remove, prune, exportAll])
)

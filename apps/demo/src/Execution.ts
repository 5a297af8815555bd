/** One plan from its start to its last line: progress while it runs, Ctrl-C, and what is printed at the end. */
import { Draft } from "@aria/agents-scribe"
import { Scout } from "@aria/agents-scout"
import { Orchestrator, type Plan, Progress, RunResult, Usage } from "@aria/orchestrator-core"
import * as Console from "effect/Console"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Brief from "./Brief.ts"
import * as BriefText from "./BriefText.ts"
import * as Cells from "./Cells.ts"
import type * as Cli from "./Cli.ts"
import * as ExitCode from "./ExitCode.ts"
import * as Interruption from "./Interruption.ts"
import * as Screen from "./Screen.ts"
import * as Spending from "./Spending.ts"
import * as Summary from "./Summary.ts"

const isBrief = Schema.is(Brief.Success)
const isFound = Schema.is(Scout.Success)
const isDraft = Schema.is(Draft.Draft)

const outputsOf = (result: RunResult.RunResult<unknown, unknown>): ReadonlyArray<unknown> =>
  result.results.flatMap((outcome) => (outcome._tag === "succeeded" ? [outcome.output] : []))

/** The findings of a run, and where it got no further, those of what was found until then. */
const briefOf = (result: RunResult.RunResult<unknown, unknown>): Brief.Success | undefined => {
  const outputs = outputsOf(result)
  const found = outputs.filter(isFound)
  return outputs.findLast(isBrief) ?? (found.length === 0 ? undefined : Brief.compose({ companies: [], found }))
}

/** What Scribe wrote last. */
const draftOf = (result: RunResult.RunResult<unknown, unknown>): Draft.Draft | undefined => outputsOf(result).findLast(isDraft)

const encodeEvent = Schema.encodeEffect(Schema.fromJsonString(Progress.Event))

/** What `--json` prints. */
export const Document = Schema.Struct({
  v: Schema.Literal(1),
  exitCode: Schema.Int,
  /** As `RunResult.schemaFor(plan)` encodes it. */
  result: Schema.Json,
  /** The findings, in order. */
  brief: Schema.NullOr(Brief.Success),
  /** The brief as Scribe wrote it. */
  draft: Schema.NullOr(Draft.Draft),
  /** What the model cost; null where there was none. */
  model: Schema.NullOr(
    Schema.Struct({
      name: Schema.String,
      usage: Usage.Usage,
      /** In US dollars; null where the price is not known. */
      usd: Schema.NullOr(Schema.Finite),
      limits: Schema.Struct({ tokens: Schema.NullOr(Schema.Int), usd: Schema.NullOr(Schema.Finite) }),
      /** Calls that failed after all retries; rules and template did their work. */
      failures: Schema.Array(Schema.Struct({ message: Schema.String, calls: Schema.Int }))
    })
  )
})

const modelOf = (spending: Spending.Spending | undefined): (typeof Document.Type)["model"] => {
  if (spending === undefined) return null
  const { limits, model, price, tasks, troubles } = spending
  const usage = Usage.sum(Array.from(tasks().values(), (standing) => standing.usage))
  return {
    name: model,
    usage,
    usd: price === undefined ? null : usage.usd,
    limits: { tokens: limits.tokens ?? null, usd: limits.usd ?? null },
    failures: troubles()
  }
}

/** A draft of something else than the findings, as a plan file may ask for one: its own text. */
const otherText = (draft: Draft.Draft, columns: number): ReadonlyArray<string> => [
  "",
  ...Cells.wrap(Cells.clean(draft.subject ?? ""), columns),
  "",
  ...draft.body.split("\n").flatMap((line) => (line === "" ? [""] : Cells.wrap(Cells.clean(line), columns)))
]

/** A width to print in: the terminal's, or what COLUMNS says; lines are not made longer than people read. */
export const widthOf = ({ columns, isTTY }: NodeJS.WriteStream): number => {
  const asked = isTTY ? columns : Number(process.env["COLUMNS"] ?? 100)
  return Math.max(40, Math.min(asked > 0 ? asked : 100, 120))
}

const isSet = (name: string): boolean => (process.env[name] ?? "") !== ""
const plainOnly = (): boolean => isSet("NO_COLOR") || isSet("CI") || process.env["TERM"] === "dumb"

const screenFor = (output: Cli.Options["output"], spending: Spending.Spending | undefined) => {
  const { stderr, stdout } = process
  if (stderr.isTTY && !plainOnly() && !(output === "events" && stdout.isTTY)) return Screen.live(stderr, true, spending)
  return output === "text" ? Screen.plain((line) => stderr.write(`${line}\n`), spending) : Effect.succeed(Screen.silent)
}

/** What a run came to, for people. */
export const printed = (result: RunResult.RunResult<unknown, unknown>, exitCode: number, spending: Spending.Spending | undefined): string => {
  const size = { columns: widthOf(process.stdout), colors: process.stdout.isTTY && !plainOnly() }
  const brief = briefOf(result)
  const draft = draftOf(result)
  const isBriefs = draft?.documentType === "digest" && brief !== undefined
  const partial =
    exitCode === ExitCode.interrupted
      ? ["Interrupted: this is what was done until then.", ""]
      : exitCode === ExitCode.timedOut
        ? ["Timed out: this is what was done until then.", ""]
        : []
  if (partial.length > 0 && (spending?.tasks().size ?? 0) > 0) partial.splice(1, 0, "A call that was cut off counts as what was reserved for it.")
  return [
    ...partial.map(Cells.paint(size.colors).yellow),
    ...Summary.render(result, { ...size, spending }),
    ...(brief === undefined ? [] : ["", ...BriefText.render(brief, size, isBriefs ? draft : undefined)]),
    ...(draft === undefined || isBriefs ? [] : otherText(draft, size.columns))
  ].join("\n")
}

/** A run that is under way, here or elsewhere. */
export interface Underway<A, E, E2> {
  readonly await: Effect.Effect<RunResult.RunResult<A, E>, E2>
  readonly cancel: Effect.Effect<RunResult.RunResult<A, E>, E2>
  /** From the first one to the last. */
  readonly events: Stream.Stream<Progress.Event, E2>
}

/** Shows a run while it goes on, and prints what it came to; the process will end with what `--help` promises. */
export const show = Effect.fn("Execution.show")(function* <A, E, E2, E3, R, R2, I>(
  options: Pick<Cli.Options, "output" | "timeout">,
  plan: Plan.Plan<string, A, E, R2, I>,
  begin: Effect.Effect<Underway<A, E, E2>, E3, R>,
  spending: Spending.Spending | undefined
) {
  const { output, timeout } = options
  let interrupted = false
  const carryOut = Effect.gen(function* () {
    const screen = yield* screenFor(output, spending)
    const signal = yield* Interruption.listen
    const stopped = signal.pipe(
      Effect.tap(() => {
        interrupted = true
        return screen.stopping
      })
    )
    const hear = (event: Progress.Event) => {
      screen.hear(event)
      return output === "events" ? Effect.flatMap(encodeEvent(event), (line) => Console.log(line)) : Effect.void
    }
    const run = yield* begin
    const hearing = yield* Effect.forkScoped(Stream.runForEach(run.events, hear))
    const result = yield* Effect.raceFirst(run.await, Effect.andThen(stopped, run.cancel))
    yield* Fiber.join(hearing)
    return result
  })
  const result = yield* Effect.scoped(carryOut)
  const exitCode = ExitCode.of(result, {
    interrupted,
    timeout: timeout === undefined ? undefined : Duration.toMillis(timeout),
    troubled: (spending?.troubles() ?? []).length > 0
  })
  if (output === "text") yield* Console.log(printed(result, exitCode, spending))
  if (output === "json") {
    const encoded = yield* Schema.encodeEffect(RunResult.schemaFor(plan))(result)
    const document = yield* Schema.encodeEffect(Document)({ v: 1, exitCode, result: encoded, brief: briefOf(result) ?? null, draft: draftOf(result) ?? null, model: modelOf(spending) })
    yield* Console.log(JSON.stringify(document, null, 2))
  }
  yield* Effect.sync(() => {
    process.exitCode = exitCode
  })
})

/** Carries out a plan in this process, and shows it. */
export const run = <A, E, R, I>(options: Pick<Cli.Options, "output" | "timeout">, plan: Plan.Plan<string, A, E, R, I>, ...input: Plan.InputArgs<I>) =>
  Effect.flatMap(Spending.Current, (spending) => show(options, plan, Orchestrator.start(plan, ...input), spending))

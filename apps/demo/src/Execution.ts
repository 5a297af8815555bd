/** One plan from its start to its last line: progress while it runs, Ctrl-C, and what is printed at the end. */
import { Scout } from "@aria/agents-scout"
import { Orchestrator, type Plan, Progress, RunResult } from "@aria/orchestrator-core"
import * as Console from "effect/Console"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Brief from "./Brief.ts"
import * as BriefText from "./BriefText.ts"
import * as Cells from "./Cells.ts"
import type * as Cli from "./Cli.ts"
import * as ExitCode from "./ExitCode.ts"
import * as Interruption from "./Interruption.ts"
import * as Screen from "./Screen.ts"
import * as Summary from "./Summary.ts"

const isBrief = Schema.is(Brief.Success)
const isFound = Schema.is(Scout.Success)

/** The brief of a run, and where it got no further, one of what was found until then. */
const briefOf = (result: RunResult.RunResult<unknown, unknown>): Brief.Success | undefined => {
  const outputs = result.results.flatMap((outcome) => (outcome._tag === "succeeded" ? [outcome.output] : []))
  const found = outputs.filter(isFound)
  return outputs.findLast(isBrief) ?? (found.length === 0 ? undefined : Brief.compose({ companies: [], found }))
}

const encodeEvent = Schema.encodeEffect(Schema.fromJsonString(Progress.Event))

/** What `--json` prints. */
export const Document = Schema.Struct({
  v: Schema.Literal(1),
  exitCode: Schema.Int,
  /** As `RunResult.schemaFor(plan)` encodes it. */
  result: Schema.Json,
  brief: Schema.NullOr(Brief.Success)
})

/** A width to print in: the terminal's, or what COLUMNS says; lines are not made longer than people read. */
const widthOf = ({ columns, isTTY }: NodeJS.WriteStream): number => {
  const asked = isTTY ? columns : Number(process.env["COLUMNS"] ?? 100)
  return Math.max(40, Math.min(asked > 0 ? asked : 100, 120))
}

const isSet = (name: string): boolean => (process.env[name] ?? "") !== ""
const plainOnly = (): boolean => isSet("NO_COLOR") || isSet("CI") || process.env["TERM"] === "dumb"

const screenFor = (output: Cli.Options["output"]) => {
  const { stderr, stdout } = process
  if (stderr.isTTY && !plainOnly() && !(output === "events" && stdout.isTTY)) return Screen.live(stderr, true)
  return output === "text" ? Screen.plain((line) => stderr.write(`${line}\n`)) : Effect.succeed(Screen.silent)
}

const printed = (result: RunResult.RunResult<unknown, unknown>, exitCode: number): string => {
  const size = { columns: widthOf(process.stdout), colors: process.stdout.isTTY && !plainOnly() }
  const brief = briefOf(result)
  const partial =
    exitCode === ExitCode.interrupted
      ? ["Interrupted: this is what was done until then.", ""]
      : exitCode === ExitCode.timedOut
        ? ["Timed out: this is what was done until then.", ""]
        : []
  return [
    ...partial.map(Cells.paint(size.colors).yellow),
    ...Summary.render(result, size),
    ...(brief === undefined ? [] : ["", ...BriefText.render(brief, size)])
  ].join("\n")
}

/** Carries out a plan and prints what it came to; the process will end with what `--help` promises. */
export const run = Effect.fn("Execution.run")(function* <A, E, R, I>(
  options: Pick<Cli.Options, "output" | "timeout">,
  plan: Plan.Plan<string, A, E, R, I>,
  ...input: Plan.InputArgs<I>
) {
  const { output, timeout } = options
  let interrupted = false
  const carryOut = Effect.gen(function* () {
    const screen = yield* screenFor(output)
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
    return yield* Effect.gen(function* () {
      const handle = yield* Orchestrator.start(plan, ...input)
      return yield* Effect.raceFirst(handle.await, Effect.andThen(stopped, handle.cancel))
    }).pipe(Progress.listen(hear))
  })
  const result = yield* Effect.scoped(carryOut)
  const exitCode = ExitCode.of(result, { interrupted, timeout: timeout === undefined ? undefined : Duration.toMillis(timeout) })
  if (output === "text") yield* Console.log(printed(result, exitCode))
  if (output === "json") {
    const encoded = yield* Schema.encodeEffect(RunResult.schemaFor(plan))(result)
    const document = yield* Schema.encodeEffect(Document)({ v: 1, exitCode, result: encoded, brief: briefOf(result) ?? null })
    yield* Console.log(JSON.stringify(document, null, 2))
  }
  yield* Effect.sync(() => {
    process.exitCode = exitCode
  })
})

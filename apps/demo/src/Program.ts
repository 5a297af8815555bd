/** The process around a command: what fails becomes a sentence on stderr and an exit code, and pipes may close. */
import * as Cause from "effect/Cause"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Logger from "effect/Logger"
import * as Runtime from "effect/Runtime"
import type { CliError } from "effect/cli"
import * as ExitCode from "./ExitCode.ts"

interface Failure {
  readonly _tag: string
  readonly message: string
}

/** What went wrong although all that was asked for could be understood. */
const failures: ReadonlySet<string> = new Set([
  "AuditLogBrokenError",
  "BudgetExceededError",
  "ClusterStoreError",
  "DeadRunError",
  "HealthPortError",
  "OtherPlanError",
  "PlanChangedError",
  "PlanNotRegisteredError",
  "QuestionClosedError",
  "QuestionQueueError",
  "ReceiptStoreError",
  "RunConflictError",
  "RunEndedError",
  "RunStateError",
  "SettleRefusedError",
  "SqlStoreError",
  "StoreUnavailableError",
  "UndoRefusedError",
  "UnknownRunError"
])

/** What was wrong with the command line or a file was said by the parser, or is said here. */
const complain = (error: CliError.CliError | Failure): Effect.Effect<number> =>
  error._tag === "ShowHelp"
    ? Effect.succeed(ExitCode.usage)
    : Effect.as(Console.error(error.message), failures.has(error._tag) ? ExitCode.failed : ExitCode.usage)

/** Whoever reads has enough, as `| head` has: nothing more is to be said. */
const endQuietly = (error: NodeJS.ErrnoException): void => {
  if (error.code === "EPIPE") process.exit(ExitCode.done)
  throw error
}

const main = Runtime.makeRunMain(({ fiber }) => {
  fiber.addObserver((exit) => {
    const code = Exit.isSuccess(exit) ? (process.exitCode ?? ExitCode.done) : ExitCode.failed
    // what was written is on its way to a pipe perhaps
    process.stdout.write("", () => process.stderr.write("", () => process.exit(code)))
  })
})

/** Runs a command as the whole program. */
export const run = <E extends CliError.CliError | Failure>(command: Effect.Effect<void, E>): void => {
  process.stdout.on("error", endQuietly)
  process.stderr.on("error", endQuietly)
  const program = command.pipe(
    Effect.catch((error) =>
      Effect.map(complain(error), (code) => {
        process.exitCode = code
      })
    ),
    // only bugs are left
    Effect.tapCause((cause) => Console.error(`This is a bug in the demo. ${Cause.pretty(cause)}`)),
    Effect.provideService(Logger.LogToStderr, true)
  )
  main(program, { disableErrorReporting: true })
}

/** `operate`: one operation of the agent Operator, given as JSON: what it came to, or with `--dry-run` what it would change. */
import { Operator } from "@aria/agents-operator"
import { SideEffect } from "@aria/orchestrator-core"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import { Argument, CliError, Command, Flag } from "effect/cli"
import * as Asking from "../Asking.ts"
import * as Calendars from "../Calendars.ts"
import * as DataFile from "../DataFile.ts"
import * as ExitCode from "../ExitCode.ts"
import * as InputFile from "../InputFile.ts"

const operation = Argument.String("operation").pipe(
  Argument.withDescription('JSON such as {"operationType": "calendar_read", "parameters": {"startDate": "2026-11-23"}}, or @FILE')
)

const hint = '"npm start -- operate --help" has an example of each operation.'

const read = Effect.fn("Operate.read")(function* (given: string, dryRun: boolean) {
  const file = given.startsWith("@")
    ? yield* InputFile.read("operation", given.slice(1), hint)
    : { subject: "The operation", hint, text: given }
  const data = yield* InputFile.json(file)
  const asked =
    dryRun && Predicate.hasProperty(data, "parameters") && Predicate.isObject(data.parameters)
      ? { ...data, parameters: { ...data.parameters, dryRun: true } }
      : data
  return yield* Schema.decodeUnknownEffect(Operator.Payload, { errors: "all", onExcessProperty: "error" })(asked).pipe(
    Effect.mapError((error) => InputFile.refuse(file, InputFile.problems(error)))
  )
})

const encode = Schema.encodeEffect(Schema.toCodecJson(Operator.Success))

const examples = [
  { operationType: "calendar_read", parameters: { startDate: "2026-11-23", endDate: "2026-11-27", zone: "Europe/Berlin" } },
  {
    operationType: "calendar_write",
    parameters: {
      action: "create",
      event: {
        title: "Review",
        start: { dateTime: "2027-01-11T10:00:00", zone: "Europe/Berlin" },
        end: { dateTime: "2027-01-11T10:30:00", zone: "Europe/Berlin" },
        attendees: [{ email: "ada@example.com" }]
      }
    }
  },
  { operationType: "crm_read", parameters: { recordType: "lead", where: { status: { eq: "new" } } } },
  { operationType: "crm_write", parameters: { action: "create", recordType: "lead", record: { name: "Acme", status: "new" } } }
]

export const command = Command.make(
  "operate",
  {
    operation,
    dryRun: Flag.Boolean("dry-run").pipe(Flag.withDefault(false), Flag.withDescription("Show what would change, write nothing, ask nobody")),
    yes: Asking.yes,
    approvals: Asking.flag,
    calendar: Calendars.flag,
    data: DataFile.flag
  },
  ({ approvals, calendar, data, dryRun, operation, yes }) =>
    Effect.gen(function* () {
      if (yes && Option.isSome(approvals)) {
        return yield* new CliError.ValidationError({ message: "--yes and --approvals exclude each other: --yes asks nobody." })
      }
      const payload = yield* read(operation, dryRun)
      const services = Layer.merge(
        Layer.provide(Operator.Operator.layer, Calendars.layer(calendar)),
        Asking.layer({ yes, way: Option.getOrElse(approvals, () => "ask" as const) })
      ).pipe(Layer.provideMerge(DataFile.layer(data)))
      const outcome = Operator.Operator.run(payload).pipe(SideEffect.allow(["calendar.*", "crm.*"]), Effect.provide(services))
      yield* Effect.matchEffect(outcome, {
        onSuccess: (success) => Effect.flatMap(encode(success), (json) => Console.log(JSON.stringify(json, null, 2))),
        onFailure: ({ message }) =>
          Effect.andThen(
            Console.error(message),
            Effect.sync(() => {
              process.exitCode = ExitCode.failed
            })
          )
      })
    })
).pipe(
  Command.withDescription("One operation on the calendar or the CRM, as JSON"),
  Command.withExamples(
    examples.map((example) => ({ command: `npm start -- operate '${JSON.stringify(example)}'`, description: example.operationType.replace("_", ": ") }))
  )
)

/** What a run that outlives its process needs besides what it looks for: where it reads, writes and acts. No key and no password. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import * as Schema from "effect/Schema"
import { TerminalCapabilities } from "effect/cli"
import type * as Asking from "./Asking.ts"
import * as Calendars from "./Calendars.ts"
import type * as Cli from "./Cli.ts"
import * as ModelChoice from "./ModelChoice.ts"

/**
 * Who approves what is to be written. `terminal` is whoever sits in front of the process that started it; where another process goes on
 * with the run, the question is in the queue. `nobody`: there was no terminal, and the answer is no.
 */
export const Approver = Schema.Literals(["yes", "terminal", "nobody", "queue", "deny"])
export type Approver = typeof Approver.Type

export const Settings = Schema.Struct({
  /** Addresses, and absolute paths. */
  sources: Schema.Array(Schema.String),
  model: Schema.UndefinedOr(ModelChoice.Choice),
  /** Calls of the model at the same time. */
  concurrency: Schema.Int,
  calendar: Calendars.Choice,
  /** The file with the calendar and the CRM of the demo. */
  data: Schema.String,
  approver: Approver
})
export type Settings = typeof Settings.Type

/** A run is stored with what it was started with: no place for a password. */
export class PasswordInAddressError extends Schema.TaggedError<PasswordInAddressError>()("PasswordInAddressError", {
  flag: Schema.String,
  /** The host: the rest of the address is not for display. */
  host: Schema.String
}) {
  override get message(): string {
    const instead = this.flag === "--calendar" ? " Set ARIA_CALDAV_USERNAME and ARIA_CALDAV_PASSWORD instead, for each worker." : ""
    return `${this.flag}: the address at ${this.host} has a user or password in it, and it would be stored with the run.${instead}`
  }
}

const isAddress = (text: string): boolean => /^[a-z][a-z0-9+.-]+:/i.test(text)

const approverOf = (yes: boolean, way: Asking.Way, handsIn: boolean, canPrompt: boolean): Approver => {
  if (yes) return "yes"
  if (way !== "ask") return way
  // whoever only hands it in is not there when it is asked
  return handsIn ? "queue" : canPrompt ? "terminal" : "nobody"
}

/** Those of the command line, such that they mean the same in another folder. */
export const of = Effect.fn("Settings.of")(function* (options: Cli.Options) {
  const paths = yield* Path.Path
  const { canPrompt } = yield* TerminalCapabilities.TerminalCapabilities
  const { approvals, calendar, concurrency, data, handsIn, model, sources, yes } = options
  const given = [
    ...sources.map((source) => ["--source", source] as const),
    ["--base-url", model?.baseUrl ?? ""] as const,
    ["--calendar", calendar._tag === "caldav" ? calendar.url : ""] as const
  ]
  for (const [flag, text] of given) {
    const url = URL.canParse(text) ? new URL(text) : undefined
    if (url !== undefined && (url.username !== "" || url.password !== "")) return yield* new PasswordInAddressError({ flag, host: url.host })
  }
  return {
    sources: sources.map((source) => (isAddress(source) ? source : paths.resolve(source))),
    model: model === undefined || model.prices === undefined ? model : { ...model, prices: paths.resolve(model.prices) },
    concurrency,
    calendar,
    data: paths.resolve(data),
    approver: approverOf(yes, approvals, handsIn, canPrompt)
  } satisfies Settings
})

/** What the results of Scout, Scribe and Operator depend on besides their payloads: a fork keeps a result where that is the same. */
export const versions = ({ calendar, data, model, sources }: Settings) => {
  const reader = model === undefined ? "rules" : `${model.name} ${model.baseUrl ?? ""}`
  return {
    reading: JSON.stringify([reader, sources]),
    writing: reader,
    acting: JSON.stringify([calendar, Option.getOrNull(Option.liftPredicate(data, () => calendar._tag === "local"))])
  }
}

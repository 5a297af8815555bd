/** What can be asked for on the command line, and the page that says so. */
import { Scout } from "@aria/agents-scout"
import * as Console from "effect/Console"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { CliConfig, CliError, CliOutput, Command, Flag, GlobalFlag, TerminalCapabilities } from "effect/cli"
import { fileURLToPath } from "node:url"
import * as Asking from "./Asking.ts"
import * as Calendars from "./Calendars.ts"
import * as DataFile from "./DataFile.ts"
import * as ExitCode from "./ExitCode.ts"
import * as ModelChoice from "./ModelChoice.ts"
import * as Store from "./Store.ts"

const shipped = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url))

const defaultConcurrency = 4
const defaultFollowUps = 3

export const wholeFromOne = (name: string) =>
  Flag.String(name).pipe(
    Flag.filterMap(
      (text) => Option.liftPredicate(Number(text), (value) => /^\d+$/.test(text) && Number.isSafeInteger(value) && value >= 1),
      () => "a whole number from 1, such as 4"
    ),
    Flag.withMetavar("N")
  )

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }
/** What timers can still count, in milliseconds. */
const longest = 2 ** 31 - 1

const parseDuration = (text: string): Option.Option<Duration.Duration> => {
  const [, amount, unit = "s"] = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h)?$/.exec(text.trim()) ?? []
  const millis = Number(amount) * (units[unit] ?? Number.NaN)
  return millis >= 1 && millis <= longest ? Option.some(Duration.millis(millis)) : Option.none()
}

const date = (name: string) =>
  Flag.String(name).pipe(
    Flag.filterMap(
      (text) => Option.filter(Option.map(DateTime.make(text), DateTime.toUtc), () => /^\d{4}-\d{2}-\d{2}/.test(text)),
      () => "a date such as 2025-01-31, or a time such as 2025-01-31T12:00:00Z"
    ),
    Flag.withMetavar("DATE"),
    Flag.optional
  )

export const concurrency = wholeFromOne("concurrency").pipe(
  Flag.withAlias("c"),
  Flag.withDescription(`Tasks at the same time (default: ${defaultConcurrency})`),
  Flag.withDefault(defaultConcurrency)
)

const flags = {
  watch: Flag.String("watch").pipe(
    Flag.withAlias("w"),
    Flag.withMetavar("FILE"),
    Flag.withDescription("Companies to watch (default: 12 companies of the sample)"),
    Flag.optional
  ),
  sources: Flag.String("source").pipe(
    Flag.withAlias("s"),
    Flag.withMetavar("URL|FILE|FOLDER"),
    Flag.withDescription("Where to read, may be repeated (default: the sample feeds)"),
    Flag.atLeast(0),
    Flag.map((sources) => (sources.length === 0 ? [shipped("feeds")] : sources))
  ),
  plan: Flag.String("plan").pipe(
    Flag.withAlias("p"),
    Flag.withMetavar("FILE"),
    Flag.withDescription("Carry out the plan in a JSON file instead"),
    Flag.optional
  ),
  since: date("since").pipe(Flag.withDescription("Only what was published then or later (default: all)")),
  now: date("now").pipe(Flag.withDescription("The time that ages are counted from (default: the clock's)")),
  minScore: Flag.String("min-score").pipe(
    Flag.filterMap(
      (text) => Option.liftPredicate(Number(text), (value) => text.trim() !== "" && value >= 0 && value <= 1),
      () => "a number from 0 to 1, such as 0.3"
    ),
    Flag.withMetavar("X"),
    Flag.withDescription(`Only signals with this score or more, 0 to 1 (default: ${Scout.defaultMinScore})`),
    Flag.optional
  ),
  concurrency,
  maxCalls: wholeFromOne("max-calls").pipe(
    Flag.withDescription("Web addresses read and requests to models; files are no calls (default: all)"),
    Flag.optional
  ),
  timeout: Flag.String("timeout").pipe(
    Flag.filterMap(parseDuration, () => "a time from 1ms to 24 days, such as 30, 30s, 500ms, 5m or 1h"),
    Flag.withMetavar("TIME"),
    Flag.withDescription("Stop the whole run then; a bare number is seconds (default: never)"),
    Flag.optional
  ),
  followUps: Flag.String("follow-ups").pipe(
    Flag.filterMap(
      (text) => Option.liftPredicate(Number(text), (value) => /^\d{1,3}$/.test(text) && value <= 100),
      () => "a whole number from 0 to 100, such as 3"
    ),
    Flag.withMetavar("N"),
    Flag.withDescription(`For how many companies to propose a meeting and a lead (default: ${defaultFollowUps})`),
    Flag.optional
  ),
  ...ModelChoice.flags,
  yes: Asking.yes,
  approvals: Asking.flag,
  calendar: Calendars.flag,
  data: DataFile.flag,
  store: Store.flag,
  detach: Flag.Boolean("detach").pipe(Flag.withDefault(false), Flag.withDescription("Only hand the run in; workers of the store carry it out")),
  json: Flag.Boolean("json").pipe(Flag.withDefault(false), Flag.withDescription("One JSON document on stdout, and nothing else")),
  events: Flag.Boolean("events").pipe(Flag.withDefault(false), Flag.withDescription("Each event as a line of JSON on stdout, and nothing else"))
}

/** What was asked for, complete and checked. */
export interface Options {
  readonly watch: string
  readonly plan: Option.Option<string>
  readonly sources: ReadonlyArray<string>
  readonly since: DateTime.Utc | undefined
  readonly now: DateTime.Utc | undefined
  readonly minScore: number
  readonly concurrency: number
  readonly maxCalls: number | undefined
  readonly timeout: Duration.Duration | undefined
  readonly followUps: number
  /** Nothing where rules read and a template writes. */
  readonly model: ModelChoice.Choice | undefined
  readonly yes: boolean
  readonly approvals: Asking.Way
  readonly calendar: Calendars.Choice
  readonly data: string
  /** Nothing where runs are in memory. */
  readonly store: Store.Choice | undefined
  /** Whether to hand it in and not to wait for it. */
  readonly handsIn: boolean
  readonly output: "text" | "json" | "events"
}

const wrong = (message: string) => new CliError.ValidationError({ message })

/** The command; what it does is given the options. */
export const command = <E, R>(run: (options: Options) => Effect.Effect<void, E, R>) =>
  Command.make("npm start --", flags, (given) =>
    Effect.gen(function* () {
      const { events, json, plan, watch } = given
      if (json && events) return yield* wrong("--json and --events exclude each other: stdout is one or the other.")
      if (given.yes && Option.isSome(given.approvals)) return yield* wrong("--yes and --approvals exclude each other: --yes asks nobody.")
      const [stray, ...strays] = ModelChoice.withoutModel(given)
      if (stray !== undefined) {
        return yield* wrong(`${[stray, ...strays].join(", ")}: there is no model that this is for. Name one, such as --model openai/gpt-5-mini.`)
      }
      const forPlan = (["watch", "since", "now", "minScore", "followUps"] as const).filter((name) => given[name]._tag === "Some")
      if (Option.isSome(plan) && forPlan.length > 0) {
        const names = forPlan.map((name) => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`).join(", ")
        return yield* wrong(`--plan excludes ${names}: a plan file says itself what its tasks look for.`)
      }
      const { concurrency, sources } = given
      const store = yield* Store.choose(given.store)
      if (given.detach && store === undefined) return yield* wrong("--detach hands a run in to workers of a store: name it with --store, or in ARIA_STORE.")
      if (given.detach && Option.isSome(plan)) return yield* wrong("--detach excludes --plan: workers have the demo's own plan only.")
      if (given.detach && (json || events)) return yield* wrong("--detach excludes --json and --events: there is no result yet. \"runs show\" and \"runs tail\" have them.")
      yield* run({
        concurrency,
        plan,
        sources,
        watch: Option.getOrElse(watch, () => shipped("companies.json")),
        since: Option.getOrUndefined(given.since),
        now: Option.getOrUndefined(given.now),
        minScore: Option.getOrElse(given.minScore, () => Scout.defaultMinScore),
        maxCalls: Option.getOrUndefined(given.maxCalls),
        timeout: Option.getOrUndefined(given.timeout),
        followUps: Option.getOrElse(given.followUps, () => defaultFollowUps),
        model: ModelChoice.of(given),
        yes: given.yes,
        approvals: Option.getOrElse(given.approvals, () => "ask" as const),
        calendar: given.calendar,
        data: given.data,
        store,
        handsIn: given.detach,
        output: json ? "json" : events ? "events" : "text"
      })
    })
  ).pipe(
    Command.withDescription(
      [
        "Watches companies in news feeds: one Scout for each company, side by side, then Scribe",
        "writes a brief of what they found: every statement names its sources and quotes one.",
        "Then it proposes follow-ups for a calendar and a CRM, and writes them if you say so.",
        "Without flags it reads the sample that is shipped with it: real events, 2012 to 2026.",
        "No key, no account, no model; with --model, one reads and writes, inside your limits."
      ].join("\n  ")
    ),
    Command.withExamples([
      { command: "npm start", description: "The sample" },
      { command: "npm start -- --since 2024-06-01 --min-score 0.4", description: "Only what is recent and clear" },
      { command: "npm start -- --watch mine.txt --source https://example.com/news.rss --source ./feeds", description: "Your companies, your feeds" },
      { command: "npm start -- --plan apps/demo/plan.json", description: "A plan as data" },
      { command: "npm start -- --yes --calendar caldav:https://dav.example.com/", description: "All follow-ups, into a calendar of yours" },
      { command: "npm start -- --model openai/gpt-5-mini --max-usd 0.50", description: "Read and written by a model, for half a dollar at most" },
      { command: "npm start -- --store sqlite:runs.db", description: "Kept step by step: killed and started again, it goes on" },
      { command: "npm start -- --max-calls 5 --timeout 30s --concurrency 2", description: "Inside limits" },
      { command: "npm --silent start -- --json > run.json", description: "For machines; --silent keeps npm's own lines out of stdout" },
      { command: "npm --silent start -- --events | head -5", description: "The first events" }
    ])
  )

const more = `FILES
  --watch   JSON as apps/demo/companies.json, [{"name", "aliases", "tickers", "domains"}, "name", ...],
            or plain text: one name a line, # begins a comment line
  --source  RSS, Atom or JSON Feed. Of a folder, every .xml, .rss, .atom, .rdf and .json file. All sources
            are read once a run, by the first task that needs them; one that is down is a warning.
  --plan    JSON as apps/demo/plan.json: {"name", "tasks": [{"id", "agent", "payload", "dependsOn",
            "when", "timeout"}, ...]}. Agents are Scout, Brief, Scribe and Operator. {"$from": "<task>",
            "path": "/signals/0"} in a payload stands for (a part of) what another task found.
  --prices  JSON such as {"openai/gpt-5-mini": {"input": 0.25, "output": 2}}: US dollars per million tokens;
            also "cachedInput", "cacheWrite", "reasoning", "call". Goes before the published prices.
  --data    A SQLite file with a calendar and a CRM, receipts of what was written, the audit log and open
            questions; the last three are in the store where there is one. Made where it is missing.

MODELS
  --model openai/NAME, anthropic/NAME or google/NAME, with its key in the environment, or
  openai-compatible/NAME with --base-url: any server that speaks OpenAI's protocol. Then Scout reads with
  the model and Scribe writes with it. Each request is reserved before it is sent: --max-tokens and --max-usd
  are not passed, and what does not fit is not sent. It reserves the text it sends and --max-output-tokens;
  what is not used is given back. What the model says needs words that stand in a source, or it is dropped.
  If the model fails, rules and template do its work, and the demo says why and ends with 1.

WRITING
  For the companies with the clearest news, a meeting in the next free slot and a lead are proposed. Nothing
  is written before it was approved, and nothing twice. In a terminal you are asked; elsewhere the answer is
  no, unless --yes says yes to all, or with --approvals queue somebody answers with the command approvals.
  audit verify checks the log of it, receipts list shows it, receipts undo takes it back within five minutes.

DURABLE RUNS
  --store sqlite:FILE or --store postgres://user@host/database keeps each step as it goes. A run whose process
  was killed is gone on with by the same command, by "runs resume", or by any "worker" of that store; what was
  stored is not done again. "runs" lists, shows, follows, cancels and forks runs. An address with a password
  goes into ARIA_STORE, never on the command line. Workers take keys and passwords from their own environment.

OUTPUT
  Progress and diagnostics go to stderr, results to stdout: a table of tasks, then the brief. In a terminal
  progress is drawn live; elsewhere, or with NO_COLOR, CI or TERM=dumb, a line for each task.
  --json    {"v": 1, "exitCode", "result", "brief", "draft", "model"}: the result of the run as
            RunResult.schemaFor(plan) encodes it, the findings of the brief, the brief as Scribe wrote it, and
            what the model cost; each null where there is none
  --events  RunStarted, the events of the tasks, RunEnded: each as Progress.Event encodes it

EXIT CODES
${ExitCode.table.map(([code, meaning]) => `  ${String(code).padEnd(5)}${meaning}`).join("\n")}
  A second Ctrl-C quits at once, with 130. When the reader of stdout has enough (| head), it ends with 0.

ENVIRONMENT
  OPENAI_API_KEY, ANTHROPIC_API_KEY, GOOGLE_GENERATIVE_AI_API_KEY   for --model
  OPENAI_COMPATIBLE_API_KEY, OPENAI_COMPATIBLE_BASE_URL             for --model openai-compatible/NAME
  ARIA_CALDAV_USERNAME, ARIA_CALDAV_PASSWORD   for --calendar caldav:URL
  ARIA_STORE, ARIA_STORE_PASSWORD   in place of --store, with a password; the password alone
  NO_COLOR, CI   no colours, no live display (where not empty)
  COLUMNS        width of what is printed where stdout is no terminal (default: 100)`

/** Help on stdout, complaints on stderr. */
const presenter = CliOutput.layerPresenter({
  present: Effect.fnUntraced(function* (event) {
    const { canColor } = yield* TerminalCapabilities.TerminalCapabilities
    const formatter = CliOutput.defaultFormatter({ colors: canColor })
    if (event._tag === "InvalidInvocation") {
      return yield* Console.error(`${event.errors.map(({ message }) => message).join("\n")}\nnpm start -- --help lists what there is.`)
    }
    if (event._tag === "Help") yield* Console.log(`${formatter.formatHelpDoc(event.helpDoc)}\n\n${more}`)
  })
})

/** How the command line behaves. */
export const layer = Layer.merge(presenter, CliConfig.layer({ builtIns: [GlobalFlag.Help] }))

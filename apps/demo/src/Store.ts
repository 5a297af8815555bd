/** Where runs are kept that outlive their process: a SQLite file or a Postgres database, and what goes wrong on the way there. */
import type { Calendar, Crm } from "@aria/connectors"
import { type QuestionQueue, type ReceiptStore, SqlStore } from "@aria/orchestrator-core"
import { SqliteClient } from "@aria/sqlite"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Path from "effect/Path"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { SqlClient } from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import { Flag } from "effect/cli"
import * as DataFile from "./DataFile.ts"

export type Choice =
  | { readonly _tag: "sqlite"; readonly path: string }
  /** `shown` has no password. */
  | { readonly _tag: "postgres"; readonly url: Redacted.Redacted; readonly password: Redacted.Redacted | undefined; readonly shown: string }

export const flag = Flag.String("store").pipe(
  Flag.withMetavar("STORE"),
  Flag.withDescription("Where runs are kept, sqlite:FILE or postgres://… (default: in memory)"),
  Flag.optional
)

/** It cannot be understood, or must not be used so: bad usage. What was given is not repeated, a password may be in it. */
export class StoreUsageError extends Schema.TaggedError<StoreUsageError>()("StoreUsageError", {
  /** Where it was said. */
  from: Schema.String,
  problem: Schema.String
}) {
  override get message(): string {
    return `${this.from} ${this.problem}`
  }
}

/** The database gives no answer, or none that is of use. */
export class StoreUnavailableError extends Schema.TaggedError<StoreUnavailableError>()("StoreUnavailableError", {
  store: Schema.String,
  problem: Schema.String
}) {
  override get message(): string {
    return `The store ${this.store} cannot be used: ${this.problem}`
  }
}

/** There are no runs to look at: bad usage. */
export class NoStoreError extends Schema.TaggedError<NoStoreError>()("NoStoreError", { path: Schema.String }) {
  override get message(): string {
    return `There is no store ${JSON.stringify(this.path)}: "npm start -- --store sqlite:${this.path}" makes one.`
  }
}

const forms = "sqlite:runs.db or postgres://user@host/database"

/** How it may be shown: without what may be secret. */
export const shown = (choice: Choice): string => (choice._tag === "sqlite" ? `sqlite:${choice.path}` : choice.shown)

const secretParameter = /password|passfile|sslkey|token/i

const parse = Effect.fn("Store.parse")(function* (text: string, from: string, password: Redacted.Redacted | undefined) {
  const refuse = (problem: string) => new StoreUsageError({ from, problem })
  const [, scheme = "", rest = ""] = /^([a-z0-9+]+):(.*)$/is.exec(text.trim()) ?? []
  if (scheme === "sqlite") {
    const path = rest.replace(/^\/\/(?=\/)/, "")
    if (path === "" || path === ":memory:") return yield* refuse("names no file: what is in memory only is kept without a store. A file is sqlite:runs.db.")
    return { _tag: "sqlite", path } satisfies Choice
  }
  if (scheme !== "postgres" && scheme !== "postgresql") {
    return yield* refuse(scheme === "" ? `is no store: write ${forms}.` : `names a kind of store that there is not, ${JSON.stringify(scheme)}: write ${forms}.`)
  }
  const address = rest.startsWith("//") ? `postgres:${rest}` : rest
  const url = URL.canParse(address) ? new URL(address) : undefined
  if (url === undefined || !/^postgres(ql)?:$/.test(url.protocol) || url.host === "") return yield* refuse("is no address of a Postgres: write postgres://user@host:5432/database.")
  const isSecret = url.password !== "" || Array.from(url.searchParams.keys()).some((name) => secretParameter.test(name))
  if (isSecret && from === "--store") {
    return yield* refuse("has a password in it, which every user of this machine can see: put the whole address into the variable ARIA_STORE, or the password into ARIA_STORE_PASSWORD.")
  }
  return {
    _tag: "postgres",
    url: Redacted.make(url.href),
    password,
    shown: `postgres://${url.username === "" ? "" : `${url.username}@`}${url.host}${url.pathname}`
  } satisfies Choice
})

const variable = (name: string) => Config.option(Config.Redacted(name))

/** The store that was chosen: the flag's, else that of the environment, which may have a password in it. */
export const choose = Effect.fn("Store.choose")(function* (given: Option.Option<string>) {
  const password = Option.getOrUndefined(yield* variable("ARIA_STORE_PASSWORD"))
  if (Option.isSome(given)) return yield* parse(given.value, "--store", password)
  const text = Option.match(yield* variable("ARIA_STORE"), { onNone: () => "", onSome: Redacted.value })
  return text.trim() === "" ? undefined : yield* parse(text, "ARIA_STORE", password)
})

/** The same where there is nothing to do without one. */
export const required = Effect.fn("Store.required")(function* (given: Option.Option<string>) {
  const choice = yield* choose(given)
  return choice ?? (yield* new StoreUsageError({ from: "Where the runs are", problem: `was not said: add --store ${forms}, or set ARIA_STORE.` }))
})

/** What the database said, and what was behind it. */
const reasonOf = (error: SqlError): string => {
  const parts = [error.message]
  let cause: unknown = error.reason.cause
  for (let depth = 0; depth < 4 && cause instanceof Error; depth++) {
    const { message } = cause instanceof AggregateError ? { message: cause.errors.map(String).join("; ") } : cause
    if (message !== "" && !parts.some((part) => part.includes(message))) parts.push(message)
    cause = cause.cause
  }
  return parts.join(": ").replace(/\s+/g, " ")
}

/** What to do about it, where that can be told. */
const hintOf = (problem: string): string =>
  /password|authentication/i.test(problem)
    ? " Passwords come from ARIA_STORE or ARIA_STORE_PASSWORD."
    : /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH/.test(problem)
      ? " Is it running, and can it be reached from here?"
      : ""

const patience = "10 seconds"

const postgres = ({ password, shown: store, url }: Extract<Choice, { _tag: "postgres" }>) => {
  const unavailable = (problem: string) => new StoreUnavailableError({ store, problem })
  const client = Effect.map(
    Effect.promise(() => import("@effect/sql-pg/PgClient")),
    (PgClient) => PgClient.layer({ url, applicationName: "aria-demo", connectTimeout: patience, maxConnections: 8, ...(password === undefined ? {} : { password }) })
  )
  // the first question is asked here, where it is known what it was for
  const asked = Layer.effectDiscard(Effect.flatMap(SqlClient, (sql) => Effect.timeout(sql`SELECT 1`, patience)))
  return Layer.provideMerge(asked, Layer.unwrap(client)).pipe(
    Layer.catchTag("TimeoutError", () => Layer.effect(SqlClient)(Effect.fail(unavailable("it gives no answer. Is it running, and can it be reached from here?")))),
    Layer.catchTag("SqlError", (error) => Layer.effect(SqlClient)(Effect.fail(unavailable(`${reasonOf(error)}.${hintOf(reasonOf(error))}`))))
  )
}

type Client = Layer.Layer<
  SqlClient,
  StoreUnavailableError | NoStoreError | SqliteClient.InvalidSqliteOptionError | SqliteClient.SqliteOpenError,
  FileSystem.FileSystem | Path.Path
>

/** A client of the store. A SQLite file is made where it is missing. */
export const client = (choice: Choice): Client =>
  choice._tag === "postgres" ? postgres(choice) : Layer.unwrap(Effect.as(DataFile.makeFolder(choice.path), SqliteClient.layer({ filename: choice.path })))

/** The same of a store that has to be there: to look at what is in it makes none. */
export const clientOfExisting = (choice: Choice): Client =>
  choice._tag === "postgres"
    ? postgres(choice)
    : Layer.unwrap(
        Effect.gen(function* () {
          const files = yield* FileSystem.FileSystem
          if (!(yield* Effect.orElseSucceed(files.exists(choice.path), () => false))) return yield* new NoStoreError({ path: choice.path })
          return SqliteClient.layer({ filename: choice.path })
        })
      )

interface Given {
  readonly store: Option.Option<string>
  readonly data: string
}

type RecordsFailure = Layer.Error<Client> | Layer.Error<ReturnType<typeof DataFile.layerExisting>>

/** Receipts, audit log and questions: in the store of runs where there is one, else in the data file. */
export const recordsOf = ({ data, store }: Given) =>
  Layer.unwrap(
    Effect.map(choose(store), (choice) => {
      const sql: Layer.Layer<SqlClient, RecordsFailure, FileSystem.FileSystem | Path.Path> =
        choice === undefined ? DataFile.clientOfExisting(data) : clientOfExisting(choice)
      return Layer.provide(SqlStore.layer, sql)
    })
  )

type Systems = Layer.Layer<
  ReceiptStore.ReceiptStore | QuestionQueue.QuestionQueue | Calendar.Calendar | Crm.Crm,
  RecordsFailure,
  FileSystem.FileSystem | Path.Path
>

/** The same, with the calendar and the CRM, which are in the data file. */
export const systemsOf = ({ data, store }: Given) =>
  Layer.unwrap(
    Effect.map(choose(store), (choice): Systems =>
      choice === undefined
        ? DataFile.layerExisting(data)
        : Layer.merge(Layer.provide(SqlStore.layer, clientOfExisting(choice)), DataFile.layerLocal(data))
    )
  )

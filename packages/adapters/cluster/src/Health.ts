/**
 * Whether a worker is well, and what it does, over HTTP: for whoever starts, watches and stops processes.
 *
 * @since 0.1.0
 */
import { InvalidLimitError } from "@aria/orchestrator-core/Budget"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import type { Cluster } from "./Cluster.ts"
import { answersOf } from "./internal/healthAnswers.ts"
import { listen } from "./internal/healthServer.ts"
import type { Runs } from "./Runs.ts"

/**
 * Where the endpoints are.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** From 0 to 65,535; 0, the default, is a free one. */
  readonly port?: number | undefined
  /** The address to listen at. Default `"127.0.0.1"`: nobody but this machine. Nothing asks who reads. */
  readonly host?: string | undefined
  /** How long the database may take to answer. Default 2 seconds, minimum 1 millisecond. */
  readonly timeout?: Duration.Input | undefined
  /** Whether `/metrics` counts the runs of the whole store, too. Default `true`; of many workers, one is enough. */
  readonly countsStore?: boolean | undefined
}

/**
 * The endpoints could not be opened.
 *
 * - `portTaken`: somebody listens there
 * - `notAllowed`: this user may not listen there
 * - `noSuchAddress`: this machine does not have the address
 * - `failed`: something else; the message has what the system said
 *
 * @category errors
 * @since 0.1.0
 */
export class HealthPortError extends Schema.TaggedError<HealthPortError>()("HealthPortError", {
  reason: Schema.Literals(["portTaken", "notAllowed", "noSuchAddress", "failed"]),
  host: Schema.String,
  port: Schema.Finite,
  /** What the system said. */
  detail: Schema.String
}) {
  override get message(): string {
    const where = `Health and metrics cannot be served at port ${this.port} of ${this.host}`
    switch (this.reason) {
      case "portTaken":
        return `${where}: another process listens there; give each worker of a machine its own port, or 0 for a free one`
      case "notAllowed":
        return `${where}: this user may not listen there; take a port from 1,024`
      case "noSuchAddress":
        return `${where}: this machine does not have that address; "127.0.0.1" is this machine alone, "0.0.0.0" all of its addresses`
      default:
        return `${where}: ${this.detail}`
    }
  }
}

/**
 * Where they are by now.
 *
 * @category models
 * @since 0.1.0
 */
export interface Endpoints {
  /** Such as `http://127.0.0.1:9090`. */
  readonly url: string
  readonly port: number
}

const isPort = (port: number): boolean => Number.isSafeInteger(port) && port >= 0 && port <= 65_535

/**
 * Serves `/health`, `/ready` and `/metrics` until the scope ends.
 *
 * - `/health` is 200 as long as the process answers at all.
 * - `/ready` is 200 while the worker has its lease and its database answers, otherwise 503 with the reason: `draining`, `cutOff`,
 *   `database`.
 * - `/metrics` is all metrics of the process in the text format of Prometheus.
 *
 * Errors: `HealthPortError`; `InvalidLimitError` for a port, host or timeout that cannot be.
 *
 * @category constructors
 * @since 0.1.0
 */
export const serve = (
  options: Options = {}
): Effect.Effect<Endpoints, HealthPortError | InvalidLimitError, Cluster | Runs | Scope.Scope> =>
  Effect.gen(function* () {
    const { countsStore = true, host = "127.0.0.1", port = 0 } = options
    if (!isPort(port)) {
      return yield* new InvalidLimitError({
        setting: "Health: port",
        received: String(port),
        allowed: "a whole number from 0 to 65535"
      })
    }
    // Node would listen at all addresses then, which nobody has asked for.
    if (host.trim() === "") {
      return yield* new InvalidLimitError({
        setting: "Health: host",
        received: JSON.stringify(host),
        allowed: 'an address or a name, such as "127.0.0.1"'
      })
    }
    const timeout = Option.match(Duration.fromInput(options.timeout ?? 2_000), {
      onNone: () => Number.NaN,
      onSome: Duration.toMillis
    })
    if (!Number.isFinite(timeout) || timeout < 1) {
      return yield* new InvalidLimitError({
        setting: "Health: timeout",
        received: String(options.timeout),
        allowed: "a finite duration from 1 millisecond"
      })
    }
    const answers = yield* answersOf({ timeout, countsStore })
    return yield* Effect.mapError(
      listen(host, port, answers),
      ({ code, message }) =>
        new HealthPortError({
          reason:
            code === "EADDRINUSE"
              ? "portTaken"
              : code === "EACCES"
                ? "notAllowed"
                : code === "EADDRNOTAVAIL"
                  ? "noSuchAddress"
                  : "failed",
          host,
          port,
          detail: message
        })
    )
  })

/**
 * As `serve`, for a service that has a worker inside.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (options: Options = {}): Layer.Layer<never, HealthPortError | InvalidLimitError, Cluster | Runs> =>
  Layer.effectDiscard(serve(options))

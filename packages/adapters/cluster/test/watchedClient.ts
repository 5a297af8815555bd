import { PgClient } from "@effect/sql-pg"
import { Effect, Layer } from "effect"
import * as Reactivity from "effect/reactivity/Reactivity"
import * as SqlClient from "effect/sql/SqlClient"

/** A client of Postgres that knows whether anybody still works with one of its connections, or waits for one. */
export class Traffic {
  private onLoan = 0
  private waiting: Array<() => void> = []

  private readonly loan = Effect.acquireRelease(
    Effect.sync(() => void this.onLoan++),
    () =>
      Effect.sync(() => {
        if (--this.onLoan === 0) for (const tell of this.waiting.splice(0)) tell()
      })
  )

  /** Until every connection is back. */
  readonly untilQuiet: Effect.Effect<void> = Effect.suspend(() =>
    this.onLoan === 0 ? Effect.void : Effect.andThen(Effect.callback<void>((resume) => void this.waiting.push(() => resume(Effect.void))), this.untilQuiet)
  )

  private readonly watch = (client: SqlClient.SqlClient): Effect.Effect<SqlClient.SqlClient> =>
    SqlClient.make({
      acquirer: Effect.andThen(this.loan, client.reserve),
      compiler: PgClient.makeCompiler(),
      driver: client.driver,
      spanAttributes: []
    }).pipe(Effect.provide(Reactivity.layer))

  readonly layer = <E>(inner: Layer.Layer<SqlClient.SqlClient, E>): Layer.Layer<SqlClient.SqlClient, E> =>
    Layer.effect(SqlClient.SqlClient, Effect.flatMap(SqlClient.SqlClient, this.watch)).pipe(Layer.provide(inner))
}

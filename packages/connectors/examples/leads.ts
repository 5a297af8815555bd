import { Crm, CrmMemory, CrmQuery } from "@aria/connectors"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"

const program = Effect.gen(function* () {
  const crm = yield* Crm.Crm
  yield* crm.create("lead", { name: "Ada Lovelace", status: "new", value: 12_000, currency: "GBP" })
  yield* crm.create("lead", { name: "Grace Hopper", status: "new" })

  // In code, fields and values are checked by the compiler.
  const { records } = yield* crm.find("lead", { where: { value: { gte: 10_000 } }, orderBy: [{ field: "name" }] })
  for (const { name, value } of records) yield* Console.log(name, value)

  // What a model or a command line gives is checked as it runs, and the error says what is allowed.
  const query = Effect.fromResult(CrmQuery.decode("lead", { where: { valeu: { gte: 10_000 } } }))
  const error = yield* Effect.flip(query)
  yield* Console.log(error.message)
})

Effect.runPromise(Effect.provide(program, CrmMemory.layer))

import { Local } from "@aria/adapter-local"
import { Crm } from "@aria/connectors"
import { Effect } from "effect"

const program = Effect.gen(function* () {
  const crm = yield* Crm.Crm
  const acme = yield* crm.create("account", { name: "Ärger & Söhne", industry: "Tools" })
  for (const [name, amount] of [["Lathes", 9_000], ["Drills", 25_000], ["Saws", 12_000]] as const) {
    yield* crm.create("opportunity", { name, accountId: acme.id, stage: "proposal", amount, currency: "EUR" })
  }

  const { records } = yield* crm.find("opportunity", {
    where: { stage: { eq: "proposal" }, amount: { gte: 10_000 } },
    orderBy: [{ field: "amount", direction: "desc" }]
  })
  for (const { amount, name } of records) console.log(name, amount)

  // Two who read the same version: the second one is told, and nothing is overwritten.
  yield* crm.update("account", { id: acme.id, version: acme.version, change: { industry: "Machines" } })
  const stale = yield* Effect.flip(crm.update("account", { id: acme.id, version: acme.version, change: { industry: "Software" } }))
  console.log(stale._tag)
})

// A path instead of ":memory:" keeps it.
await Effect.runPromise(Effect.provide(program, Local.layerFile({ filename: ":memory:" })))

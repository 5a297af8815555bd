import * as Scout from "@aria/agents-scout/Scout"
import { SignalItem, SignalSource } from "@aria/connectors/SignalSource"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

const text = "Acme Corp. (NASDAQ: ACME) today announced that it has acquired Beta Robotics for $40 million."
const item = new SignalItem({ id: "1", source: "wire", title: "Acme Acquires Beta Robotics", text })
const wire = Layer.succeed(SignalSource, {
  // in a real program: a layer of @aria/adapter-feeds
  read: () => Effect.succeed([{ _tag: "read", source: "wire", items: [item], warnings: [] }])
})

const program = Effect.gen(function* () {
  const { signals } = yield* Scout.Scout.run({ entities: ["Acme Corp"] })
  for (const { company, quote, score, type } of signals) console.log(company, type, score, quote.text)
})

await Effect.runPromise(program.pipe(Effect.provide(Layer.provide(Scout.Scout.layer, wire))))

import { SignalSource } from "@aria/connectors"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"

const item = new SignalSource.SignalItem({ id: "1", source: "wire", title: "Acme raises $5M", text: "" })
const Signals = SignalSource.layerOf([{ _tag: "read", source: "wire", items: [item], warnings: [] }])

const program = Effect.gen(function* () {
  const source = yield* SignalSource.SignalSource
  for (const { title } of SignalSource.items(yield* source.read({}))) yield* Console.log(title)
})

Effect.runPromise(Effect.provide(program, Signals))

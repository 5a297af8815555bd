import * as Scout from "@aria/agents-scout/Scout"
import { SignalItem, SignalSource } from "@aria/connectors/SignalSource"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { LanguageModel } from "effect/ai"

const text = "Acme Corp. will take over all of Beta Robotics. The price is $40 million."
const item = new SignalItem({ id: "1", source: "wire", title: "Acme and Beta Robotics join forces", text })
const wire = Layer.succeed(SignalSource, {
  read: () => Effect.succeed([{ _tag: "read", source: "wire", items: [item], warnings: [] }])
})

// A model that knows one answer. It is asked with JSON, and names each item as it was asked.
const Asked = Schema.fromJsonString(Schema.Struct({ items: Schema.Array(Schema.Struct({ ref: Schema.String })) }))
const model = Layer.effect(
  LanguageModel.LanguageModel,
  LanguageModel.make({
    generateText: ({ prompt }) => {
      const asked = prompt.content.flatMap(({ content, role }) =>
        role === "user" ? content.flatMap((part) => (part.type === "text" ? [part.text] : [])) : []
      )
      const { items } = Schema.decodeSync(Asked)(asked.join(""))
      const events = [{ type: "acquisition", confidence: 0.9, quote: "will take over all of Beta Robotics" }]
      const statements = [
        { text: "Acme buys Beta Robotics for 40 million dollars.", quote: "The price is $40 million." },
        { text: "The deal closes in May.", quote: "expected to close in May" } // nowhere in the text: it is dropped
      ]
      const answer = { items: items.map(({ ref }) => ({ ref, events, statements })) }
      return Effect.succeed([{ type: "text", text: JSON.stringify(answer) }])
    },
    streamText: () => Stream.empty
  })
)

const program = Effect.gen(function* () {
  const { signals, warnings } = yield* Scout.Scout.run({ entities: ["Acme Corp"] })
  for (const { summary, type } of signals) console.log(type, summary)
  for (const { message } of warnings) console.log(message)
})

await Effect.runPromise(program.pipe(Effect.provide(Layer.provide(Scout.Scout.layerModel(), [wire, model]))))

import * as ScriptedModel from "@aria/testkit/ScriptedModel"
import * as Effect from "effect/Effect"
import { LanguageModel } from "effect/ai"

const model = ScriptedModel.layer([
  ScriptedModel.text("Acme raised 5 million dollars.", { expect: "What is new at Acme?" }),
  ScriptedModel.text("Nobody knows.", { expect: /from whom/i })
])

const program = Effect.forEach(["What is new at Acme?", "And from whom?"], (prompt) =>
  Effect.map(LanguageModel.generateText({ prompt }), ({ text }) => text)
)

console.log(await Effect.runPromise(Effect.provide(program, model)))

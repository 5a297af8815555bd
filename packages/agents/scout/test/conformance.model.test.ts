import { Scout } from "@aria/agents-scout/Scout"
import * as SignalSource from "@aria/connectors/SignalSource"
import * as AgentConformanceSuite from "@aria/testkit/AgentConformanceSuite"
import * as ScriptedModel from "@aria/testkit/ScriptedModel"
import * as Layer from "effect/Layer"
import { AiError } from "effect/ai"
import { answer, news, payload } from "./modelScript.ts"

const sources = SignalSource.layerOf([
  { _tag: "read", source: "Wire", items: [news("1", "Acme acquires Beta for $40 million")], warnings: [] }
])
const invalid = [
  { payload: {}, path: ["entities"] },
  { payload: { entities: ["Acme"], minScore: 2 }, path: ["minScore"] },
  { payload: { entities: ["Acme"], model: "openai/gpt" }, path: ["model"] }
]

for (const [name, step] of [
  ["says nothing", answer([])],
  ["fails", ScriptedModel.fails(new AiError.RateLimitError({}))],
  ["answers with a text", ScriptedModel.text("I read no news.")]
] as const) {
  AgentConformanceSuite.make(Scout, {
    name: `Scout with a model that ${name}`,
    layer: Layer.provide(Scout.layerModel(), [
      sources,
      ScriptedModel.layer(
        Array.from({ length: 200 }, () => step),
        { allowUnused: true }
      )
    ]),
    valid: [payload],
    invalid
  })
}

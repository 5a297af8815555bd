import { Scribe } from "@aria/agents-scribe/Scribe"
import * as AgentConformanceSuite from "@aria/testkit/AgentConformanceSuite"
import * as ScriptedModel from "@aria/testkit/ScriptedModel"
import * as Layer from "effect/Layer"

const invalid = [
  { payload: {}, path: ["communicationType"] },
  { payload: { communicationType: "email" }, path: ["goal"] },
  { payload: { communicationType: "letter", goal: "A visit" }, path: ["communicationType"] },
  { payload: { communicationType: "email", goal: " \n" }, path: ["goal"] },
  { payload: { communicationType: "email", goal: { text: "A visit" } }, path: ["goal"] },
  { payload: { communicationType: "email", goal: "A visit", tone: null }, path: ["tone"] },
  { payload: { communicationType: "email", goal: "A visit", context: { results: [] } }, path: ["context"] },
  {
    payload: { communicationType: "email", goal: "A visit", recipient: { name: "A\r\nBcc: x@y.z" } },
    path: ["recipient", "name"]
  },
  {
    payload: { communicationType: "email", goal: "A visit", recipient: { email: "nobody" } },
    path: ["recipient", "email"]
  },
  { payload: { communicationType: "document", goal: "A visit", documentType: "novel" }, path: ["documentType"] },
  { payload: { communicationType: "email", goal: "A visit", template: "thank_you" }, path: ["template"] }
]

AgentConformanceSuite.make(Scribe, {
  name: "Scribe from templates",
  layer: Scribe.layer,
  valid: [
    { communicationType: "email", goal: "A visit to the plant", recipient: { name: "Ada", email: "ada@example.com" } },
    {
      communicationType: "document",
      goal: "What is new",
      context: [
        { text: "A plant opens.", section: "Summary", sources: [{ title: "Daily", url: "https://daily.example.com" }] }
      ]
    },
    { communicationType: "message", goal: "Lunch", templateName: "thank_you" },
    { communicationType: "document", goal: "Lunch", templateName: "thank_you" }
  ],
  invalid
})

const answer = ScriptedModel.calls([
  { tool: "answer", params: { subject: "A visit", sections: [{ statements: [{ text: "May I visit?", notes: [] }] }] } }
])

AgentConformanceSuite.make(Scribe, {
  name: "Scribe by a model",
  layer: Scribe.layerModel().pipe(
    Layer.provide(
      ScriptedModel.layer(
        Array.from({ length: 100 }, () => answer),
        { order: "any", allowUnused: true }
      )
    )
  ),
  valid: [{ communicationType: "email", goal: "A visit to the plant", recipient: { name: "Ada" } }],
  invalid
})

AgentConformanceSuite.make(Scribe, {
  name: "Scribe by a model that is down, with templates to fall back to",
  layer: Scribe.layerModel({ whenModelFails: "template" }).pipe(
    Layer.provide(
      ScriptedModel.layer(
        Array.from({ length: 100 }, () => ScriptedModel.text("I can't do that.")),
        { order: "any", allowUnused: true }
      )
    )
  ),
  valid: [{ communicationType: "message", goal: "Lunch" }],
  invalid
})

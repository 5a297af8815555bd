import { Scout } from "@aria/agents-scout/Scout"
import * as SignalSource from "@aria/connectors/SignalSource"
import * as AgentConformanceSuite from "@aria/testkit/AgentConformanceSuite"
import * as DateTime from "effect/DateTime"
import * as Layer from "effect/Layer"

const item = new SignalSource.SignalItem({
  id: "w1",
  source: "Wire",
  title: "Acme Acquires Beta Robotics for $40 Million",
  text: "Acme Corp. (NASDAQ: ACME) today announced that it has acquired Beta Robotics for $40 million.",
  url: "https://wire.example.com/1",
  publishedAt: DateTime.makeUnsafe("2026-03-09T08:00:00Z")
})
const down: SignalSource.SourceReport = {
  _tag: "down",
  source: "Daily",
  error: new SignalSource.SourceError({ source: "Daily", reason: "timeout", message: "Daily gave no answer." })
}

// Ages are counted from the payload's time, so that equal calls give equal scores.
const now = DateTime.makeUnsafe("2026-03-10T12:00:00Z")
const invalid = [
  { payload: {}, path: ["entities"] },
  { payload: { entities: [] }, path: ["entities", 0] },
  { payload: { entities: ["Acme"], minScore: 2 }, path: ["minScore"] },
  { payload: { entities: ["Acme"], limit: 0 }, path: ["limit"] },
  { payload: { entities: ["Acme"], signalTypes: ["gossip"] }, path: ["signalTypes", 0] },
  { payload: { entities: ["Acme"], minimumScore: 1 }, path: ["minimumScore"] }
]

AgentConformanceSuite.make(Scout, {
  name: "Scout with a source that is up and one that is down",
  layer: Layer.provide(
    Scout.layer,
    SignalSource.layerOf([{ _tag: "read", source: "Wire", items: [item], warnings: [] }, down])
  ),
  valid: [
    { entities: ["Acme Corp", { name: "Beta Robotics", tickers: ["NYSE:BTA"] }], now },
    { entities: ["Gamma Inc", "Gamma Inc"], now, limit: 1, signalTypes: ["funding"] }
  ],
  invalid
})

AgentConformanceSuite.make(Scout, {
  name: "Scout with all sources down",
  layer: Layer.provide(Scout.layer, SignalSource.layerOf([down])),
  valid: [{ entities: ["Acme Corp"], now }],
  invalid
})

import * as Entity from "@aria/agents-scout/Entity"
import { Scout } from "@aria/agents-scout/Scout"
import { SignalSource } from "@aria/connectors/SignalSource"
import * as Orchestrator from "@aria/orchestrator-core/Orchestrator"
import * as Plan from "@aria/orchestrator-core/Plan"
import * as Progress from "@aria/orchestrator-core/Progress"
import * as Task from "@aria/orchestrator-core/Task"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

const empty = Layer.succeed(SignalSource, {
  read: () => Effect.succeed([{ _tag: "read", source: "A", items: [], warnings: [] }])
})

describe("Scout in plans", () => {
  it.live("takes names, fans out over them and reports its progress", () =>
    Effect.gen(function* () {
      const companies: ReadonlyArray<string> = ["Acme Corp", "Beta Inc"]
      const watch = Task.make("watch", Scout, { payload: { entities: ["Acme Corp"] } })
      const after = Task.make("after", Scout, {
        dependsOn: [watch],
        payload: ({ watch }) => ({ entities: [watch.sources[0]?.source ?? "none"], minScore: 0 })
      })
      const each = Task.forEach("each", Scout, {
        items: () => companies.map((name) => ({ entities: [name] })),
        key: ({ entities: [entity] }) => Entity.nameOf(entity)
      })
      const messages: Array<string> = []
      const result = yield* Orchestrator.run(Plan.make("watching", [after, each])).pipe(
        Progress.listen((event) => {
          if (event._tag === "update") messages.push(event.message)
        })
      )
      expect(result.successCount).toBe(result.results.length)
      expect(messages).toContain("Reading sources for 1 company")
      expect(messages).toContain("Looking through 0 items")
    }).pipe(Effect.provide([Layer.provide(Scout.layer, empty), Orchestrator.layer]))
  )
})

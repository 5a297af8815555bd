import * as Orchestrator from "@aria/orchestrator-core/Orchestrator"
import * as EngineLaws from "@aria/testkit/EngineLaws"
import * as Effect from "effect/Effect"

const engine = { name: "in this process", layer: Orchestrator.layerWith }
const law = "Scheduling: the cap counts every call in flight, of all runs and the whole tree"

const findings = await Effect.runPromise(EngineLaws.examine(engine, { law, seeds: 20 }))
for (const { first, law, seeds } of findings) {
  console.log(`${law}: ${first === undefined ? "20 scenarios kept it" : `broken by ${seeds.join()}`}`)
}

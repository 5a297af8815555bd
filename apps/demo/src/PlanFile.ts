/** A plan as data: the same agents, in any order that a file says. */
import { type Agent, Plan } from "@aria/orchestrator-core"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as InputFile from "./InputFile.ts"

const hint = "apps/demo/plan.json is a plan file that works; --help says what may stand in it."

/** The plan of a file, for these agents; all problems together, each with its path. */
export const read = Effect.fn("PlanFile.read")(function* <const Agents extends ReadonlyArray<Agent.Any>>(path: string, agents: Agents) {
  const file = yield* InputFile.read("plan file", path, hint)
  const data = yield* InputFile.json(file)
  return yield* Schema.decodeUnknownEffect(Plan.schemaFor(agents), { errors: "all", onExcessProperty: "error" })(data).pipe(
    Effect.mapError((error) => InputFile.refuse(file, InputFile.problems(error)))
  )
})

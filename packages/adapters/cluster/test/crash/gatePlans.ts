/** Plans whose tasks wait until a test lets them go on, or end their process. */
import * as Agent from "@aria/orchestrator-core/Agent"
import * as Plan from "@aria/orchestrator-core/Plan"
import * as Run from "@aria/orchestrator-core/Run"
import * as Task from "@aria/orchestrator-core/Task"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { existsSync } from "node:fs"
import { keyOf, note } from "./diary.ts"

const options = {
  description: "Waits, or ends its process.",
  payload: { how: Schema.Literals(["quick", "wait", "exit", "die"]), saw: Schema.optionalKey(Schema.Natural) },
  success: Schema.Struct({ pid: Schema.Natural, code: Schema.String })
}
const Actor = Agent.make("Actor", options)
const NewActor = Agent.make("Actor", { ...options, version: "2" })

/** The file that lets those go on that wait; with a process id at its end, those of that process. */
export const gateOf = (diary: string): string => `${diary}.open`
/** The exit code of a process that a task has ended. */
export const poisoned = 9
/** The file that says that the process does not end any more. */
export const fixOf = (diary: string): string => `${diary}.fixed`

const act = (diary: string, code: string) => ({ how, saw }: typeof Actor.payloadSchema.Type) =>
  Effect.gen(function* () {
    const { attempt, path, rootRunId } = Option.getOrThrow(yield* Run.Current)
    yield* note(diary, { run: rootRunId, task: keyOf(path), attempt, what: "task", name: saw === undefined ? how : `${how}, saw ${saw}`, round: 1 })
    // In the very moment in which it has seen what came before it.
    if (how === "die" && !existsSync(fixOf(diary))) process.kill(process.pid, "SIGKILL")
    if (how === "wait") while (!existsSync(gateOf(diary)) && !existsSync(`${gateOf(diary)}.${process.pid}`)) yield* Effect.sleep(20)
    if (how === "exit" && !existsSync(fixOf(diary))) {
      // Long enough for it to be known what was under way.
      yield* Effect.sleep(200)
      process.exit(poisoned)
    }
    return { pid: process.pid, code }
  })

/** What stands for other code of the handlers is in what it makes. */
export const actorLayer = (diary: string, code = "old") => Actor.toLayer(act(diary, code))

const chain = (agent: typeof Actor | typeof NewActor, second: "wait" | "exit", between: boolean) => {
  const first = Task.make("first", agent, { payload: { how: "quick" } })
  const other = Task.make("other", agent, { dependsOn: [first], payload: { how: "quick" } })
  const middle = Task.make("middle", agent, { dependsOn: between ? [other] : [first], payload: { how: second } })
  return [Task.make("last", agent, { dependsOn: [middle], payload: { how: "quick" } })] as const
}

export const gatePlan = Plan.make("gate", chain(Actor, "wait", false))
export const changedPlan = Plan.make("gate", chain(Actor, "wait", true))
export const newAgentPlan = Plan.make("gate", chain(NewActor, "wait", false))
export const poisonedPlan = Plan.make("poisoned", chain(Actor, "exit", false))
const seen = Task.make("first", Actor, { payload: { how: "quick" } })
/** Its last task kills its process as soon as it has seen what the first one made, which is another thing in each process. */
export const sightPlan = Plan.make("sight", [Task.make("last", Actor, { dependsOn: [seen], payload: ({ first }) => ({ how: "die" as const, saw: first.pid }) })])

const given = Task.make("first", Actor, { payload: { how: "quick" } })
const between = Task.make("middle", Actor, { dependsOn: [given], payload: ({ first }) => ({ how: "wait" as const, saw: first.pid }) })
/** Each of its tasks says what it was given by those before it. */
export const relayPlan = Plan.make("relay", [Task.make("last", Actor, { dependsOn: [between], payload: ({ middle }) => ({ how: "quick" as const, saw: middle.pid }) })])

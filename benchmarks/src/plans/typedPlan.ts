/** The source of a plan of `size` typed tasks, as a user would write it: agents with schemas, dependencies, payload functions. */
export const typedPlan = (size: number): string => {
  const lines = [
    'import { Agent, Plan, Task } from "@aria/orchestrator-core"',
    'import * as Effect from "effect/Effect"',
    'import * as Option from "effect/Option"',
    'import * as Schema from "effect/Schema"'
  ]
  if (size === 0) return [...lines, "export { Agent, Effect, Option, Plan, Schema, Task }", ""].join("\n")
  for (let n = 0; n < 10; n++) {
    lines.push(
      `class Agent${n} extends Agent.make("Agent${n}", {`,
      '  description: "An agent",',
      `  payload: { name: Schema.NonEmptyString, count: Schema.optionalKey(Schema.Int), kind: Schema.Literals(["a", "b"]) },`,
      `  success: { text: Schema.String, score${n}: Schema.Finite, items: Schema.Array(Schema.Struct({ id: Schema.String })) },`,
      `  error: Schema.Struct({ _tag: Schema.tag("Error${n}"), message: Schema.String })`,
      "}) {}"
    )
  }
  for (let n = 0; n < size; n++) {
    const agent = `Agent${n % 10}`
    if (n < 2) lines.push(`const task${n} = Task.make("task${n}", ${agent}, { payload: { name: "n", kind: "a" } })`)
    else {
      const policy = n % 5 === 0 ? ', timeout: "30 seconds", policy: (call) => Effect.retry(call, { times: 2 })' : ""
      lines.push(
        `const task${n} = Task.make("task${n}", ${agent}, {`,
        `  dependsOn: [task${n - 1}, Task.optional(task${n - 2})]${policy},`,
        `  payload: ({ task${n - 1}, task${n - 2} }) => ({`,
        `    name: task${n - 1}.text, kind: "b", count: Option.match(task${n - 2}, { onNone: () => 0, onSome: (some) => some.items.length + some.score${(n - 2) % 10} })`,
        "  })",
        "})"
      )
    }
  }
  lines.push(`export const plan = Plan.make("plan", [${Array.from({ length: size }, (_, n) => `task${n}`).join(", ")}])`, "")
  return lines.join("\n")
}

import type * as Plan from "../Plan.ts"
import type * as Task from "../Task.ts"

const label = (text: string) => text.replace(/["&<>#;]/g, (character) => `#${character.charCodeAt(0)};`)

const agentOf = (task: Task.Any): string => {
  const body = task["~body"]
  return body._tag === "plan" ? `plan ${body.plan.name}` : body.agent._tag
}

/** Shapes by kind of task: a fan-out looks like several, a loop like a loop, a plan like a part of its own. */
const shapes = { agent: ["[", "]"], forEach: ["[[", "]]"], iterate: ["([", "])"], plan: ["[/", "/]"] } as const

export const toMermaid = <I>(plan: Plan.Plan<string, unknown, unknown, unknown, I>, ...input: Plan.InputArgs<I>): string => {
  const { goals, tasks } = plan["~build"](input[0])
  const index = new Map(tasks.map((task, position) => [task, position]))
  const lines = ["flowchart TD"]
  for (const [task, position] of index) {
    const [left, right] = shapes[task["~body"]._tag]
    lines.push(`  t${position}${left}"${label(task.id)}<br/>${label(agentOf(task))}"${right}`)
  }
  for (const [task, position] of index) {
    for (const { optional, task: upstream } of task.dependsOn) {
      lines.push(`  t${index.get(upstream)} ${optional ? "-.->" : "-->"} t${position}`)
    }
  }
  for (const goal of goals) lines.push(`  style t${index.get(goal)} stroke-width:3px`)
  return lines.join("\n") + "\n"
}

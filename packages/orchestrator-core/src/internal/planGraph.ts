import type * as Task from "../Task.ts"

/**
 * The tasks that goals need, depth first in `dependsOn` order, each once; with the ids that two different tasks have.
 * It keeps its own stack: a chain may be longer than the call stack.
 */
export const inPlanOrder = (goals: ReadonlyArray<Task.Any>): { readonly tasks: ReadonlyArray<Task.Any>; readonly duplicates: ReadonlyArray<string> } => {
  const tasks: Array<Task.Any> = []
  const byId = new Map<string, Task.Any>()
  const duplicates = new Set<string>()
  const stack: Array<{ readonly task: Task.Any; next: number }> = []
  const enter = (task: Task.Any) => {
    const known = byId.get(task.id)
    if (known === task) return
    if (known !== undefined) {
      duplicates.add(task.id)
      return
    }
    byId.set(task.id, task)
    stack.push({ task, next: 0 })
  }
  for (const goal of goals) {
    enter(goal)
    while (stack.length > 0) {
      const top = stack[stack.length - 1]!
      const dependency = top.task.dependsOn[top.next++]
      if (dependency !== undefined) {
        enter(dependency.task)
      } else {
        tasks.push(top.task)
        stack.pop()
      }
    }
  }
  return { tasks, duplicates: Array.from(duplicates) }
}

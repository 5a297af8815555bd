/**
 * One cycle of each knot in a graph that is given as nodes with what they point at; names that are no nodes do not
 * count. Linear in its size.
 */
export const findCycles = (graph: ReadonlyArray<readonly [id: string, next: ReadonlyArray<string>]>): ReadonlyArray<ReadonlyArray<string>> => {
  const next = new Map(graph)
  const state = new Map<string, "open" | "done">()
  const cycles: Array<ReadonlyArray<string>> = []
  for (const [root] of graph) {
    if (state.has(root)) continue
    const stack: Array<{ readonly id: string; position: number }> = [{ id: root, position: 0 }]
    state.set(root, "open")
    while (stack.length > 0) {
      const top = stack[stack.length - 1]!
      const to = next.get(top.id)?.[top.position++]
      if (to === undefined) {
        if (top.position > (next.get(top.id)?.length ?? 0)) {
          state.set(top.id, "done")
          stack.pop()
        }
      } else if (next.has(to)) {
        const seen = state.get(to)
        if (seen === "open") cycles.push(stack.slice(stack.findIndex(({ id }) => id === to)).map(({ id }) => id))
        if (seen === undefined) {
          state.set(to, "open")
          stack.push({ id: to, position: 0 })
        }
      }
    }
  }
  return cycles
}

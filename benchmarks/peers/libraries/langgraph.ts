import { Annotation, END, Send, START, StateGraph } from "@langchain/langgraph"

const State = Annotation.Root({ done: Annotation<number>({ reducer: (left, right) => left + right, default: () => 0 }) })

export const fanOut = (size: number) => {
  const graph = new StateGraph(State)
    .addNode("noop", async () => ({ done: 1 }))
    .addConditionalEdges(START, () => Array.from({ length: size }, (_, n) => new Send("noop", { n })), ["noop"])
    .addEdge("noop", END)
    .compile()
  return async () => (await graph.invoke({ done: 0 }, { maxConcurrency: 10 })).done
}

export const chain = (size: number) => {
  let graph: any = new StateGraph(State)
  for (let n = 0; n < size; n++) {
    graph = graph.addNode(`step-${n}`, async () => ({ done: 1 })).addEdge(n === 0 ? START : `step-${n - 1}`, `step-${n}`)
  }
  const compiled = graph.addEdge(`step-${size - 1}`, END).compile()
  return async () => (await compiled.invoke({ done: 0 }, { recursionLimit: size + 10 })).done
}

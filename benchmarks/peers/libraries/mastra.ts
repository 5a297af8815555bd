import { createStep, createWorkflow } from "@mastra/core/workflows"
import { z } from "zod"

const n = z.object({ n: z.number() })
const step = (id: string) => createStep({ id, inputSchema: n, outputSchema: n, execute: async ({ inputData }) => inputData })

export const fanOut = (size: number) => {
  const items = Array.from({ length: size }, (_, index) => ({ n: index }))
  const workflow = createWorkflow({ id: "fan-out", inputSchema: z.array(n), outputSchema: z.array(n) })
    .foreach(step("noop"), { concurrency: 10 })
    .commit()
  return async () => {
    const result = await (await workflow.createRun()).start({ inputData: items })
    return result.status === "success" ? result.result.length : 0
  }
}

export const chain = (size: number) => {
  let workflow: any = createWorkflow({ id: "chain", inputSchema: n, outputSchema: n })
  for (let index = 0; index < size; index++) workflow = workflow.then(step(`step-${index}`))
  workflow.commit()
  return async () => {
    const result = await (await workflow.createRun()).start({ inputData: { n: 0 } })
    return result.status === "success" ? Object.keys(result.steps).filter((id) => id.startsWith("step-")).length : 0
  }
}

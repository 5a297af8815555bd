import { DBOS } from "@dbos-inc/dbos-sdk"
import { versionOf } from "../../install.ts"
import { type Contestant, repeat, until } from "../Contestant.ts"
import { counted, halt, isHalted, last, stepsRun, trivial } from "../steps.ts"

const three = DBOS.registerWorkflow(
  async (n: number) => {
    let sum = 0
    for (const name of ["a", "b", "c"]) sum += await DBOS.runStep(() => trivial(n), { name })
    return sum
  },
  { name: "three" }
)

const long = DBOS.registerWorkflow(
  async (steps: number) => {
    for (let n = 0; n < steps; n++) await DBOS.runStep(() => trivial(n), { name: `step-${n}` })
    return await DBOS.runStep(() => last(steps), { name: "last" })
  },
  { name: "long" }
)

export const contestant: Contestant = {
  name: "DBOS",
  version: versionOf("node_modules/@dbos-inc/dbos-sdk"),
  start: async (url) => {
    const size = process.env["ARIA_DBOS_POOL"]
    DBOS.setConfig({
      name: "peers",
      systemDatabaseUrl: url,
      // its default is 10
      ...(size === undefined ? {} : { systemDatabasePoolSize: Number(size) }),
      // fixed, so that the next process takes over what this one leaves
      applicationVersion: "1",
      logLevel: "error"
    })
    await DBOS.launch()
  },
  run: (times, atOnce) => counted(() => repeat(times, atOnce, (n) => three(n))),
  begin: async (id, steps) => {
    halt()
    await DBOS.startWorkflow(long, { workflowID: id })(steps)
    await until(isHalted)
  },
  ended: async (id) => {
    await until(async () => (await DBOS.getWorkflowStatus(id))?.status === "SUCCESS")
    return stepsRun()
  },
  stop: () => DBOS.shutdown()
}

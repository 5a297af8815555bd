import { QuestionQueue } from "@aria/orchestrator-core"
import { QuestionQueueContractSuite } from "@aria/testkit"
import { sqlite } from "./stores.ts"

QuestionQueueContractSuite.make({ name: "in memory", layer: QuestionQueue.layerMemory })
QuestionQueueContractSuite.make({ name: "SQLite", ...sqlite })

import { ReceiptStore } from "@aria/orchestrator-core"
import { SideEffectLawSuite } from "@aria/testkit"
import { sqlite } from "./stores.ts"

SideEffectLawSuite.make({ name: "a store in memory", layer: ReceiptStore.layerMemory, seeds: 1_500 })
SideEffectLawSuite.make({ name: "SQLite", layer: sqlite.layer })

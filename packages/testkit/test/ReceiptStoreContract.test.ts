import { ReceiptStore } from "@aria/orchestrator-core"
import { ReceiptStoreContractSuite } from "@aria/testkit"
import { sqlite } from "./stores.ts"

ReceiptStoreContractSuite.make({ name: "in memory", layer: ReceiptStore.layerMemory })
ReceiptStoreContractSuite.make({ name: "SQLite", ...sqlite })

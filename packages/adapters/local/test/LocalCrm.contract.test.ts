import { LocalCrm } from "@aria/adapter-local"
import { SqliteClient } from "@aria/sqlite"
import { CrmContractSuite } from "@aria/testkit"
import * as Layer from "effect/Layer"
import { inTurn } from "./crmFiles.ts"

CrmContractSuite.make({
  name: "LocalCrm in memory",
  layer: LocalCrm.layer.pipe(Layer.provide(SqliteClient.layer({ filename: ":memory:" })))
})

CrmContractSuite.make({ name: "LocalCrm, two connections to one file", layer: inTurn, queries: 100 })

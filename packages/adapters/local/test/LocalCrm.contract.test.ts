import { LocalCrm } from "@aria/adapter-local"
import { SqliteClient } from "@aria/sqlite"
import { CrmContractSuite } from "@aria/testkit"
import * as Layer from "effect/Layer"

CrmContractSuite.make({
  name: "LocalCrm",
  layer: LocalCrm.layer.pipe(Layer.provide(SqliteClient.layer({ filename: ":memory:" })))
})

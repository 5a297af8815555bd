import * as CrmMemory from "@aria/connectors/CrmMemory"
import * as CrmContractSuite from "@aria/testkit/CrmContractSuite"

CrmContractSuite.make({ name: "CrmMemory", layer: CrmMemory.layer })

import * as Orchestrator from "@aria/orchestrator-core/Orchestrator"
import * as EngineLawSuite from "@aria/testkit/EngineLawSuite"

EngineLawSuite.make({ name: "in process", layer: Orchestrator.layerWith })

import * as EngineLawSuite from "@aria/testkit/EngineLawSuite"
import { layer } from "./workflowEngine.ts"

EngineLawSuite.make({ name: "workflows in memory", layer })

export * as AgentConformance from "./AgentConformance.ts"
export * as AgentConformanceSuite from "./AgentConformanceSuite.ts"
export * as EngineLawSuite from "./EngineLawSuite.ts"
export * as EngineLaws from "./EngineLaws.ts"

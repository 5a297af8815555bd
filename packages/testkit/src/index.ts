export * as EngineLawSuite from "./EngineLawSuite.ts"
export * as EngineLaws from "./EngineLaws.ts"

export * as Agent from "./Agent.ts"

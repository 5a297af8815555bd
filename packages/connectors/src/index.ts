export * as SignalSource from "./SignalSource.ts"

export * as Cluster from "./Cluster.ts"
export * as ClusterError from "./ClusterError.ts"
export * as Runs from "./Runs.ts"
export * as StoredRun from "./StoredRun.ts"

export * as Limiter from "./Limiter.ts"
export * as PriceTable from "./PriceTable.ts"
export * as TokenCount from "./TokenCount.ts"

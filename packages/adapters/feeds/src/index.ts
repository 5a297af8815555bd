export * as Feed from "./Feed.ts"
export * as Feeds from "./Feeds.ts"
export * as HostLookup from "./HostLookup.ts"

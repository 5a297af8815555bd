export * as CalDav from "./CalDav.ts"

export * as Local from "./Local.ts"
export * as LocalCalendar from "./LocalCalendar.ts"
export * as LocalCrm from "./LocalCrm.ts"
export * as LocalStore from "./LocalStore.ts"

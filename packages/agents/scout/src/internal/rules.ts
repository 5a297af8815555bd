import { DEAL_RULES } from "./dealRules.ts"
import { NEWS_RULES } from "./newsRules.ts"
import { PEOPLE_RULES } from "./peopleRules.ts"
import type { Rule } from "./rule.ts"

export const RULES: ReadonlyArray<Rule> = [...DEAL_RULES, ...PEOPLE_RULES, ...NEWS_RULES]

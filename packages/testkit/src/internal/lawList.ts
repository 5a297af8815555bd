import type { Law } from "./law.ts"
import { budget } from "./lawBudget.ts"
import { context } from "./lawContext.ts"
import { outcomes } from "./lawOutcomes.ts"
import { progress } from "./lawProgress.ts"
import { scheduling } from "./lawScheduling.ts"
import { stop } from "./lawStop.ts"

/** All laws, in the order in which they are told. */
export const all: ReadonlyArray<Law> = [...scheduling, ...outcomes, ...stop, ...budget, ...progress, ...context]

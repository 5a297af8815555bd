/** What a worker can be started with. */
import type * as Plan from "@aria/orchestrator-core/Plan"
import type * as QuestionQueue from "@aria/orchestrator-core/QuestionQueue"
import type * as ReceiptStore from "@aria/orchestrator-core/ReceiptStore"
import type * as Layer from "effect/Layer"
import { actorLayer, changedPlan, gatePlan, newAgentPlan, poisonedPlan, relayPlan, sightPlan } from "./gatePlans.ts"
import { handlers, RandomPlan, type Surroundings } from "./randomPlan.ts"

export interface Program {
  readonly plans: ReadonlyArray<Plan.Any>
  readonly handlers: Layer.Layer<any, never, ReceiptStore.ReceiptStore | QuestionQueue.QuestionQueue>
}

export type Name = "random" | "gate" | "changed" | "newAgent" | "newCode"

export const programs = (surroundings: Surroundings): Readonly<Record<Name, Program>> => {
  const actor = actorLayer(surroundings.diary)
  return {
    random: { plans: [RandomPlan], handlers: handlers(surroundings) },
    gate: { plans: [gatePlan, poisonedPlan, relayPlan, sightPlan], handlers: actor },
    newCode: { plans: [relayPlan], handlers: actorLayer(surroundings.diary, "new") },
    changed: { plans: [changedPlan], handlers: actor },
    newAgent: { plans: [newAgentPlan], handlers: actor }
  }
}

import * as Progress from "@aria/orchestrator-core/Progress"
import * as Effect from "effect/Effect"
import * as CrmAction from "../CrmAction.ts"
import type { Create, Planned } from "../CrmWrite.ts"
import { between } from "../Difference.ts"
import { keyOf, rehearse } from "./act.ts"
import { readBack } from "./crmReadBack.ts"
import { defined } from "./json.ts"
import { completed, type Values } from "./looseCrm.ts"

/** Every field is named, so that what the CRM keeps is what was approved. */
const actionOf = ({ key, once, record, recordType }: Create) => {
  const input: CrmAction.CreateInput = { recordType, record: completed(recordType, defined(record) as Values) }
  return { input, key: keyOf(CrmAction.CreateInput, input, key), ...defined({ once }) }
}

export const write = Effect.fnUntraced(function* (parameters: Create) {
  const action = actionOf(parameters)
  yield* Progress.report(`Creating a ${parameters.recordType}`)
  const done = yield* CrmAction.create.perform(action)
  return yield* readBack("create", done, action.input.record)
})

export const plan = Effect.fnUntraced(function* (parameters: Create) {
  const action = actionOf(parameters)
  const rehearsed = yield* rehearse(CrmAction.create, action)
  const planned: Planned = {
    operationType: "crm_write",
    action: "create",
    recordType: parameters.recordType,
    dryRun: true,
    ...rehearsed,
    changes: rehearsed.alreadyDone ? [] : between({}, action.input.record)
  }
  return planned
})

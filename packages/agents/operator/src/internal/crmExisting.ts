import * as Progress from "@aria/orchestrator-core/Progress"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as CrmAction from "../CrmAction.ts"
import type { Delete, Deleted, Planned, Update } from "../CrmWrite.ts"
import { between } from "../Difference.ts"
import { keyOf, rehearse } from "./act.ts"
import { readBack } from "./crmReadBack.ts"
import { defined } from "./json.ts"
import { contentOf, current, loose, type Values } from "./looseCrm.ts"

/** The actions on a record, told by what it is now. A record that is gone may be so because this very action was done before. */
const actionsOn = Effect.fnUntraced(function* ({ recordId, recordType, version }: CrmAction.RemoveInput) {
  const found = yield* (yield* loose).get(recordType, recordId).pipe(
    Effect.asSome,
    Effect.catchTag("RecordNotFoundError", () => Effect.succeedNone)
  )
  return Option.isSome(found) && found.value.version === version ? CrmAction.about(found.value) : CrmAction
})

const updateOf = ({ change, key, once, recordId, recordType, version }: Update) => {
  const input: CrmAction.UpdateInput = { recordType, recordId, version, change: defined(change) as Values }
  return { input, key: keyOf(CrmAction.UpdateInput, input, key), ...defined({ once }) }
}

export const update = Effect.fnUntraced(function* (parameters: Update) {
  const action = updateOf(parameters)
  const actions = yield* actionsOn(action.input)
  yield* Progress.report(`Changing a ${parameters.recordType}`)
  const done = yield* actions.update.perform(action)
  return yield* readBack("update", done, action.input.change)
})

export const planUpdate = Effect.fnUntraced(function* (parameters: Update) {
  const action = updateOf(parameters)
  const { recordType } = parameters
  const actions = yield* actionsOn(action.input)
  const rehearsed = yield* rehearse(actions.update, action)
  const planned = { operationType: "crm_write", action: "update", recordType, dryRun: true, ...rehearsed } as const
  if (rehearsed.alreadyDone) return { ...planned, changes: [] } satisfies Planned
  const before = contentOf(recordType, yield* current(action.input))
  return { ...planned, changes: between(before, { ...before, ...action.input.change }) } satisfies Planned
})

const removalOf = ({ key, once, recordId, recordType, version }: Delete) => {
  const input: CrmAction.RemoveInput = { recordType, recordId, version }
  return { input, key: keyOf(CrmAction.RemoveInput, input, key), ...defined({ once }) }
}

export const remove = Effect.fnUntraced(function* (parameters: Delete) {
  const action = removalOf(parameters)
  const { recordId, recordType } = parameters
  const actions = yield* actionsOn(action.input)
  yield* Progress.report(`Removing a ${recordType}`)
  const { receiptId, removed } = yield* actions.remove.perform(action)
  const warnings = yield* (yield* loose).get(recordType, recordId).pipe(
    Effect.as([`It was removed, and there is a ${recordType} with its id again.`]),
    Effect.catch((error) =>
      Effect.succeed(
        error._tag === "RecordNotFoundError"
          ? []
          : [`It was removed, and the CRM could not be read again to make sure: ${error.message}`]
      )
    )
  )
  // The record is of its type, which TypeScript does not see here.
  return {
    operationType: "crm_write",
    action: "delete",
    dryRun: false,
    recordType,
    recordId,
    ...defined({ removed: removed?.record }),
    receiptId,
    warnings
  } as unknown as Deleted
})

export const planRemoval = Effect.fnUntraced(function* (parameters: Delete) {
  const action = removalOf(parameters)
  const { recordType } = parameters
  const actions = yield* actionsOn(action.input)
  const rehearsed = yield* rehearse(actions.remove, action)
  const planned = { operationType: "crm_write", action: "delete", recordType, dryRun: true, ...rehearsed } as const
  if (rehearsed.alreadyDone) return { ...planned, changes: [] } satisfies Planned
  return { ...planned, changes: between(contentOf(recordType, yield* current(action.input)), {}) } satisfies Planned
})

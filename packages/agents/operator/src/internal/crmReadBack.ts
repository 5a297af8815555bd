import * as Effect from "effect/Effect"
import type { Stored } from "../CrmAction.ts"
import type { Written } from "../CrmWrite.ts"
import { between, type Fields } from "../Difference.ts"
import { only } from "./json.ts"
import { contentOf, loose } from "./looseCrm.ts"

/** The record as the CRM has it now, and how it differs from what was written. It is written, whatever the reading comes to. */
export const readBack = Effect.fnUntraced(function* (
  action: Written["action"],
  { receiptId, stored: { record, type } }: { readonly stored: Stored; readonly receiptId: string },
  wanted: Fields
) {
  const read = yield* (yield* loose).get(type, record.id).pipe(
    Effect.map((record) => ({ record, warnings: [] })),
    Effect.catch((error) =>
      Effect.succeed({
        record,
        warnings: [
          error._tag === "RecordNotFoundError"
            ? "It was written, and removed since."
            : `It was written, and could not be read again to make sure: ${error.message}`
        ]
      })
    )
  )
  const updatedFields = Object.keys(wanted)
  // The record is of its type, which TypeScript does not see here.
  return {
    operationType: "crm_write",
    action,
    dryRun: false,
    recordType: type,
    recordId: record.id,
    version: read.record.version,
    record: read.record,
    updatedFields,
    differences: between(wanted, only(contentOf(type, read.record), updatedFields)),
    receiptId,
    warnings: read.warnings
  } as unknown as Written
})

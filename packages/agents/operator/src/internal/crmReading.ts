import type { AnyRecord } from "@aria/connectors/Crm"
import { limits } from "@aria/connectors/CrmQuery"
import * as Progress from "@aria/orchestrator-core/Progress"
import * as Effect from "effect/Effect"
import type { Parameters, Success } from "../CrmRead.ts"
import { defined } from "./json.ts"
import { loose } from "./looseCrm.ts"

/** The record's type is that of the parameters, which TypeScript does not see here. */
const success = (
  { recordId, recordType }: Parameters,
  records: ReadonlyArray<AnyRecord>,
  next: string | undefined
): Success =>
  ({
    operationType: "crm_read",
    recordType,
    ...defined({ recordId, next }),
    records,
    totalCount: records.length,
    truncated: next !== undefined
  }) as unknown as Success

export const read = Effect.fnUntraced(function* (parameters: Parameters, defaultLimit: number) {
  const crm = yield* loose
  const { limit = defaultLimit, orderBy, recordId, recordType, where } = parameters
  yield* Progress.report(`Reading ${recordType} records`)
  if (recordId !== undefined) return success(parameters, [yield* crm.get(recordType, recordId)], undefined)
  const records: Array<AnyRecord> = []
  let { after } = parameters
  do {
    const size = Math.min(limit - records.length, limits.limit)
    const page = yield* crm.find(recordType, defined({ where, orderBy, limit: size, after }))
    for (const record of page.records) records.push(record)
    after = page.next
  } while (after !== undefined && records.length < limit)
  return success(parameters, records, after)
})

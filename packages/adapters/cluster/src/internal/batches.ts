import { type Batch, emptyBatch, type Tenure, type Written } from "./records.ts"

/** The same work as one batch a run; ends of calls, which do not say whose they are, are one of their own each. */
export const perRun = (batch: Batch): ReadonlyArray<Batch> => {
  const parts = new Map<string, Batch>()
  const of = (key: string): Batch => {
    let part = parts.get(key)
    if (part === undefined) parts.set(key, (part = emptyBatch()))
    return part
  }
  for (const record of batch.settles) of(`settle ${record.id}`).settles.push(record)
  for (const record of batch.starts) of(record.id).starts.push(record)
  for (const record of batch.units) of(record.run).units.push(record)
  for (const record of batch.events) of(record.run).events.push(record)
  for (const record of batch.spends) of(record.run).spends.push(record)
  for (const record of batch.ends) of(record.run).ends.push(record)
  return Array.from(parts.values())
}

export const together = (parts: ReadonlyArray<Written>): Written => ({
  existing: new Set(parts.flatMap(({ existing }) => Array.from(existing))),
  refused: new Map(parts.flatMap(({ refused = [] }) => Array.from(refused))),
  lost: new Set(parts.flatMap(({ lost }) => Array.from(lost))),
  noRoom: new Map(parts.flatMap(({ noRoom }) => Array.from(noRoom)))
})

/** Nothing of it was written, and why. */
export const refused = ({ ends, spends, starts, units }: Batch, why: string): Written => ({
  existing: new Set(),
  refused: new Map(starts.map(({ id }) => [id, why])),
  lost: new Set([...units, ...spends, ...ends].map(({ run }) => run)),
  noRoom: new Map()
})

/** Whose it is. */
export const tenuresOf = ({ ends, events, spends, units }: Batch): ReadonlyArray<Tenure> =>
  Array.from(new Map([...units, ...events, ...spends, ...ends].map(({ fence, run }) => [`${fence} ${run}`, { run, fence }])).values())

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

/**
 * A worker may have lost a run and taken it again while something of the life before was still to be written: that is lost, whatever
 * becomes of the rest, and what is written is told by run, so that the two must not stand together.
 */
export const withoutPast = (batch: Batch): { readonly current: Batch; readonly isPast: (tenure: Tenure) => boolean } => {
  const last = new Map<string, number>()
  let hasPast = false
  for (const { fence, run } of tenuresOf(batch)) {
    const other = last.get(run)
    hasPast ||= other !== undefined
    last.set(run, Math.max(fence, other ?? fence))
  }
  if (!hasPast) return { current: batch, isPast: () => false }
  const isPast = ({ fence, run }: Tenure) => fence < (last.get(run) ?? fence)
  const currentOf = <A extends Tenure>(records: ReadonlyArray<A>) => records.filter((record) => !isPast(record))
  const { ends, events, spends, units } = batch
  return { current: { ...batch, units: currentOf(units), events: currentOf(events), spends: currentOf(spends), ends: currentOf(ends) }, isPast }
}

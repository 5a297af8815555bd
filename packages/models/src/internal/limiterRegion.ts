import * as Context from "effect/Context"

/** For whom calls count, as `Limiter.within` has set it. */
export interface Region {
  readonly agents: ReadonlyArray<string>
  readonly user: string | undefined
}

export const RegionRef: Context.Reference<Region> = Context.Reference("@aria/models/Limiter/Region", {
  defaultValue: (): Region => ({ agents: [], user: undefined })
})

import type { Limits } from "../Budget.ts"
import * as Usage from "../Usage.ts"
import { type Amounts, unlimited } from "./ledger.ts"

export const amountsOf = ({ calls, tokens, usd }: Limits): Amounts =>
  tokens === undefined && calls === undefined && usd === undefined
    ? unlimited
    : { tokens: tokens ?? Infinity, calls: calls ?? Infinity, microUsd: usd === undefined ? Infinity : Usage.microUsdFromUsd(usd) }

export const limitsOf = ({ calls, microUsd, tokens }: Amounts): { readonly tokens?: number; readonly calls?: number; readonly usd?: number } => ({
  ...(Number.isFinite(tokens) && { tokens }),
  ...(Number.isFinite(calls) && { calls }),
  ...(Number.isFinite(microUsd) && { usd: microUsd / 1_000_000 })
})

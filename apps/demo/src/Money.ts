/** Amounts of money as people read them, never less than was spent, and what is said of tokens and money beside each other. */
import type { Usage } from "@aria/orchestrator-core"
import type * as Spending from "./Spending.ts"

/** "$0", "$0.0003", "$1.25": in US dollars, rounded up. */
export const usd = (amount: number): string => {
  const digits = amount >= 1 ? 2 : 4
  const unit = 10 ** digits
  // an amount that is whole in its last digit is not made one more by the noise of the multiplication
  const rounded = Math.ceil(amount * unit - 1e-6) / unit
  return amount === 0 ? "$0" : `$${rounded.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits })}`
}

/** An amount as somebody gave it: "$0.50", "$0.005". */
const given = (amount: number): string => `$${amount.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 6 })}`

const unknown = "price unknown"

/** "$0.0012"; of a model whose price nobody knows that, but what asked no model costs nothing. */
export const cost = ({ price }: Pick<Spending.Spending, "price">, { tokens, usd: amount }: Pick<Usage.Usage, "tokens" | "usd">): string =>
  price === undefined && tokens > 0 ? unknown : usd(amount)

/** "tokens 1,234 + 5,000 held of 20,000; $0.0123 + $0.0200 held of $0.50": used, held and limit. */
export const standing = (
  { limits, price }: Pick<Spending.Spending, "limits" | "price">,
  used: Pick<Usage.Usage, "tokens" | "usd">,
  held: Spending.Standing["held"]
): string => {
  const told = (spent: string, reserved: string | undefined, limit: string | undefined) =>
    [spent, ...(reserved === undefined ? [] : [`+ ${reserved} held`]), ...(limit === undefined ? [] : [`of ${limit}`])].join(" ")
  const number = (amount: number) => amount.toLocaleString("en-US")
  const tokens = told(
    number(used.tokens),
    held.tokens === 0 ? undefined : number(held.tokens),
    limits.tokens === undefined ? undefined : number(limits.tokens)
  )
  const money =
    price === undefined
      ? unknown
      : told(usd(used.usd), held.usd === 0 ? undefined : usd(held.usd), limits.usd === undefined ? undefined : given(limits.usd))
  return `tokens ${tokens}; ${money}`
}

/** What is known of the price beforehand. */
export const price = ({ listed, price }: Pick<Spending.Spending, "listed" | "price">): string =>
  price === undefined
    ? `${unknown}: only tokens can be counted; --prices FILE gives one`
    : `$${price.input} per million tokens in, $${price.output} out${listed === undefined ? "" : ` (a list of ${listed}, and no offer)`}`

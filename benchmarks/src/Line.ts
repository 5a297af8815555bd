/** One line of the table. Without a bound it only informs. */
export interface Line {
  readonly name: string
  readonly figure: string
  readonly bound: string
  readonly verdict: "ok" | "MISS" | ""
}

/** A figure that must not be larger than its bound. */
export const atMost = (name: string, value: number, bound: number, show: (value: number) => string, detail = ""): Line => ({
  name,
  figure: show(value) + (detail === "" ? "" : ` (${detail})`),
  bound: `<= ${show(bound)}`,
  verdict: value <= bound ? "ok" : "MISS"
})

/** A figure that must not be smaller than its bound. */
export const atLeast = (name: string, value: number, bound: number, show: (value: number) => string, detail = ""): Line => ({
  name,
  figure: show(value) + (detail === "" ? "" : ` (${detail})`),
  bound: `>= ${show(bound)}`,
  verdict: value >= bound ? "ok" : "MISS"
})

/** A figure without a bound. */
export const information = (name: string, figure: string): Line => ({ name, figure, bound: "", verdict: "" })

export const times = (value: number): string => `${value.toFixed(2)}x`
export const micros = (value: number): string => `${value.toFixed(1)} us`

/** Mulberry32: the same seed gives the same numbers. */
export const random = (seed: number) => {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  const below = (count: number): number => Math.floor(next() * count)
  const pick = <T>(from: readonly [T, ...ReadonlyArray<T>]): T => from[below(from.length)] ?? from[0]
  const pieces = [
    "a",
    "Plant",
    "in",
    "Zürich",
    "株式会社",
    "🇩🇪",
    "👩‍👩‍👧",
    "=?utf-8?Q?x?=",
    "{{purpose}}",
    "{{x}}",
    "<b>",
    "&amp;",
    '"q"',
    "'",
    "\\",
    ",",
    ";",
    ":",
    "From ",
    ".",
    "=",
    "=41",
    "ﬁ",
    "e\u0301",
    " ",
    "  ",
    "longlonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglong",
    "$&",
    "42"
  ] as const
  /** A text without line breaks that is not blank. */
  const line = (most: number): string =>
    `x${Array.from({ length: below(most) }, () => pick(pieces) + pick([" ", ""])).join("")}`
  /** A text of some lines, with hostile ones among them. */
  const text = (most: number): string =>
    Array.from(
      { length: 1 + below(4) },
      () => pick(["", "From me", ".", "Bcc: x@evil.example", " "]) + line(most)
    ).join(pick(["\n", "\r\n", "\n\n"]))
  return { next, below, pick, line, text }
}

/** Text in a terminal, measured in cells. What comes from outside is stripped of everything a terminal would obey. */
import * as CliOutput from "effect/cli/CliOutput"
import { styleText } from "node:util"

export const width = CliOutput.displayWidth

/** One line without control characters, escape sequences and marks that turn the direction of writing. */
export const clean = (text: string): string => text.replace(/[\p{Cc}\p{Bidi_Control}\s]+/gu, " ").trim()

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" })

/** At most so many cells; what is cut off leaves an ellipsis. */
export const cut = (text: string, cells: number): string => {
  if (width(text) <= cells) return text
  if (cells < 1) return ""
  let kept = ""
  let used = 1
  for (const { segment } of graphemes.segment(text)) {
    used += width(segment)
    if (used > cells) break
    kept += segment
  }
  return `${kept.trimEnd()}…`
}

/** Exactly so many cells, on the left. */
export const left = (text: string, cells: number): string => {
  const short = cut(text, cells)
  return short + " ".repeat(Math.max(0, cells - width(short)))
}

/** Exactly so many cells, on the right. */
export const right = (text: string, cells: number): string => {
  const short = cut(text, cells)
  return " ".repeat(Math.max(0, cells - width(short))) + short
}

/** Lines of at most so many cells, broken between words; a longer word keeps a line of its own. */
export const wrap = (text: string, cells: number): ReadonlyArray<string> => {
  const lines: Array<string> = []
  let line = ""
  for (const word of text.split(" ")) {
    if (line !== "" && width(line) + 1 + width(word) > cells) {
      lines.push(line)
      line = word
    } else line = line === "" ? word : `${line} ${word}`
  }
  return line === "" ? lines : [...lines, line]
}

/** How text is set off where the output has colours. */
export interface Paint {
  readonly bold: (text: string) => string
  readonly dim: (text: string) => string
  readonly red: (text: string) => string
  readonly green: (text: string) => string
  readonly yellow: (text: string) => string
  readonly cyan: (text: string) => string
}

export const paint = (colors: boolean): Paint => {
  const style = (format: "bold" | "dim" | "red" | "green" | "yellow" | "cyan") => (text: string) =>
    colors ? styleText(format, text, { validateStream: false }) : text
  return {
    bold: style("bold"),
    dim: style("dim"),
    red: style("red"),
    green: style("green"),
    yellow: style("yellow"),
    cyan: style("cyan")
  }
}

/** "0.4 s", "12 s", "3 min 05 s", "23 h 59 min", "2 days 4 h". */
export const duration = (millis: number): string => {
  const seconds = Math.max(0, millis) / 1000
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`
  if (seconds < 59.5) return `${Math.round(seconds)} s`
  const whole = Math.round(seconds)
  const hours = Math.floor(whole / 3600)
  if (hours >= 48) return `${Math.floor(hours / 24)} days ${hours % 24} h`
  if (hours >= 1) return `${hours} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, "0")} min`
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`
}

/** "3 tasks", "1 task". */
export const count = (amount: number, noun: string, plural = `${noun}s`): string =>
  `${amount.toLocaleString("en-US")} ${amount === 1 ? noun : plural}`

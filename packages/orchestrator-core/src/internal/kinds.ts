/** Whether a kind is one of those that a pattern names: itself, `"calendar.*"` for all that start so, `"*"` for all. */
export const isKind = (pattern: string, kind: string): boolean =>
  pattern === "*" || pattern === kind || (pattern.endsWith(".*") && kind.startsWith(pattern.slice(0, -1)))

const words = /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/

/** Whether a text can be the kind of an action: words joined by dots. */
export const isName = (kind: string): boolean => words.test(kind)

/** Whether a text can be a pattern of kinds. */
export const isPattern = (pattern: string): boolean => pattern === "*" || isName(pattern.replace(/\.\*$/, ""))

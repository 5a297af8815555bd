/** Whether a kind is one of those that a pattern names: itself, `"calendar.*"` for all that start so, `"*"` for all. */
export const isKind = (pattern: string, kind: string): boolean =>
  pattern === "*" || pattern === kind || (pattern.endsWith(".*") && kind.startsWith(pattern.slice(0, -1)))

/** Whether a text can be such a pattern: words joined by dots, as the kinds of actions are. */
export const isPattern = (pattern: string): boolean => pattern === "*" || /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*(\.\*)?$/.test(pattern)

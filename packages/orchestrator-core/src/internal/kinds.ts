/** Whether a kind is one of those that a pattern names: itself, `"calendar.*"` for all that start so, `"*"` for all. */
export const isKind = (pattern: string, kind: string): boolean =>
  pattern === "*" || pattern === kind || (pattern.endsWith(".*") && kind.startsWith(pattern.slice(0, -1)))

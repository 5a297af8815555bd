import { parseAst } from "vitest/node"

/** `type` disappears when types are stripped; `dynamic` is loaded later. */
export interface Import {
  readonly specifier: string
  readonly kind: "static" | "dynamic" | "type"
}

interface Node {
  readonly type: string
  readonly source?: { readonly value?: unknown } | null
  readonly importKind?: string
  readonly exportKind?: string
}

const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && "type" in value && typeof value.type === "string"

const kindOf = (node: Node): Import["kind"] | undefined => {
  switch (node.type) {
    case "ImportDeclaration":
      return node.importKind === "type" ? "type" : "static"
    case "ExportNamedDeclaration":
    case "ExportAllDeclaration":
      return node.exportKind === "type" ? "type" : "static"
    case "ImportExpression":
      return "dynamic"
    case "TSImportType":
      return "type"
    default:
      return undefined
  }
}

/** Every import of a TypeScript file. Fails when the file does not parse. */
export const importsOf = (path: string, text: string): ReadonlyArray<Import> => {
  const found: Array<Import> = []
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) return value.forEach(visit)
    if (!isNode(value)) return
    const kind = kindOf(value)
    if (kind !== undefined && typeof value.source?.value === "string") {
      found.push({ specifier: value.source.value, kind })
    }
    Object.values(value).forEach(visit)
  }
  visit(parseAst(text, { lang: path.endsWith("x") ? "tsx" : "ts" }).body)
  return found
}

/** The package in a bare specifier: `@scope/name` or `name`. */
export const packageOf = (specifier: string): string =>
  specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/")

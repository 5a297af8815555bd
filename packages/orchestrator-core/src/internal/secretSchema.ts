import * as Predicate from "effect/Predicate"
import type * as Schema from "effect/Schema"
import type * as SchemaAST from "effect/SchemaAST"

const isSecret = ({ annotations }: SchemaAST.AST): boolean =>
  Predicate.hasProperty(annotations, "representation") &&
  Predicate.hasProperty(annotations.representation, "id") &&
  annotations.representation.id === "effect/schema/Redacted"

type Step = readonly [name: string, ast: SchemaAST.AST]

/** A schema that is defined further down in its module is not there yet where an action is defined above it. */
const resolved = (ast: SchemaAST.Suspend): SchemaAST.AST => {
  try {
    return ast.thunk()
  } catch {
    return ast
  }
}

/** What a schema is made of, also where it comes from and what it becomes. */
const parts = (ast: SchemaAST.AST): ReadonlyArray<Step> => {
  const encoded = (ast.encoding ?? []).map(({ to }): Step => ["", to])
  switch (ast._tag) {
    case "Declaration":
      return [...ast.typeParameters.map((one): Step => ["", one]), ...encoded]
    case "Objects":
      return [
        ...ast.propertySignatures.map(({ name, type }): Step => [String(name), type]),
        ...ast.indexSignatures.flatMap(({ parameter, type }): ReadonlyArray<Step> => [["*", parameter], ["*", type]]),
        ...encoded
      ]
    case "Arrays":
      return [...ast.elements.concat(ast.rest).map((one): Step => ["*", one]), ...encoded]
    case "Union":
      return [...ast.types.map((one): Step => ["", one]), ...encoded]
    case "Suspend":
      return [["", resolved(ast)], ...encoded]
    default:
      return encoded
  }
}

/** Where a schema has a `Redacted` value: the path of the first one found. As JSON it would be there in clear. */
const secretPath = (ast: SchemaAST.AST, seen: Set<SchemaAST.AST>): ReadonlyArray<string> | undefined => {
  if (isSecret(ast)) return []
  if (seen.has(ast)) return undefined
  seen.add(ast)
  for (const [name, part] of parts(ast)) {
    const path = secretPath(part, seen)
    if (path !== undefined) return name === "" ? path : [name, ...path]
  }
  return undefined
}

/** Throws where what a schema describes would be stored and shown although it holds a secret. */
export const refuseSecrets = (subject: string, schema: Schema.Constraint, instead: string): void => {
  const path = secretPath(schema.ast, new Set())
  if (path === undefined) return
  const at = path.length === 0 ? "is a Redacted value" : `has a Redacted value at ${path.join(".")}`
  throw new Error(`${subject} ${at}; it is stored in clear and shown to people, so no secret may be in it: ${instead}`)
}

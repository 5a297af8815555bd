import * as Statement from "effect/sql/Statement"

/** A compiler of a dialect that is neither SQLite's nor Postgres'. */
export const compileMysqlLike = Statement.makeCompiler({
  dialect: "mysql",
  placeholder: () => "?",
  onIdentifier: (name) => `\`${name}\``,
  onCustom: () => ["", []],
  onRecordUpdate: () => ["", []]
})

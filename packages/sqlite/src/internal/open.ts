/** Opens the file, makes sure that it is a database, and says why not. */
import * as Effect from "effect/Effect"
import { accessSync, closeSync, constants, openSync, readSync, statSync } from "node:fs"
import { dirname } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { codeOf, whenFree } from "./busy.ts"
import type { Settings } from "./settings.ts"

export type Reason =
  | "directoryMissing"
  | "fileMissing"
  | "notAFile"
  | "notADatabase"
  | "newerFormat"
  | "notWritable"
  | "locked"
  | "unusable"

export interface Unusable {
  readonly filename: string
  readonly reason: Reason
  readonly message: string
  readonly cause: unknown
}

const kindOf = (path: string): "directory" | "file" | "missing" => {
  try {
    return statSync(path).isDirectory() ? "directory" : "file"
  } catch {
    return "missing"
  }
}

/** Bytes 18 and 19 of a database are the versions of its format for writing and reading; SQLite 3 knows 1 and 2. */
const isNewer = (path: string): boolean => {
  const header = Buffer.alloc(20)
  try {
    const file = openSync(path, "r")
    try {
      readSync(file, header, 0, 20, 0)
    } finally {
      closeSync(file)
    }
  } catch {
    return false
  }
  return header.toString("latin1", 0, 16) === "SQLite format 3\0" && Math.max(header[18] ?? 0, header[19] ?? 0) > 2
}

const reasonOf = (cause: unknown, { filename, inMemory, readonly }: Settings): readonly [Reason, string] => {
  const text = cause instanceof Error ? cause.message : String(cause)
  if (inMemory) return ["unusable", text]
  const code = (codeOf(cause) ?? 0) & 0xff
  if (code === 14 && kindOf(filename) === "directory") return ["notAFile", "is a folder: name a file in it"]
  if (code === 14 && kindOf(dirname(filename)) !== "directory")
    return ["directoryMissing", `is in ${dirname(filename)}, which is not a folder: make it first`]
  if (code === 14 && readonly && kindOf(filename) === "missing")
    return ["fileMissing", "does not exist, and with readonly it is not made"]
  if (isNewer(filename) || /unsupported file format/.test(text))
    return ["newerFormat", "was written by a newer SQLite than this Node has: use a newer Node"]
  if (code === 26) return ["notADatabase", "is not an SQLite database, or it is encrypted: name another file"]
  if (code === 8 || /^(EACCES|EPERM|EROFS)\b/.test(text))
    return ["notWritable", "cannot be written: allow it, or set readonly"]
  if (code === 5) return ["locked", `is locked by another connection: ${text}`]
  return ["unusable", text]
}

/** The pragmas come back on every connection; only WAL stays in the file. */
const prepareFile = (db: DatabaseSync, { filename, inMemory, readonly, synchronous }: Settings): void => {
  if (!inMemory && !readonly) {
    // Such a file would open, and fail at the first write.
    accessSync(filename, constants.W_OK)
    if (isNewer(filename)) throw new Error("unsupported file format")
    const mode = db.prepare("PRAGMA journal_mode = WAL").get()?.["journal_mode"]
    if (mode !== "wal") throw new Error(`cannot have a write-ahead log where it is: its journal stays ${String(mode)}`)
  }
  db.exec(`PRAGMA synchronous = ${synchronous}`)
  // The first read is what finds out whether this is a database.
  db.prepare("SELECT count(*) FROM sqlite_schema").get()
}

/** Closed with the scope; SQLite rolls back what is open then. */
export const open = Effect.fnUntraced(function* (settings: Settings) {
  const { busyTimeout, filename, readonly } = settings
  const patience = {
    busyTimeout,
    onError: (cause: unknown): Unusable => {
      const [reason, text] = reasonOf(cause, settings)
      return { filename, reason, message: `Database ${JSON.stringify(filename)} ${text}.`, cause }
    }
  }
  const db = yield* Effect.acquireRelease(
    whenFree(
      () => new DatabaseSync(filename, { readOnly: readonly, timeout: 0, enableForeignKeyConstraints: true }),
      patience
    ),
    (db) => Effect.sync(() => (db.isOpen ? db.close() : undefined))
  )
  yield* whenFree(() => prepareFile(db, settings), patience)
  return db
})

/** The file that outlives the demo: its calendar and CRM, receipts of what was done, and questions that wait for an answer. */
import { Local } from "@aria/adapter-local"
import { SqlStore } from "@aria/orchestrator-core"
import { SqliteClient } from "@aria/sqlite"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Path from "effect/Path"
import * as Schema from "effect/Schema"
import { Flag } from "effect/cli"

const shipped = ".aria/demo.db"

export const flag = Flag.String("data").pipe(
  Flag.withMetavar("FILE"),
  Flag.withDescription(`Where what was written is kept (default: ${shipped})`),
  Flag.withDefault(shipped)
)

/** There is nothing to look at: bad usage. */
export class NoDataFileError extends Schema.TaggedError<NoDataFileError>()("NoDataFileError", { path: Schema.String }) {
  override get message(): string {
    return `There is no data file ${JSON.stringify(this.path)}: a run of the demo makes one, or name another with --data.`
  }
}

const kept = Layer.merge(SqlStore.layer, Local.layer)

/** Makes the folder of a file. One folder, not a tree of them: a misspelt path is found out when the file cannot be opened. */
export const makeFolder = Effect.fn("DataFile.makeFolder")(function* (path: string) {
  const files = yield* FileSystem.FileSystem
  const paths = yield* Path.Path
  yield* Effect.ignore(files.makeDirectory(paths.dirname(path)))
})

/** All that is kept in the file, which is made where it is missing. */
export const layer = (path: string) => Layer.unwrap(Effect.as(makeFolder(path), Layer.provideMerge(kept, SqliteClient.layer({ filename: path }))))

/** Only the calendar and the CRM. */
export const layerLocal = (path: string) => Layer.unwrap(Effect.as(makeFolder(path), Local.layerFile({ filename: path })))

/** A client of a file that has to be there: to look at what is in it makes none. */
export const clientOfExisting = (path: string) =>
  Layer.unwrap(
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      if (!(yield* Effect.orElseSucceed(files.exists(path), () => false))) return yield* new NoDataFileError({ path })
      return SqliteClient.layer({ filename: path })
    })
  )

/** All that is kept in a file that has to be there. */
export const layerExisting = (path: string) => Layer.provideMerge(kept, clientOfExisting(path))

/** Files and folders as sources. */
import { SignalSource } from "@aria/connectors"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import type * as PlatformError from "effect/PlatformError"
import { collect, unpacked } from "./body.ts"
import { tooLarge } from "./web.ts"

const feedFile = /\.(xml|rss|atom|rdf|json)$/i

const down = (source: string, reason: SignalSource.SourceError["reason"], message: string) =>
  new SignalSource.SourceError({ source, reason, message })

const failed = (source: string) => (error: PlatformError.PlatformError) =>
  error.reason._tag === "NotFound"
    ? down(source, "notFound", `${source} does not exist.`)
    : down(source, "unreadable", `${source} could not be read: ${error.message}.`)

/** The path that a source names. */
export const pathOf = Effect.fnUntraced(function* (source: string) {
  if (!/^file:/i.test(source)) return source
  const path = yield* Path.Path
  return yield* path
    .fromFileUrl(new URL(source))
    .pipe(Effect.mapError(() => down(source, "notFound", `${source} names no file on this machine.`)))
})

/** A file is itself; a folder is every feed file in it, in order of their paths. */
export const expand = Effect.fn("Feeds.expand")(function* (source: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const place = yield* pathOf(source)
  const { type } = yield* Effect.mapError(fs.stat(place), failed(source))
  if (type === "File") return [place]
  // reading from a pipe or a device may never end
  if (type !== "Directory") return yield* down(source, "unreadable", `${source} is neither a file nor a folder.`)
  const names = yield* Effect.mapError(fs.readDirectory(place, { recursive: true }), failed(source))
  const files = names
    .filter((name) => feedFile.test(name))
    .sort()
    .map((name) => path.join(place, name))
  if (files.length === 0)
    return yield* down(
      source,
      "notFound",
      `${source} is a folder without a file that ends in .xml, .rss, .atom, .rdf or .json.`
    )
  return files
})

export const readFile = Effect.fn("Feeds.readFile")(function* (source: string, maxBytes: number) {
  const fs = yield* FileSystem.FileSystem
  const { size, type } = yield* Effect.mapError(fs.stat(source), failed(source))
  if (type !== "File") return yield* down(source, "unreadable", `${source} is not a file.`)
  if (Number(size) > maxBytes) return yield* tooLarge(source, maxBytes)
  // the size may change, and some files say 0
  const packed = yield* collect(fs.stream(source), maxBytes).pipe(
    Effect.catchTags({
      TooLarge: () => Effect.fail(tooLarge(source, maxBytes)),
      PlatformError: (error) => Effect.fail(failed(source)(error))
    })
  )
  return yield* unpacked(packed, undefined, maxBytes).pipe(
    Effect.catchTags({
      TooLarge: () => Effect.fail(tooLarge(source, maxBytes)),
      BrokenCompression: () =>
        Effect.fail(down(source, "unreadable", `${source} begins like a gzip file and cannot be unpacked.`))
    })
  )
})

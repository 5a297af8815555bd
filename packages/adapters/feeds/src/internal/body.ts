/** Bytes within a limit: streams are left as soon as they pass it, compressed ones count as what they become. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { promisify } from "node:util"
import * as zlib from "node:zlib"

/** The body is larger than allowed. */
export class TooLarge {
  readonly _tag = "TooLarge"
}

/** The body says that it is compressed and cannot be unpacked. */
export class BrokenCompression {
  readonly _tag = "BrokenCompression"
}

export const collect = <E, R>(
  stream: Stream.Stream<Uint8Array, E, R>,
  maxBytes: number
): Effect.Effect<Uint8Array, E | TooLarge, R> =>
  Effect.suspend(() => {
    const chunks: Array<Uint8Array> = []
    let size = 0
    return Stream.runForEach(stream, (chunk) => {
      size += chunk.length
      if (size > maxBytes) return Effect.fail(new TooLarge())
      chunks.push(chunk)
      return Effect.void
    }).pipe(Effect.map(() => new Uint8Array(Buffer.concat(chunks, size))))
  })

const gunzip = promisify<Uint8Array, zlib.ZlibOptions, Uint8Array>(zlib.gunzip)
const inflate = promisify<Uint8Array, zlib.ZlibOptions, Uint8Array>(zlib.inflate)
const brotli = promisify<Uint8Array, zlib.BrotliOptions, Uint8Array>(zlib.brotliDecompress)

const unpackWith = (
  unpack: (bytes: Uint8Array, options: { readonly maxOutputLength: number }) => Promise<Uint8Array>,
  bytes: Uint8Array,
  maxBytes: number
): Effect.Effect<Uint8Array, TooLarge | BrokenCompression> =>
  Effect.tryPromise({
    try: () => unpack(bytes, { maxOutputLength: maxBytes }),
    catch: (error) =>
      error instanceof Error && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE"
        ? new TooLarge()
        : new BrokenCompression()
  })

/**
 * Some http clients unpack and leave the header, some do not: gzip is known by its first bytes, and what is called `deflate` or `br`
 * and cannot be unpacked was unpacked already.
 */
export const unpacked = (
  bytes: Uint8Array,
  contentEncoding: string | undefined,
  maxBytes: number
): Effect.Effect<Uint8Array, TooLarge | BrokenCompression> => {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return unpackWith(gunzip, bytes, maxBytes)
  const encoding = contentEncoding?.trim().toLowerCase()
  const tried =
    encoding === "br"
      ? unpackWith(brotli, bytes, maxBytes)
      : encoding === "deflate"
        ? unpackWith(inflate, bytes, maxBytes)
        : Effect.succeed(bytes)
  return Effect.catchTag(tried, "BrokenCompression", () => Effect.succeed(bytes))
}

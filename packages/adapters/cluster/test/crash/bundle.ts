/** The program of a worker in one file: whoever starts a hundred of them waits less than half as long for each. */
import { mkdtempSync } from "node:fs"
import { rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { build } from "tsup"

export interface Bundle {
  readonly file: string
  /** Where Node keeps what it has compiled of it. */
  readonly cache: string
}

let made: Promise<Bundle> | undefined

/** Made once in a process, for all of its tests. */
export const bundle = (): Promise<Bundle> =>
  (made ??= (async () => {
    const folder = mkdtempSync(join(tmpdir(), "aria-crash-worker-"))
    await build({
      config: false,
      silent: true,
      entry: { worker: join(import.meta.dirname, "worker.ts") },
      outDir: folder,
      outExtension: () => ({ js: ".mjs" }),
      format: "esm",
      target: "node22",
      platform: "node",
      noExternal: [/./],
      // `node:sqlite` has no name without the protocol.
      removeNodeProtocol: false,
      splitting: false,
      // What is CommonJS inside asks for what comes with Node.
      banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' }
    })
    return { file: join(folder, "worker.mjs"), cache: join(folder, "compiled") }
  })())

/** Once nobody needs it any more. */
export const removeBundle = async (): Promise<void> => {
  const last = made
  made = undefined
  if (last !== undefined) await rm(join((await last).file, ".."), { recursive: true, force: true })
}

import type { Options } from "tsup"

/** How every published package is built: JavaScript from here, types from `tsc -b`, both into `dist`. */
export const library: Options = {
  entry: ["src/*.ts"],
  format: "esm",
  target: "node22",
  platform: "node",
  sourcemap: true,
  // `node:sqlite` has no name without the protocol.
  removeNodeProtocol: false,
  // With several entry points, a class must not be copied into each of them: `instanceof` would fail.
  splitting: true,
  // Removes old JavaScript, but not what `tsc -b` wrote.
  clean: ["!**/*.d.ts", "!**/*.d.ts.map", "!**/*.tsbuildinfo"],
  dts: false
}

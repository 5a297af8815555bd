/** Run as a program: prints what is said about providers whose packages are not there (`missing`), break (`broken`), or lack what they need (`lacking`). */
import * as Effect from "effect/Effect"
import { registerHooks } from "node:module"

const mode = process.argv[2]

registerHooks({
  resolve: (specifier, context, next) => {
    if (!/^@ai-sdk\/(openai|anthropic|google|openai-compatible)$/.test(specifier)) return next(specifier, context)
    if (mode === "broken") throw new TypeError("half an installation")
    if (mode === "lacking") {
      const error = new Error(`Cannot find package 'zod' imported from /app/node_modules/${specifier}/dist/index.mjs`)
      throw Object.assign(error, { code: "ERR_MODULE_NOT_FOUND" })
    }
    const error = new Error(`Cannot find package '${specifier}' imported from here`)
    throw Object.assign(error, { code: "ERR_MODULE_NOT_FOUND" })
  }
})

const { AiSdk } = await import("@aria/adapter-ai-sdk")
const names = ["openai/a", "anthropic/b", "google/c", "openai-compatible/d"]
const errors = await Effect.runPromise(Effect.forEach(names, (name) => Effect.flip(AiSdk.provider(name))))
console.log(JSON.stringify(errors.map(({ _tag, message }) => ({ _tag, message }))))

interface NodeCrypto {
  readonly hash: (algorithm: string, data: string, encoding: "hex") => string
}
interface WithBuiltins {
  readonly process?: { readonly getBuiltinModule?: (name: string) => unknown }
}

let crypto: NodeCrypto | undefined

/**
 * SHA-256 of a text in UTF-8, in hex. Synchronous, which Web Crypto is not: a receipt must not wait for a turn of the
 * event loop that a test's clock knows nothing of. Node, Bun and Deno have it built in, without an import that would
 * break elsewhere.
 */
export const sha256 = (text: string): string => {
  if (crypto === undefined) {
    const found = (globalThis as WithBuiltins).process?.getBuiltinModule?.("node:crypto") as NodeCrypto | undefined
    if (found === undefined) throw new Error("Side effects need node:crypto: run them on Node 22.3, Bun 1.1 or Deno 2, or later")
    crypto = found
  }
  return crypto.hash("sha256", text, "hex")
}

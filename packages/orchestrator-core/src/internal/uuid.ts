interface WithCrypto {
  readonly crypto: { readonly randomUUID: () => string }
}
/** Web Crypto is in every runtime that effect supports; its types are only in those of a platform. */
export const randomUUID = (): string => (globalThis as unknown as WithCrypto).crypto.randomUUID()

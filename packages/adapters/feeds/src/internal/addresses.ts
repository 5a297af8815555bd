/** Where a redirect may lead: a feed must not make this process knock at the doors of its own network. */
import * as Effect from "effect/Effect"
import ipaddr from "ipaddr.js"
import { HostLookup } from "../HostLookup.ts"

/** Only ordinary public addresses: not loopback, private, link-local, multicast, or one that carries another inside. */
export const isPublic = (address: string): boolean =>
  ipaddr.isValid(address) && ipaddr.process(address).range() === "unicast"

export type Verdict =
  | { readonly _tag: "allowed" }
  | { readonly _tag: "refused"; readonly why: string }
  | { readonly _tag: "unknown"; readonly why: string }

const refused = (why: string): Verdict => ({ _tag: "refused", why })

/** `named`: the address that the user gave; its own host was the user's choice and stays allowed. */
export const mayRedirect = Effect.fnUntraced(function* (named: URL, to: URL, allowPrivate: boolean) {
  if (to.protocol !== "http:" && to.protocol !== "https:") return refused(`${to.protocol} addresses are not followed`)
  // the same place, or the same host where web servers are
  if (allowPrivate || to.host === named.host || (to.hostname === named.hostname && to.port === ""))
    return { _tag: "allowed" } satisfies Verdict
  const host = to.hostname.replace(/^\[|\]$/g, "").replace(/\.$/, "")
  if (ipaddr.isValid(host)) {
    return isPublic(host) ? ({ _tag: "allowed" } satisfies Verdict) : refused(`${host} is not a public address`)
  }
  const lookup = yield* HostLookup
  return yield* Effect.match(lookup(host), {
    onFailure: ({ message }): Verdict => ({ _tag: "unknown", why: `${host} has no address (${message})` }),
    onSuccess: (addresses): Verdict => {
      const hidden = addresses.find((address) => !isPublic(address))
      if (hidden !== undefined) return refused(`${host} is ${hidden}, which is not a public address`)
      return addresses.length === 0 ? { _tag: "unknown", why: `${host} has no address` } : { _tag: "allowed" }
    }
  })
})

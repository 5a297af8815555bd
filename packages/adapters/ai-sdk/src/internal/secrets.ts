/** Takes secrets out of texts that others wrote: messages of servers, of the network, and of the platform. */

export type Scrub = (text: string) => string

/** Shorter ones would take ordinary words apart. */
const shortest = 4

/** How keys look: a model that was made elsewhere was given its key there, so it is not known here. */
const shapes = [
  /\b(?:sk|pk|rk|gsk|xai|pplx|hf|r8|nvapi)[-_][\w-]{12,}/g,
  /\bAIza[\w-]{20,}/g,
  /(?<=\bBearer\s+)[\w.~+/=-]{8,}/gi
]

/** The same secret in plain text, in JSON, and in an address. */
const spellings = (secret: string): ReadonlyArray<string> => [
  secret,
  JSON.stringify(secret).slice(1, -1),
  secret.isWellFormed() ? encodeURIComponent(secret) : secret
]

export const scrubber = (secrets: ReadonlyArray<string>): Scrub => {
  // a key with a line break at its end is refused by the platform, which quotes it as it is
  const known = [...new Set(secrets.flatMap((secret) => [secret, secret.trim()]).flatMap(spellings))]
    .filter((secret) => secret.length >= shortest)
    .sort((a, b) => b.length - a.length)
  return (text) => {
    const rest = known.reduce((rest, secret) => rest.replaceAll(secret, "<redacted>"), text)
    return shapes.reduce((rest, shape) => rest.replace(shape, "<redacted>"), rest)
  }
}

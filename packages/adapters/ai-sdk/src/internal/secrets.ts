/** Takes secrets out of texts that others wrote: messages of servers, of the network, and of the platform. */

export type Scrub = (text: string) => string

/** Shorter ones would take ordinary words apart. */
const shortest = 4

export const scrubber = (secrets: ReadonlyArray<string>): Scrub => {
  // a key with a line break at its end is refused by the platform, which quotes it as it is
  const known = [...new Set(secrets.flatMap((secret) => [secret, secret.trim()]))]
    .filter((secret) => secret.length >= shortest)
    .sort((a, b) => b.length - a.length)
  return (text) => known.reduce((rest, secret) => rest.replaceAll(secret, "<redacted>"), text)
}

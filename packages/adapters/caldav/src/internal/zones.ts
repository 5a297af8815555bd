/** The zones that documents name → zones of the IANA database. */
import { childrenOf, type Component, lineOf, linesOf } from "./component.ts"
import { windowsZone } from "./windowsZones.ts"
import { zoneNamed } from "./wallClock.ts"

const known = (name: string): string | undefined => (zoneNamed(name) === undefined ? undefined : name)

/** "/freeassociation.sourceforge.net/Europe/Berlin", and the like: the name is at the end. */
const atTheEnd = (tzid: string): string | undefined => {
  const parts = tzid.split("/")
  return [3, 2]
    .filter((count) => parts.length > count)
    .map((count) => known(parts.slice(-count).join("/")))
    .find((zone) => zone !== undefined)
}

/** A zone that never changes its clocks, and is whole hours from UTC, has a name of its own. */
const fixed = (vtimezone: Component): string | undefined => {
  const offsets = new Set(
    vtimezone.items.flatMap((item) => ("items" in item ? linesOf(item, "TZOFFSETTO").map(({ value }) => value) : []))
  )
  const found = /^([+-])(\d\d)00(?:00)?$/.exec([...offsets].join())
  if (found === null) return undefined
  const hours = Number(found[2])
  return hours === 0 ? "UTC" : known(`Etc/GMT${found[1] === "+" ? "-" : "+"}${hours}`)
}

/** The zone that a TZID of this document means, or undefined where nobody knows. */
export const resolveZone = (tzid: string, document: Component): string | undefined => {
  const direct = known(tzid) ?? windowsZone(tzid) ?? atTheEnd(tzid)
  if (direct !== undefined) return /^(etc\/)?(utc|zulu)$/i.test(direct) ? "UTC" : direct
  const definition = childrenOf(document, "VTIMEZONE").find((zone) => lineOf(zone, "TZID")?.value === tzid)
  if (definition === undefined) return undefined
  return known(lineOf(definition, "X-LIC-LOCATION")?.value ?? "") ?? fixed(definition)
}

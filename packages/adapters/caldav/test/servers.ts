/**
 * The real servers that tests run on: those that the environment names (ARIA_CALDAV_RADICALE ...), or else those that this machine
 * has installed, started for one test file. `scripts/services.ts` says how to get them.
 */
import { CalDav } from "@aria/adapter-caldav"
import { NodeHttpClient } from "@effect/platform-node"
import { afterAll, vi } from "@effect/vitest"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { execFileSync } from "node:child_process"
import { existsSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { delimiter, join, resolve } from "node:path"

// real servers on a machine that has other things to do
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 })

export interface Account {
  readonly server: "Radicale" | "Xandikos"
  /** Without credentials. */
  readonly url: string
  readonly username: string
  readonly password: string
  /** Where the user's calendars are. */
  readonly home: string
}

const script = resolve(import.meta.dirname, "../../../../scripts/services.ts")
const names = ["ARIA_CALDAV_RADICALE", "ARIA_CALDAV_RADICALE_OTHER", "ARIA_CALDAV_XANDIKOS"] as const

type Addresses = Readonly<Partial<Record<(typeof names)[number], string | undefined>>>

const isInstalled = (program: string) =>
  (process.env["PATH"] ?? "").split(delimiter).some((folder) => existsSync(join(folder, program)))

const startOwn = (): Addresses => {
  const dir = mkdtempSync(join(tmpdir(), "aria-caldav-"))
  const services = (command: string) =>
    execFileSync(process.execPath, [script, command, dir], { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] })
  afterAll(() => {
    services("stop")
    rmSync(dir, { recursive: true, force: true })
  })
  const lines = services("start").trim().split("\n")
  return Object.fromEntries(lines.map((line) => line.split(/=(.*)/s).slice(0, 2)))
}

const given: Addresses = Object.fromEntries(names.map((name) => [name, process.env[name]]))
const isGiven = names.some((name) => given[name] !== undefined)
const canStart = isInstalled("radicale") && isInstalled("xandikos")
const addresses = isGiven ? given : canStart ? startOwn() : {}

const account = (server: Account["server"], address: string | undefined, home: (user: string) => string) => {
  if (address === undefined) return undefined
  const url = new URL(address)
  const username = decodeURIComponent(url.username) || "user"
  const password = decodeURIComponent(url.password)
  url.username = url.password = ""
  return { server, url: url.href, username, password, home: new URL(home(username), url).href } satisfies Account
}

export const radicale = account("Radicale", addresses.ARIA_CALDAV_RADICALE, (user) => `/${user}/`)
export const radicaleOther = account("Radicale", addresses.ARIA_CALDAV_RADICALE_OTHER, (user) => `/${user}/`)
export const xandikos = account("Xandikos", addresses.ARIA_CALDAV_XANDIKOS, () => "/user/calendars/")

/** Those that there are, one account each. */
export const accounts = [radicale, xandikos].filter((one) => one !== undefined)

const all = ["Radicale", "Xandikos"] as const
export const met = accounts.map(({ server }) => server)
/** What should be met here: all that the environment names, or else both where both are installed. */
export const expected = all.filter((name) =>
  isGiven ? given[`ARIA_CALDAV_${name.toUpperCase()}` as keyof Addresses] !== undefined : canStart
)

const missing = all.filter((name) => !met.includes(name))
console.log(
  `CalDAV servers met: ${accounts.map(({ server, url }) => `${server} (${url})`).join(", ") || "none"}` +
    (missing.length === 0 ? "" : `; not met: ${missing.join(", ")} (node scripts/services.ts install)`)
)

const headersOf = ({ password, username }: Account) => ({
  authorization: `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`
})

/** A request that does not go through what is tested. */
export const ask = async (account: Account, method: string, url: string, body?: string, type = "text/calendar") => {
  const response = await fetch(url, {
    method,
    headers: { ...headersOf(account), ...(body === undefined ? {} : { "content-type": `${type}; charset=utf-8` }) },
    ...(body === undefined ? {} : { body })
  })
  return { status: response.status, text: await response.text(), etag: response.headers.get("etag") }
}

let made = 0

/** A calendar of its own: its address. */
export const newCalendar = async (account: Account, name = "Test"): Promise<string> => {
  const url = `${account.home}test-${process.pid}-${Date.now()}-${made++}/`
  const body = `<C:mkcalendar xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:set><D:prop><D:displayname>${name}</D:displayname></D:prop></D:set></C:mkcalendar>`
  const { status, text } = await ask(account, "MKCALENDAR", url, body, "application/xml")
  if (status !== 201) throw new Error(`MKCALENDAR ${url}: ${status} ${text}`)
  return url
}

export const layerOf = (account: Account, options: Partial<CalDav.Options> = {}) =>
  CalDav.layer({
    url: account.url,
    username: account.username,
    password: Redacted.make(account.password),
    ...options
  }).pipe(Layer.provide(NodeHttpClient.layerUndici))

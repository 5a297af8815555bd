/** The demo as a user starts it: a process with arguments, output and an exit code. */
import { spawn } from "node:child_process"
import { createServer, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { mkdtempSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

export const main = fileURLToPath(new URL("../src/main.ts", import.meta.url))
export const shipped = (name: string): string => fileURLToPath(new URL(`../${name}`, import.meta.url))

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** Without the keys of whoever runs the tests. */
const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/_API_KEY$|_BASE_URL$/.test(name)))

/** Starts a command; what it printed and how it ended come when it has ended. */
export const startCommand = (command: string, args: ReadonlyArray<string>, cwd?: string, env: Readonly<Record<string, string>> = {}) => {
  // Each in a folder of its own, but where a test says otherwise: what one writes, another must not find.
  const place = cwd ?? mkdtempSync(join(tmpdir(), "aria-demo-run-"))
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], env: { ...own, NO_COLOR: "1", ...env }, cwd: place })
  const text = { stdout: "", stderr: "" }
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (text.stdout += chunk))
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (text.stderr += chunk))
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on("error", reject)
    child.on("close", (code, signal) => resolve({ code, signal, ...text }))
  })
  return { child, ended, text }
}

export const startNode = (args: ReadonlyArray<string>, cwd?: string) => startCommand(process.execPath, args, cwd)

export const start = (...args: ReadonlyArray<string>) => startNode([main, ...args])

/** Starts it with more variables in its environment. */
export const startWith = (env: Readonly<Record<string, string>>, ...args: ReadonlyArray<string>) =>
  startCommand(process.execPath, [main, ...args], undefined, env)

export const run = (...args: ReadonlyArray<string>): Promise<Ended> => start(...args).ended

const folder = mkdtempSync(join(tmpdir(), "aria-demo-"))

/** A file with this text. */
export const file = (name: string, text: string): string => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

/** A server on loopback; `asked` ends with its first request. */
export const serve = async (answer: (response: ServerResponse, path: string) => void) => {
  const { promise: asked, resolve } = Promise.withResolvers<void>()
  const server = createServer((request, response) => {
    resolve()
    answer(response, request.url ?? "/")
  })
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening))
  const address = server.address()
  const isInfo = (value: typeof address): value is AddressInfo => typeof value === "object" && value !== null
  if (!isInfo(address)) throw new Error("The server has no port")
  return {
    url: `http://127.0.0.1:${address.port}`,
    asked,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
    }
  }
}

export const rss = (title: string): string =>
  `<?xml version="1.0"?><rss version="2.0"><channel><title>Wire</title><link>https://example.com</link><description>Wire</description>
<item><title>${title}</title><link>https://example.com/1</link><guid isPermaLink="false">1</guid>
<pubDate>Mon, 02 Nov 2026 12:00:00 GMT</pubDate><description>${title}, the company said on Monday.</description></item></channel></rss>`

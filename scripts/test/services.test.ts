import { execFile, spawnSync } from "node:child_process"
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { expect, onTestFinished, test } from "vitest"
import { find, isAlive } from "../services.ts"

const script = resolve(import.meta.dirname, "../services.ts")
const installed = find("radicale") !== undefined && find("xandikos") !== undefined

const place = () => {
  const dir = mkdtempSync(join(tmpdir(), "aria-services-"))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

const run = (args: ReadonlyArray<string>, env: NodeJS.ProcessEnv = process.env) =>
  new Promise<{ readonly code: unknown; readonly stdout: string; readonly stderr: string }>((done) => {
    execFile(process.execPath, [script, ...args], { env }, (error, stdout, stderr) =>
      done({ code: error === null ? 0 : error.code, stdout, stderr })
    )
  })

const pids = (dir: string) => globSync(join(dir, "*/pid")).map((file) => Number(readFileSync(file, "utf8")))

test("a program is found on PATH only where it may be run", () => {
  const dir = place()
  writeFileSync(join(dir, "radicale"), "", { mode: 0o600 })
  expect(find("radicale", dir)).toBeUndefined()
  writeFileSync(join(dir, "xandikos"), "", { mode: 0o700 })
  expect(find("xandikos", `/nowhere:${dir}`)).toBe(join(dir, "xandikos"))
})

test("a process that ended is not alive", () => {
  expect(isAlive(process.pid)).toBe(true)
  expect(isAlive(spawnSync(process.execPath, ["-e", ""]).pid)).toBe(false)
})

test("without the programs it says what is missing and what to do, and starts nothing", async () => {
  const dir = place()
  const { code, stderr, stdout } = await run(["start", dir], { PATH: dir })
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" })
  expect(stderr).toBe("radicale and xandikos not found. Run: node scripts/services.ts install\n")
  expect(pids(dir)).toEqual([])
})

test("an installation without apt-get says so", async () => {
  const { code, stderr } = await run(["install"], { PATH: place() })
  expect(code).toBe(1)
  expect(stderr).toMatch(/^There is no apt-get on this machine\. Install radicale and xandikos yourself/)
})

test("other commands get the usage", async () => {
  for (const args of [[], ["start"], ["stop"], ["install", "x"], ["start", "a", "b"]]) {
    expect(await run(args)).toEqual({ code: 1, stdout: "", stderr: expect.stringMatching(/^usage: /) })
  }
})

test("a server that ends at once is reported with what it said, and nothing stays", async () => {
  const dir = place()
  const programs = join(dir, "bin")
  mkdirSync(programs)
  for (const name of ["radicale", "xandikos"]) {
    writeFileSync(join(programs, name), "#!/bin/sh\necho no room\nexit 7\n", { mode: 0o700 })
  }
  const { code, stderr } = await run(["start", join(dir, "run")], { PATH: programs })
  expect(code).toBe(1)
  expect(stderr).toBe("radicale did not start: it ended with 7. It said:\nno room\n")
  expect(pids(join(dir, "run"))).toEqual([])
})

test("stop leaves a process alone that is not of that folder", async () => {
  const dir = place()
  mkdirSync(join(dir, "radicale"))
  writeFileSync(join(dir, "radicale/pid"), `${process.pid}\n`)
  expect(await run(["stop", dir])).toMatchObject({ code: 0 })
  expect(existsSync(join(dir, "radicale/pid"))).toBe(false)
})

test.skipIf(!installed)("starts both, prints where they are, and stops them", { timeout: 60_000 }, async () => {
  const dir = place()
  const started = await run(["start", dir])
  onTestFinished(() => run(["stop", dir]).then(() => {}))
  expect(started).toMatchObject({ code: 0, stderr: "" })
  const urls = Object.fromEntries(
    started.stdout
      .trim()
      .split("\n")
      .map((line) => line.split(/=(.*)/s).slice(0, 2))
  )
  expect(Object.keys(urls)).toEqual(["ARIA_CALDAV_RADICALE", "ARIA_CALDAV_RADICALE_OTHER", "ARIA_CALDAV_XANDIKOS"])

  const own = async (from: string | undefined, change: (url: URL) => void = () => {}) => {
    const url = new URL(from ?? "")
    const authorization = `Basic ${btoa(`${url.username}:${url.password}`)}`
    if (url.username !== "") url.pathname = `/${url.username}/`
    url.username = url.password = ""
    change(url)
    const response = await fetch(url, { method: "PROPFIND", headers: { depth: "0", authorization } })
    await response.arrayBuffer()
    return response.status
  }
  expect(await own(urls["ARIA_CALDAV_RADICALE"])).toBe(207)
  expect(await own(urls["ARIA_CALDAV_RADICALE_OTHER"])).toBe(207)
  expect(await own(urls["ARIA_CALDAV_RADICALE_OTHER"], (url) => (url.pathname = "/aria/"))).toBe(403)
  expect(await own(urls["ARIA_CALDAV_RADICALE"]?.replace("secret", "wrong"))).toBe(401)
  expect(await own(urls["ARIA_CALDAV_XANDIKOS"])).toBe(207)

  const again = await run(["start", dir])
  expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining("were started in") })

  const running = pids(dir)
  expect(running.map(isAlive)).toEqual([true, true])
  expect(await run(["stop", dir])).toEqual({ code: 0, stdout: "", stderr: "" })
  expect(running.map(isAlive)).toEqual([false, false])
  expect(await run(["stop", dir])).toEqual({ code: 0, stdout: "", stderr: "" })
})

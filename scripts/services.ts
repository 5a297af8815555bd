/**
 * Real CalDAV servers on this machine for tests: Radicale and Xandikos, from Debian's packages.
 *
 *     node scripts/services.ts install      installs what is missing (as root, with apt-get)
 *     node scripts/services.ts start DIR    starts both on free ports of 127.0.0.1, waits for their answers, prints NAME=value lines
 *     node scripts/services.ts stop DIR     stops what was started in DIR; nothing of it stays alive
 *
 * The lines on standard output are for the environment of the tests; everything else goes to standard error. What the
 * servers store and say is in DIR. The passwords are fixed: the servers listen on the loopback interface only.
 */
import { spawn, spawnSync } from "node:child_process"
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  globSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync
} from "node:fs"
import { createServer } from "node:net"
import { delimiter, join, resolve } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"

/** How long a server may take to answer for the first time, and to end after it was asked to. */
const patience = { start: 30_000, stop: 5_000 }

interface Server {
  /** Of the program, its Debian package and its files in DIR. */
  readonly name: string
  /** The command that serves `port` and keeps everything in `folder`; writes the files it needs. */
  readonly command: (folder: string, port: number) => ReadonlyArray<string>
  /** The variables for tests, `NAME` to value. */
  readonly variables: (port: number) => Readonly<Record<string, string>>
}

/** Two users, so that tests can see what one may not do with the other's calendars. */
const users = { aria: "secret", bob: "secret2" }

const radicale: Server = {
  name: "radicale",
  command: (folder) => ["--config", join(folder, "config")],
  variables: (port) => ({
    ARIA_CALDAV_RADICALE: `http://aria:${users.aria}@127.0.0.1:${port}/`,
    ARIA_CALDAV_RADICALE_OTHER: `http://bob:${users.bob}@127.0.0.1:${port}/`
  })
}

const xandikos: Server = {
  name: "xandikos",
  command: (folder, port) =>
    ["--defaults", "-d", join(folder, "data")].concat(
      ["-l", "127.0.0.1", "-p", String(port)],
      "--current-user-principal=/user/"
    ),
  // Xandikos has no users of its own: it leaves them to a web server before it
  variables: (port) => ({ ARIA_CALDAV_XANDIKOS: `http://127.0.0.1:${port}/` })
}

const servers: ReadonlyArray<Server> = [radicale, xandikos]

const radicaleConfig = (folder: string, port: number) => `[server]
hosts = 127.0.0.1:${port}
[auth]
type = htpasswd
htpasswd_filename = ${join(folder, "users")}
htpasswd_encryption = plain
delay = 0
[rights]
type = owner_only
[storage]
filesystem_folder = ${join(folder, "data")}
[logging]
level = warning
`

/** The path of a program, or undefined where PATH has none. */
export const find = (program: string, path = process.env["PATH"] ?? ""): string | undefined =>
  path
    .split(delimiter)
    .map((folder) => join(folder, program))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK)
        return true
      } catch {
        return false
      }
    })

class Refusal extends Error {}

const missing = () => servers.map(({ name }) => name).filter((name) => find(name) === undefined)

const install = () => {
  const wanted = missing()
  if (wanted.length === 0) return console.error("Radicale and Xandikos are installed.")
  const byHand = `Install ${wanted.join(" and ")} yourself (pip has both), or run the tests without: they say what they left out.`
  if (find("apt-get") === undefined) throw new Refusal(`There is no apt-get on this machine. ${byHand}`)
  if (process.getuid?.() !== 0) {
    throw new Refusal(
      `Only root may install packages. Run: sudo apt-get install --no-install-recommends ${wanted.join(" ")}`
    )
  }
  const apt = (...args: ReadonlyArray<string>) => {
    const { status } = spawnSync("apt-get", ["-q", "-o", "DPkg::Lock::Timeout=120", ...args], {
      stdio: ["ignore", 2, 2],
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" }
    })
    return status === 0
  }
  // the lists of a fresh container are empty
  if (!apt("update")) console.error("apt-get update failed: going on with the lists that are there.")
  if (!apt("install", "--yes", "--no-install-recommends", ...wanted) || missing().length > 0) {
    throw new Refusal(`apt-get could not install ${wanted.join(" and ")}: see its messages above. ${byHand}`)
  }
}

const freePort = () =>
  new Promise<number>((done, fail) => {
    const probe = createServer()
      .once("error", fail)
      .listen(0, "127.0.0.1", () => {
        const address = probe.address()
        probe.close(() => (typeof address === "object" && address !== null ? done(address.port) : fail(address)))
      })
  })

const answers = async (port: number) => {
  try {
    const { status } = await fetch(`http://127.0.0.1:${port}/`, {
      method: "OPTIONS",
      signal: AbortSignal.timeout(2_000)
    })
    return status > 0
  } catch {
    return false
  }
}

/** Whether a process runs. One that ended and was not yet collected by its parent does not. */
export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "utf8"))
  } catch {
    // no /proc here, or it ended between the two questions
    return !existsSync("/proc/self")
  }
}

/** The number of a process may have gone to somebody else's since: ours names its folder. */
const isOurs = (pid: number, folder: string): boolean => {
  const file = `/proc/${pid}/cmdline`
  return existsSync("/proc/self") ? existsSync(file) && readFileSync(file, "utf8").includes(folder) : true
}

const startOne = async (server: Server, dir: string) => {
  const folder = join(dir, server.name)
  mkdirSync(join(folder, "data"), { recursive: true, mode: 0o700 })
  const port = await freePort()
  if (server === radicale) {
    const lines = Object.entries(users).map(([user, password]) => `${user}:${password}\n`)
    writeFileSync(join(folder, "users"), lines.join(""), { mode: 0o600 })
    writeFileSync(join(folder, "config"), radicaleConfig(folder, port))
  }
  const log = join(folder, "log")
  const output = openSync(log, "w", 0o600)
  // `detached` makes it the leader of a group, so that its own children end with it
  const child = spawn(find(server.name) ?? server.name, server.command(folder, port), {
    detached: true,
    stdio: ["ignore", output, output]
  })
  closeSync(output)
  let failure: Error | undefined
  child.once("error", (error) => (failure = error))
  child.once("exit", (code, signal) => (failure ??= new Error(`it ended with ${code ?? signal}`)))
  child.unref()
  if (child.pid !== undefined) writeFileSync(join(folder, "pid"), `${child.pid}\n`)
  const end = Date.now() + patience.start
  while (!(await answers(port))) {
    if (failure === undefined && Date.now() < end) await sleep(50)
    else {
      const said = readFileSync(log, "utf8").trimEnd().split("\n").slice(-20).join("\n")
      const why = failure?.message ?? `no answer on port ${port} within ${patience.start / 1000} s`
      throw new Refusal(`${server.name} did not start: ${why}. It said:\n${said}`)
    }
  }
  return server.variables(port)
}

const stop = async (dir: string) => {
  const stopOne = async (file: string) => {
    const folder = resolve(file, "..")
    const pid = Number(readFileSync(file, "utf8"))
    if (!Number.isInteger(pid) || pid < 2) throw new Refusal(`${file} does not hold the number of a process.`)
    if (isAlive(pid) && isOurs(pid, folder)) {
      process.kill(-pid, "SIGTERM")
      for (let end = Date.now() + patience.stop; isAlive(pid) && Date.now() < end;) await sleep(20)
      if (isAlive(pid)) process.kill(-pid, "SIGKILL")
      for (let end = Date.now() + patience.stop; isAlive(pid) && Date.now() < end;) await sleep(20)
      if (isAlive(pid)) throw new Refusal(`${folder}: process ${pid} is still alive after SIGKILL.`)
    }
    rmSync(file)
  }
  const ends = await Promise.allSettled(globSync(join(dir, "*/pid")).map(stopOne))
  for (const end of ends) if (end.status === "rejected") throw end.reason
}

const start = async (dir: string) => {
  const lacking = missing()
  if (lacking.length > 0) {
    throw new Refusal(`${lacking.join(" and ")} not found. Run: node scripts/services.ts install`)
  }
  if (globSync(join(dir, "*/pid")).length > 0) {
    throw new Refusal(`Servers were started in ${dir} before. Run: node scripts/services.ts stop ${dir}`)
  }
  try {
    // one after the other: a port that is free for one of them is not asked for by the other
    for (const server of servers) {
      for (const [name, value] of Object.entries(await startOne(server, dir))) console.log(`${name}=${value}`)
    }
  } catch (error) {
    await stop(dir)
    throw error
  }
}

const usage = "usage: node scripts/services.ts install | start DIR | stop DIR"

if (import.meta.main) {
  const [command, dir, ...rest] = process.argv.slice(2)
  try {
    if (command === "install" && dir === undefined) install()
    else if (command === "start" && dir !== undefined && rest.length === 0) await start(resolve(dir))
    else if (command === "stop" && dir !== undefined && rest.length === 0) await stop(resolve(dir))
    else throw new Refusal(usage)
  } catch (error) {
    console.error(error instanceof Refusal ? error.message : error)
    process.exitCode = 1
  }
}

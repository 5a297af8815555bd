import { readFileSync, readlinkSync } from "node:fs"
import { hostname } from "node:os"

/**
 * Where process ids mean the same: one boot of one machine, and one namespace of process ids. Nothing where that is not known; then only
 * a lease tells that a worker has died.
 */
export const host: string | undefined = (() => {
  try {
    return `${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()} ${readlinkSync("/proc/self/ns/pid")}`
  } catch {
    return undefined
  }
})()

export const nameHere = `${hostname()} ${process.pid}`

/** A process of another user is alive as well. */
export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return !(error instanceof Error && "code" in error && error.code === "ESRCH")
  }
}

import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import { join } from "node:path"
import type { Answer, Method } from "./process.ts"

export interface Result {
  readonly millis: number
  readonly value: unknown
}

/** A contestant in a process of its own. One call at a time. */
export class Child {
  readonly process: ChildProcess
  readonly file: string
  #name: { readonly name: string; readonly version: string } | undefined

  private constructor(file: string) {
    this.file = file
    this.process = fork(join(import.meta.dirname, "process.ts"), [file], {
      execArgv: ["--disable-warning=DeprecationWarning"]
    })
  }

  static async start(file: string): Promise<Child> {
    const child = new Child(file)
    child.#name = (await child.#answer()).value as { readonly name: string; readonly version: string }
    return child
  }

  get name(): string {
    return `${this.#name?.name} ${this.#name?.version}`
  }

  async #answer(): Promise<Result> {
    const ended = new AbortController()
    const gone = once(this.process, "exit", { signal: ended.signal }).then(([code, signal]) => {
      throw new Error(`${this.file} ended with ${code ?? signal}`)
    })
    try {
      const [answer] = (await Promise.race([once(this.process, "message", { signal: ended.signal }), gone])) as [Answer]
      if ("failed" in answer) throw new Error(`${this.file}: ${answer.failed}`)
      return answer
    } finally {
      gone.catch(() => {})
      ended.abort()
    }
  }

  call(method: Method, ...args: ReadonlyArray<unknown>): Promise<Result> {
    this.process.send({ method, args })
    return this.#answer()
  }

  async end(signal: "SIGKILL" | "SIGTERM" = "SIGTERM"): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return
    const exit = once(this.process, "exit")
    this.process.kill(signal)
    await exit
  }
}

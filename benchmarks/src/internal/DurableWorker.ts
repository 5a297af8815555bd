import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import { probePath } from "../probe.ts"
import type { Kept } from "./durableStore.ts"

/** What a worker is told to do. */
export type Told =
  | { readonly do: "stay"; readonly millis: number | "forever" }
  | { readonly do: "submit"; readonly plan: string; readonly input: { readonly [key: string]: number }; readonly ids: ReadonlyArray<string> }
  | { readonly do: "look as if elsewhere" }
  /** For the end of runs; gives the number of handlers that have run in it. */
  | { readonly do: "wait"; readonly ids: ReadonlyArray<string> }
  | { readonly do: "idle"; readonly millis: number }

/** What a worker says, and when: milliseconds since 1970, by the clock that all processes share. */
export type Said = { readonly at: number } & (
  | { readonly what: "begun"; readonly run: string; readonly task: string }
  | { readonly what: "claimed" }
  | { readonly what: "stored an end" }
  | { readonly what: "done"; readonly value: unknown }
  | { readonly what: "failed"; readonly error: string }
)

/** How long a benchmark waits for what must happen. */
const patienceMillis = 60_000

/** A worker in a process of its own. One call at a time. */
export class DurableWorker implements AsyncDisposable {
  readonly said: Array<Said> = []
  readonly startedAt = performance.timeOrigin + performance.now()
  readonly #process: ChildProcess
  #heard: () => void = () => {}

  private constructor(store: Kept) {
    this.#process = fork(probePath("durableWorker.ts"), [JSON.stringify(store)], { stdio: ["ignore", "ignore", "inherit", "ipc"] })
    this.#process.on("message", (said: Said) => {
      this.said.push(said)
      this.#heard()
    })
    this.#process.on("exit", () => this.#heard())
  }

  static async start(store: Kept): Promise<DurableWorker> {
    const worker = new DurableWorker(store)
    await worker.#answer(0)
    return worker
  }

  /** What it has said, once it is enough. */
  async until<A>(enough: (said: ReadonlyArray<Said>) => A | undefined): Promise<A> {
    const last = performance.now() + patienceMillis
    for (;;) {
      const found = enough(this.said)
      if (found !== undefined) return found
      if (this.#isGone) throw new Error(`a worker ended with ${this.#process.exitCode ?? this.#process.signalCode}`)
      const left = last - performance.now()
      if (left <= 0) throw new Error(`a worker did not get there in ${patienceMillis / 1_000} s, it said ${JSON.stringify(this.said.slice(-3))}`)
      let timer: ReturnType<typeof setTimeout> | undefined
      await new Promise<void>((heard) => {
        this.#heard = heard
        timer = setTimeout(heard, left)
      })
      clearTimeout(timer)
    }
  }

  #answer(from: number): Promise<unknown> {
    return this.until((said) => {
      const answer = said.slice(from).find(({ what }) => what === "done" || what === "failed")
      if (answer?.what === "failed") throw new Error(`a worker failed: ${answer.error}`)
      return answer?.what === "done" ? { value: answer.value } : undefined
    }).then(({ value }) => value)
  }

  call(told: Told): Promise<unknown> {
    const from = this.said.length
    this.#process.send(told)
    return this.#answer(from)
  }

  get #isGone(): boolean {
    return this.#process.exitCode !== null || this.#process.signalCode !== null
  }

  /** When the signal was sent; the process is gone after `ended`. */
  signal(signal: "SIGKILL" | "SIGTERM"): number {
    const at = performance.timeOrigin + performance.now()
    this.#process.kill(signal)
    return at
  }

  async ended(): Promise<void> {
    if (!this.#isGone) await once(this.#process, "exit")
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.signal("SIGKILL")
    await this.ended()
  }
}

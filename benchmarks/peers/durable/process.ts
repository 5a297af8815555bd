/** One contestant in a process of its own; does what it is told by messages: `fork("process.ts", ["dbos"])`. */
import type { Contestant } from "./Contestant.ts"

export type Method = "start" | "run" | "begin" | "ended" | "stop"
export interface Call {
  readonly method: Method
  readonly args: ReadonlyArray<unknown>
}
/** How long the call took here, in milliseconds, and what it gave. */
export type Answer = { readonly millis: number; readonly value: unknown } | { readonly failed: string }

if (import.meta.main) {
  const { contestant }: { readonly contestant: Contestant } = await import(`./contestants/${process.argv[2]}.ts`)
  process.on("message", async ({ args, method }: Call) => {
    const started = performance.now()
    try {
      const value = await (contestant[method] as (...args: ReadonlyArray<unknown>) => Promise<unknown>)(...args)
      process.send?.({ millis: performance.now() - started, value } satisfies Answer)
    } catch (error) {
      process.send?.({
        failed: error instanceof Error ? (error.stack ?? error.message) : String(error)
      } satisfies Answer)
    }
  })
  process.on("disconnect", () => process.exit())
  process.send?.({ millis: 0, value: { name: contestant.name, version: contestant.version } } satisfies Answer)
}

/** An outside world: a server that does what it is told, and remembers how often. */
import * as SideEffect from "@aria/orchestrator-core/SideEffect"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { once } from "node:events"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"

export interface Arrival {
  /** Of the receipt. */
  readonly id: string
  /** The run and the key of the action. */
  readonly key: string
}

const Action = Schema.Struct({ run: Schema.String, before: Schema.Natural, after: Schema.Natural })

/** The world of a test; `arrivals` is what was done, in order. */
export const open = Effect.acquireRelease(
  Effect.promise(async () => {
    const arrivals: Array<Arrival> = []
    const server = createServer(async (request, response) => {
      const url = new URL(request.url ?? "/", "http://world")
      const id = url.searchParams.get("id") ?? ""
      const millis = (name: string) => new Promise((done) => setTimeout(done, Number(url.searchParams.get(name) ?? 0)))
      if (request.method === "POST") {
        await millis("before")
        arrivals.push({ id, key: url.searchParams.get("key") ?? "" })
        await millis("after")
      }
      response.end(JSON.stringify(arrivals.some((arrival) => arrival.id === id)))
    }).listen(0, "127.0.0.1")
    await once(server, "listening")
    return { arrivals, server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` }
  }),
  ({ server }) =>
    Effect.sync(() => {
      server.closeAllConnections()
      server.close()
    })
)

const ask = (url: string, method: "GET" | "POST", about: Record<string, string | number>) =>
  Effect.promise(async (signal) => {
    const query = new URLSearchParams(Object.entries(about).map(([name, value]): [string, string] => [name, String(value)]))
    const response = await fetch(`${url}?${query}`, { method, signal })
    return (await response.json()) as boolean
  })

/** How long a request may still be under way whose process was killed, as the machine is busy. */
const settleAfter = 1_500

/** An action that can be looked up, and one that cannot. */
export const actions = (url: string) => {
  const call = (input: typeof Action.Type, { key, receiptId }: SideEffect.Call) =>
    Effect.as(ask(url, "POST", { id: receiptId, key: `${input.run} ${key}`, before: input.before, after: input.after }), receiptId)
  const options = { input: Action, success: Schema.String, call }
  return {
    clear: SideEffect.make("world.clear", {
      ...options,
      settleAfter,
      verify: (_, { receiptId }) => Effect.map(ask(url, "GET", { id: receiptId }), (isDone) => (isDone ? SideEffect.done(receiptId) : SideEffect.notDone))
    }),
    blind: SideEffect.make("world.blind", options)
  }
}

import * as Effect from "effect/Effect"
import { once } from "node:events"
import { type AddressInfo, connect, createServer, type Socket } from "node:net"

export interface Forwarder {
  /** That of a database, by way of it. */
  readonly url: string
  /** Nothing goes through the connections that there are, in either direction, and nobody hears of it; new ones work. */
  readonly freeze: Effect.Effect<number>
  /** Ends all connections, and both sides hear of it. */
  readonly cut: Effect.Effect<void>
}

/** A network between a test and its database, as a firewall makes it that has forgotten its connections. */
export const forwarder = (url: string) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.promise(async () => {
        const { hostname, port } = new URL(url)
        const open = new Set<Socket>()
        const server = createServer((near) => {
          const far = connect(Number(port), hostname)
          near.pipe(far)
          far.pipe(near)
          for (const socket of [near, far]) {
            open.add(socket)
            socket.on("error", () => {}).on("close", () => {
              open.delete(socket)
              // Who does not hear anything does not hear of the end, either.
              if (!near.isPaused()) far.destroy()
              if (!far.isPaused()) near.destroy()
            })
          }
        }).listen(0, "127.0.0.1")
        await once(server, "listening")
        return { open, server }
      }),
      ({ open, server }) =>
        Effect.sync(() => {
          server.close()
          for (const socket of open) socket.destroy()
        })
    ),
    ({ open, server }): Forwarder => {
      const through = new URL(url)
      through.port = String((server.address() as AddressInfo).port)
      return {
        url: through.href,
        freeze: Effect.sync(() => {
          for (const socket of open) {
            socket.unpipe()
            socket.pause()
          }
          return open.size / 2
        }),
        cut: Effect.sync(() => {
          for (const socket of open) socket.destroy()
        })
      }
    }
  )

import * as Effect from "effect/Effect"
import { createServer, type RequestListener } from "node:http"
import type { AddressInfo } from "node:net"

export interface TestServer {
  readonly url: string
  readonly port: number
  readonly requests: ReadonlyArray<string>
  /** Answers that are neither complete nor cut off. `fetch` also keeps connections without a request: they do not count. */
  readonly open: () => number
}

/** A real server on the loopback address, for as long as the scope lives. */
export const serve = (listener: RequestListener) =>
  Effect.acquireRelease(
    Effect.callback<TestServer & { readonly close: () => void }>((resume) => {
      const requests: Array<string> = []
      let open = 0
      const server = createServer((request, response) => {
        requests.push(request.url ?? "")
        response.on("error", () => {})
        open++
        response.on("close", () => open--)
        listener(request, response)
      })
      server.listen(0, "127.0.0.1", () => {
        const { port } = server.address() as AddressInfo
        resume(
          Effect.succeed({
            url: `http://127.0.0.1:${port}`,
            port,
            requests,
            open: () => open,
            close: () => {
              server.closeAllConnections()
              server.close()
            }
          })
        )
      })
    }),
    ({ close }) => Effect.sync(close)
  )

/** Passes as soon as no answer is open; fails after two seconds. */
export const closed = (server: TestServer) =>
  Effect.gen(function* () {
    for (let waited = 0; server.open() > 0 && waited < 2_000; waited += 20) yield* Effect.sleep(20)
    if (server.open() > 0) return yield* Effect.die(new Error(`${server.open()} answers are still open`))
  })

export const xml = { "content-type": "application/rss+xml" }

export const rss = (...titles: ReadonlyArray<string>) =>
  `<?xml version="1.0"?><rss version="2.0"><channel><title>Wire</title>${titles
    .map((title) => `<item><title>${title}</title><link>/${encodeURIComponent(title)}</link></item>`)
    .join("")}</channel></rss>`

import * as Effect from "effect/Effect"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"

export interface Received {
  readonly url: string
  readonly headers: IncomingMessage["headers"]
  // oxlint-disable-next-line typescript/no-explicit-any -- what providers are sent has no type here, and tests look into it
  readonly body: any
}

export interface TestServer {
  readonly url: string
  readonly requests: ReadonlyArray<Received>
  /** Answers that are neither complete nor cut off. */
  readonly open: () => number
}

/** A real server on the loopback address, for as long as the scope lives. The listener is called once the request is there as a whole. */
export const serve = (listener: (response: ServerResponse, request: Received, index: number) => void) =>
  Effect.acquireRelease(
    Effect.callback<TestServer & { readonly close: () => void }>((resume) => {
      const requests: Array<Received> = []
      let open = 0
      const server = createServer((request, response) => {
        response.on("error", () => {})
        open++
        response.on("close", () => open--)
        const chunks: Array<Buffer> = []
        request.on("data", (chunk: Buffer) => chunks.push(chunk))
        request.on("end", () => {
          const text = Buffer.concat(chunks).toString("utf8")
          const received = {
            url: request.url ?? "",
            headers: request.headers,
            body: text === "" ? {} : JSON.parse(text)
          }
          requests.push(received)
          listener(response, received, requests.length - 1)
        })
      })
      server.listen(0, "127.0.0.1", () => {
        const { port } = server.address() as AddressInfo
        resume(
          Effect.succeed({
            url: `http://127.0.0.1:${port}`,
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

/** Waits until it holds; fails after five seconds. */
export const eventually = (what: string, holds: () => boolean) =>
  Effect.gen(function* () {
    for (let waited = 0; !holds() && waited < 5_000; waited += 10) yield* Effect.sleep(10)
    if (!holds()) return yield* Effect.die(new Error(`${what}: not after five seconds`))
  })

export const json = (response: ServerResponse, body: unknown, status = 200, headers: Record<string, string> = {}) =>
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body))

export const events = (response: ServerResponse, chunks: ReadonlyArray<unknown>, end = true) => {
  response.writeHead(200, { "content-type": "text/event-stream" })
  for (const chunk of chunks) {
    const type = typeof chunk === "object" && chunk !== null && "type" in chunk ? `event: ${String(chunk.type)}\n` : ""
    response.write(`${type}data: ${typeof chunk === "string" ? chunk : JSON.stringify(chunk)}\n\n`)
  }
  if (end) response.end()
}

import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"

/** What is answered at a path. */
export interface Answer {
  readonly status: number
  readonly type: string
  readonly body: string
}

const plain = (status: number, body: string): Answer => ({ status, type: "text/plain; charset=utf-8", body })

/** Nothing here takes longer to be asked than this. */
const requestMillis = 5_000

/** Listens until the scope ends. */
export const listen = (
  host: string,
  port: number,
  answers: ReadonlyMap<string, Effect.Effect<Answer>>
): Effect.Effect<{ readonly url: string; readonly port: number }, NodeJS.ErrnoException, Scope.Scope> =>
  Effect.gen(function* () {
    const context = yield* Effect.context<never>()
    const paths = Array.from(answers.keys()).join(", ")

    const answerTo = (method: string | undefined, path: string): Effect.Effect<Answer> => {
      const answer = answers.get(path)
      if (answer === undefined) return Effect.succeed(plain(404, `There is ${paths}\n`))
      if (method !== "GET" && method !== "HEAD") return Effect.succeed(plain(405, "GET or HEAD\n"))
      return Effect.catchCause(answer, (cause) =>
        Effect.as(Effect.logError(`${path} could not be answered`, cause), plain(500, "It could not be answered\n"))
      )
    }

    const server = createServer(
      { requestTimeout: requestMillis, headersTimeout: requestMillis },
      (request, response) => {
        const [path = "/"] = (request.url ?? "/").split("?")
        request.resume()
        Effect.runForkWith(context)(
          Effect.map(answerTo(request.method, path), ({ body, status, type }) => {
            response.writeHead(status, {
              "content-type": type,
              "cache-control": "no-store",
              ...(status === 405 ? { allow: "GET, HEAD" } : {})
            })
            response.end(request.method === "HEAD" ? undefined : body)
          })
        )
      }
    )

    const opened = Effect.callback<Server, NodeJS.ErrnoException>((resume) => {
      server.once("error", (error) => resume(Effect.fail(error)))
      server.listen(port, host, () => resume(Effect.succeed(server)))
    })
    const closed = Effect.callback<void>((resume) => {
      server.close(() => resume(Effect.void))
      server.closeAllConnections()
    })
    yield* Effect.acquireRelease(opened, () => closed)
    const { address, family, port: given } = server.address() as AddressInfo
    return { url: `http://${family === "IPv6" ? `[${address}]` : address}:${given}`, port: given }
  })

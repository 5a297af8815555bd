import { once } from "node:events"
import { randomUUID } from "node:crypto"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { type PostgresServer, startPostgres } from "./postgresServer.ts"

/** For the whole test run: starts one Postgres when a test asks for it, and none when no test does. */
export default async function setup(): Promise<() => Promise<void>> {
  let started: Promise<PostgresServer> | undefined
  // The answer holds a password, so not everybody on this machine may ask.
  const path = `/${randomUUID()}`
  const server = createServer((request, response) => {
    if (request.url !== path) return void response.writeHead(404).end()
    started ??= startPostgres()
    started.then(
      ({ host, password, port, username }) => response.end(JSON.stringify({ host, password, port, username })),
      (error) => response.writeHead(500).end(String(error))
    )
  }).listen(0, "127.0.0.1")
  await once(server, "listening")
  server.unref()
  process.env["ARIA_POSTGRES_OF_THIS_RUN"] = `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`
  return async () => {
    server.closeAllConnections()
    server.close()
    await started?.then((postgres) => postgres.close())
  }
}

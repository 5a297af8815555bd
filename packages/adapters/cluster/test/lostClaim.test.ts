/** A claim that the database has committed and whose answer is lost. */
import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { once } from "node:events"
import { connect, createServer, type AddressInfo } from "node:net"
import { clientOf, database } from "./postgres.ts"
import { client, runs, until, worker, World } from "./workbench.ts"

/** Hands on all bytes, but for the answer to the next COMMIT of a connection that has claimed: that connection ends instead. */
const swallowing = (port: number) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      let swallowed = 0
      const server = createServer((near) => {
        const far = connect(port, "127.0.0.1")
        let hasClaimed = false
        let isCommitting = false
        near.on("data", (data) => {
          const text = data.toString("latin1")
          if (text.includes("SKIP LOCKED")) hasClaimed = true
          if (hasClaimed && swallowed === 0 && text.includes("COMMIT")) isCommitting = true
          far.write(data)
        })
        far.on("data", (data) => {
          if (!isCommitting) return void near.write(data)
          swallowed++
          near.destroy()
          far.destroy()
        })
        const close = () => {
          near.destroy()
          far.destroy()
        }
        for (const socket of [near, far]) socket.on("error", () => {}).on("close", close)
      }).listen(0, "127.0.0.1")
      await once(server, "listening")
      return { port: (server.address() as AddressInfo).port, swallowed: () => swallowed, server }
    }),
    ({ server }) => Effect.sync(() => server.close())
  )

it.live(
  "a run whose claim was committed unheard is carried out all the same, and once",
  () =>
    Effect.gen(function* () {
      const { url } = yield* database()
      const proxy = yield* swallowing(Number(new URL(url).port))
      const through = new URL(url)
      through.port = String(proxy.port)
      const world = new World()
      const front = yield* client(clientOf(url))
      const id = yield* runs(front).submit({ plan: "one", input: { text: "hello" } })
      yield* worker(clientOf(through.href, { prepare: false }), world, { lease: "20 seconds" })
      yield* until(Effect.sync(() => proxy.swallowed()), (answers) => answers === 1)
      yield* runs(front).wait(id)
      expect(world.called).toEqual(["hello"])
      expect(yield* runs(front).get(id)).toMatchObject({ status: "succeeded", lives: 1 })
    }).pipe(Effect.scoped),
  15_000
)

import { Progress } from "@aria/orchestrator-core"
import * as Schema from "effect/Schema"
import { describe, it } from "vitest"
import * as cli from "./cli.ts"
import * as stores from "./durableStores.ts"

const server = stores.postgres()
const kinds = [
  ["SQLite", async () => "sqlite:runs.db"],
  ["Postgres", () => stores.database(server())]
] as const

const decodeEvent = Schema.decodeUnknownSync(Schema.fromJsonString(Progress.Event))
const small = ["--watch", cli.file("durable.txt", "Acme Corp\nBeta Inc\n")]
const article = cli.rss("Acme Corp acquires Beta Inc for $5 million")

/** How often each task began and ended well, as the store tells it. */
const told = async (demo: ReturnType<typeof stores.demoWith>, id: string) => {
  const events = (await demo.output("runs", "tail", id, "--json")).trimEnd().split("\n").map((line) => decodeEvent(line))
  return {
    complete: events.flatMap((event) => (event._tag === "complete" ? [event.taskId] : [])),
    ends: events.filter(({ _tag }) => _tag === "RunEnded").length,
    sequence: events.map(({ seq }) => seq)
  }
}

describe.for(kinds)("runs in %s", { timeout: 180_000 }, ([, make]) => {
  it("come to the same as in memory", async ({ expect }) => {
    const demo = stores.demoWith(await make())
    const inMemory = await cli.run("--now", "2026-11-23", "--yes")
    const durable = await demo.run("--now", "2026-11-23", "--yes")
    expect([durable.code, inMemory.code]).toEqual([0, 0])
    expect(stores.timeless(durable.stdout)).toBe(stores.timeless(inMemory.stdout))
    expect(durable.stderr).toMatch(/^The run [0-9a-f-]{10} is kept in (sqlite:runs\.db|postgres:\/\/\w+@)/)
    const [run] = await demo.runs()
    expect(run).toMatchObject({ status: "succeeded", lives: 1 })
    const shown = await demo.output("runs", "show", run?.id.slice(0, 6) ?? "")
    expect(stores.timeless(shown)).toContain(stores.timeless(inMemory.stdout).trimEnd())
    expect((await demo.output("receipts", "list")).match(/ {2}done {2}/g)).toHaveLength(6)
    expect(await demo.output("audit", "verify")).toContain("The audit log holds: 12 entries.")
  })

  it("killed while somebody is asked: a worker ends it, and does nothing again that was stored", async ({ expect }) => {
    let requests = 0
    await using feed = await cli.serve((response) => {
      requests++
      response.end(article)
    })
    const demo = stores.demoWith(await make())
    const { child, ended } = demo.start(...small, "--source", feed.url, "--approvals", "queue", "--follow-ups", "1")
    await demo.asked(2)
    child.kill("SIGKILL")
    expect((await ended).signal).toBe("SIGKILL")
    expect((await demo.runs())[0]).toMatchObject({ status: "running" })

    const worker = demo.start("worker", "--health", "0")
    expect((await demo.run("approvals", "approve", "--all", "--by", "ada")).stdout.match(/^approved /gm)).toHaveLength(2)
    const { id, lives } = await demo.until("succeeded")
    expect([lives, requests]).toEqual([2, 1])
    const { complete, ends, sequence } = await told(demo, id)
    expect(complete.toSorted()).toEqual([...new Set(complete)].toSorted())
    expect(complete).toEqual(expect.arrayContaining(["signals/Acme Corp", "signals/Beta Inc", "findings", "brief", "agenda", "leads"]))
    expect([ends, sequence]).toEqual([1, sequence.map((_, index) => index)])
    expect((await demo.output("receipts", "list")).match(/ {2}done {2}/g)).toHaveLength(2)
    expect(await demo.output("runs", "show", id)).toMatch(/^Brief: 2 signals about 2 of 2 companies.*Acme Corp acquires Beta Inc for \$5 million/ms)

    const url = /metrics at (\S+)/.exec(worker.text.stderr + worker.text.stdout)?.[1] ?? ""
    expect((await fetch(`${url}/ready`)).status).toBe(200)
    worker.child.kill("SIGTERM")
    expect(await worker.ended).toMatchObject({ code: 0, signal: null })
  })

  it("killed while it reads: the same command goes on with it, and a later one begins anew", async ({ expect }) => {
    let hangs = true
    await using feed = await cli.serve((response) => {
      if (!hangs) response.end(article)
    })
    const demo = stores.demoWith(await make())
    const args = [...small, "--source", feed.url, "--follow-ups", "0"]
    const { child, ended } = demo.start(...args)
    await feed.asked
    child.kill("SIGKILL")
    await ended
    hangs = false
    const again = await demo.run(...args)
    expect([again.code, await demo.runs()]).toEqual([0, [expect.objectContaining({ status: "succeeded", lives: 2 })]])
    expect(again.stderr).toMatch(/^The run [0-9a-f-]{10} was interrupted, with \d tasks? stored: it goes on here\.$/m)
    expect(again.stdout).toContain("Acme Corp acquires Beta Inc for $5 million")
    expect((await demo.run(...args)).stderr).toMatch(/^The run [0-9a-f-]{10} is kept in /)
    expect((await demo.runs()).map(({ lives, status }) => [status, lives])).toEqual([
      ["succeeded", 1],
      ["succeeded", 2]
    ])
  })

  it("a run that failed is resumed: what is done is kept; a fork takes over what is the same", async ({ expect }) => {
    let isDown = true
    let requests = 0
    await using feed = await cli.serve((response) => {
      requests++
      if (isDown) response.writeHead(500).end()
      else response.end(article)
    })
    const demo = stores.demoWith(await make())
    const failed = await demo.run(...small, "--source", feed.url, "--follow-ups", "1", "--yes")
    expect(failed.code).toBe(1)
    const [run] = await demo.runs()
    expect(run?.status).toBe("failed")
    const id = run?.id ?? ""
    isDown = false
    const resumed = await demo.run("runs", "resume", id.slice(0, 8))
    expect(resumed).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Brief: 2 signals about 2 of 2/m) })
    expect(await demo.run("runs", "resume", id)).toMatchObject({ code: 1, stderr: expect.stringContaining("is succeeded") })
    const before = requests
    const forked = await demo.run("runs", "fork", id, "--input", '{"minScore": 0.99}')
    expect(forked).toMatchObject({ code: 0, stdout: expect.stringContaining("No signal about Acme Corp, Beta Inc.") })
    expect(requests).toBe(before + 1)
    const same = await demo.run("runs", "fork", id)
    expect([same.code, requests]).toEqual([0, before + 1])
    expect((await demo.output("receipts", "list")).match(/ {2}done {2}/g)).toHaveLength(2)
  })

  it("handed in, it waits for a worker; SIGTERM leaves it to another; it can be stopped, exported and removed", async ({ expect }) => {
    await using feed = await cli.serve((response) => void response.end(article))
    const demo = stores.demoWith(await make())
    const args = [...small, "--source", feed.url, "--follow-ups", "1", "--detach"]
    const first = (await demo.output(...args)).trim()
    expect(await demo.runs()).toEqual([expect.objectContaining({ id: first, status: "queued" })])
    const worker = demo.start("worker")
    await demo.asked(2)
    worker.child.kill("SIGTERM")
    expect((await worker.ended).code).toBe(0)
    expect((await demo.until("queued")).id).toBe(first)
    const other = demo.start("worker")
    await demo.until("running")
    expect(await demo.output("runs", "cancel", first)).toContain("is asked to stop")
    await demo.until("cancelled")
    expect(await demo.run("runs", "cancel", first)).toMatchObject({ code: 1, stderr: expect.stringContaining("has ended: it is cancelled") })
    const lines = (await demo.output("runs", "export", first)).trimEnd().split("\n").map((line): { readonly kind: string } => JSON.parse(line))
    expect(new Set(lines.map(({ kind }) => kind))).toEqual(new Set(["run", "unit", "event"]))
    expect(await demo.output("runs", "prune", "--older-than", "1h")).toBe("Removed 0 runs.\n")
    expect(await demo.output("runs", "remove", first.slice(0, 6))).toBe(`Removed ${first}.\n`)
    expect(await demo.output("runs", "list")).toBe("There is no such run.\n")
    other.child.kill("SIGTERM")
    expect((await other.ended).code).toBe(0)
  })
})

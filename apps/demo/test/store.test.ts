import { existsSync, mkdtempSync, readFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { describe, it } from "vitest"
import * as cli from "./cli.ts"
import * as stores from "./durableStores.ts"
import * as standIn from "./standIn.ts"

const small = ["--watch", cli.file("store.txt", "Acme Corp\n"), "--follow-ups", "0"]

/** Arguments, environment, exit code, and what stderr says. */
const refusals: ReadonlyArray<readonly [string, ReadonlyArray<string>, Readonly<Record<string, string>>, number, ...ReadonlyArray<string>]> = [
  ["an unknown scheme", ["--store", "redis://ada:swordfish@host/0"], {}, 2, '"redis"', "sqlite:runs.db", "postgres://user@host/database"],
  ["no scheme", ["runs", "list", "--store", "runs.db"], {}, 2, "--store is no store"],
  ["SQLite without a file", ["--store", "sqlite::memory:"], {}, 2, "names no file"],
  ["no address", ["worker", "--store", "postgres:"], {}, 2, "is no address of a Postgres"],
  ["a password on the command line", ["--store", "postgres://ada:swordfish@127.0.0.1:1/x"], {}, 2, "has a password in it", "ARIA_STORE_PASSWORD"],
  ["a password among the parameters", ["runs", "list", "--store", "postgres://ada@127.0.0.1:1/x?password=swordfish"], {}, 2, "has a password in it"],
  ["a Postgres that cannot be reached", [], { ARIA_STORE: "postgres://ada:swordfish@127.0.0.1:1/x" }, 1, "postgres://ada@127.0.0.1:1/x cannot be used", "ECONNREFUSED", "Is it running"],
  ["the same with the password apart", ["worker", "--store", "postgres://ada@127.0.0.1:1/x"], { ARIA_STORE_PASSWORD: "swordfish" }, 1, "ECONNREFUSED"],
  ["a store that was not said", ["runs", "list"], { ARIA_STORE: "" }, 2, "Where the runs are was not said", "--store", "ARIA_STORE"],
  ["a store that is not there", ["runs", "list", "--store", "sqlite:none.db"], {}, 2, 'There is no store "none.db"', "npm start -- --store sqlite:none.db"],
  ["a file that is no database", ["runs", "list", "--store", `sqlite:${cli.file("text.db", "this is no database, but some text that is long enough to be read as one".repeat(20))}`], {}, 2, "text.db"],
  ["--detach without a store", ["--detach"], { ARIA_STORE: "" }, 2, "--detach", "--store"],
  ["--detach with --json", ["--detach", "--json", "--store", "sqlite:none.db"], {}, 2, "--detach excludes --json"],
  ["--detach with a plan file", ["--detach", "--plan", cli.shipped("plan.json"), "--store", "sqlite:none.db"], {}, 2, "--detach excludes --plan"],
  ["a source with a password", [...small, "--source", "https://ada:swordfish@example.com/feed", "--store", "sqlite:none.db"], {}, 2, "--source", "example.com", "stored with the run"],
  ["a calendar with a password", [...small, "--calendar", "caldav:https://ada:swordfish@example.com/", "--store", "sqlite:none.db"], {}, 2, "--calendar", "ARIA_CALDAV_PASSWORD"],
  ["an unknown status", ["runs", "list", "--status", "lost", "--store", "sqlite:none.db"], {}, 2, "deadLetter"],
  ["a time without its unit", ["runs", "prune", "--older-than", "30", "--store", "sqlite:none.db"], {}, 2, "30d"],
  ["a port that is none", ["worker", "--health", "70000", "--store", "sqlite:none.db"], {}, 2, "a port from 0 to 65535"]
]

describe.concurrent("a store that cannot be used is said, without what is secret", { timeout: 120_000 }, () => {
  it.for(refusals)("%s", async ([, args, env, code, ...said], { expect }) => {
    const ended = await cli.startWith(env, ...args).ended
    expect([ended.code, ended.stdout]).toEqual([code, ""])
    for (const part of said) expect(ended.stderr).toContain(part)
    expect(ended.stderr).not.toContain("swordfish")
    expect(ended.stderr).not.toMatch(/^\s+at |bug in the demo/m)
  })
})

describe.concurrent("a store", { timeout: 120_000 }, () => {
  it("that a newer version has made is left as it is", async ({ expect }) => {
    const demo = stores.demoWith("sqlite:runs.db")
    await demo.output(...small)
    const db = new DatabaseSync(join(demo.folder, "runs.db"))
    db.exec("INSERT INTO aria_cluster_formats (format) VALUES (99)")
    db.close()
    for (const args of [small, ["runs", "list"], ["worker"]]) {
      const { code, stderr } = await demo.run(...args)
      expect([code, stderr]).toEqual([1, expect.stringContaining("have format 99")])
    }
  })

  it("knows ids by how they begin, and says which there are", async ({ expect }) => {
    const demo = stores.demoWith("sqlite:runs.db")
    await demo.output(...small)
    await demo.output(...small)
    const [first = "", second = ""] = (await demo.runs()).map(({ id }) => id)
    for (const command of ["show", "tail", "cancel", "resume", "fork", "remove", "export"]) {
      const { code, stderr } = await demo.run("runs", command, "no-such-run")
      expect([code, stderr]).toEqual([2, `No run begins with "no-such-run": ${first.slice(0, 10)}, ${second.slice(0, 10)}.\n`])
    }
    expect(await demo.output("runs", "show", first.slice(0, 10))).toContain(first)
  })

  it("with a run of another version of the demo: it can be looked at, and is not gone on with", async ({ expect }) => {
    const demo = stores.demoWith("sqlite:runs.db")
    await demo.output(...small)
    const db = new DatabaseSync(join(demo.folder, "runs.db"))
    db.exec("UPDATE aria_runs SET plan_version = 'durable-0', status = 'failed'")
    db.close()
    const [run] = await demo.runs()
    expect(await demo.output("runs", "show", run?.id ?? "")).toMatch(/plan watch durable-0.*^3 tasks: 3 done/ms)
    for (const command of ["resume", "fork"]) {
      expect(await demo.run("runs", command, run?.id ?? "")).toMatchObject({ code: 1, stderr: expect.stringContaining('"watch" in version durable-0; this demo has watch durable-1') })
    }
  })

  it("refuses the input of a fork with all its problems together", async ({ expect }) => {
    const demo = stores.demoWith("sqlite:runs.db")
    await demo.output(...small)
    const [run] = await demo.runs()
    const { code, stderr } = await demo.run("runs", "fork", run?.id ?? "", "--input", '{"minscore": 0.5, "companies": []}')
    expect(code).toBe(2)
    for (const part of ["minscore", "companies", "runs show ID --json"]) expect(stderr).toContain(part)
    expect(await demo.runs()).toHaveLength(1)
  })

  it("keeps the run of a plan file, which the same command goes on with", async ({ expect }) => {
    let hangs = true
    await using feed = await cli.serve((response) => {
      if (!hangs) response.end(cli.rss("Apple Inc. names a new chief executive officer"))
    })
    const demo = stores.demoWith("sqlite:runs.db")
    const args = ["--plan", cli.shipped("plan.json"), "--source", feed.url]
    const { child, ended } = demo.start(...args)
    await feed.asked
    child.kill("SIGKILL")
    await ended
    hangs = false
    const again = await demo.run(...args)
    expect(again).toMatchObject({ code: 0, stdout: expect.stringMatching(/^3 tasks: 3 done/m), stderr: expect.stringContaining("was interrupted") })
    expect(await demo.runs()).toEqual([expect.objectContaining({ status: "succeeded", lives: 2 })])
  })

  it("keeps no key and no password in its file", async ({ expect }) => {
    const folder = mkdtempSync(join(tmpdir(), "aria-demo-keys-"))
    const env = { ARIA_STORE: "sqlite:runs.db", OPENAI_COMPATIBLE_API_KEY: "swordfish-key", ARIA_CALDAV_USERNAME: "ada", ARIA_CALDAV_PASSWORD: "swordfish-pass" }
    const args = [cli.main, "--watch", cli.file("apple.txt", "Apple Inc.\n"), "--follow-ups", "0", "--model", "openai-compatible/none", "--base-url", "http://127.0.0.1:1/v1"]
    const { code, stdout } = await cli.startCommand(process.execPath, args, folder, env).ended
    expect(code).toBe(1)
    expect(stdout).toContain("The model failed")
    for (const name of ["runs.db", "runs.db-wal"]) {
      if (existsSync(join(folder, name))) expect(readFileSync(join(folder, name), "latin1")).not.toContain("swordfish")
    }
  })

  it("keeps a run with a model: a worker without the key says what it needs, and with it the run goes on", async ({ expect }) => {
    await using model = await standIn.start()
    const store = "sqlite:runs.db"
    const demo = stores.demoWith(store)
    const apple = ["--watch", cli.file("one.txt", "Apple Inc.\n"), "--follow-ups", "0"]
    const id = (await demo.output(...apple, "--detach", "--model", "openai/gpt-5-mini", "--base-url", model.url, "--max-usd", "1")).trim()
    const without = demo.start("worker")
    await demo.until("failed")
    without.child.kill("SIGTERM")
    await without.ended
    expect(await demo.output("runs", "show", id)).toMatch(/needs a key\. Set OPENAI_API_KEY/)
    expect(model.asked).toEqual([])
    await demo.output("runs", "resume", "--detach", id)
    const key = { ARIA_STORE: store, OPENAI_API_KEY: "swordfish" }
    const worker = cli.startCommand(process.execPath, [cli.main, "worker"], demo.folder, key)
    await demo.until("succeeded")
    worker.child.kill("SIGTERM")
    await worker.ended
    expect(await demo.output("runs", "show", id)).toContain("The model wrote of Apple Inc.")
    expect(model.asked.length).toBeGreaterThan(1)
  })

  it("holds the limits of a run", async ({ expect }) => {
    await using feed = await cli.serve((response) => void response.end(cli.rss("Acme Corp acquires Beta Inc")))
    const demo = stores.demoWith("sqlite:runs.db")
    const { code, stdout } = await demo.run(...small, "--source", `${feed.url}/a`, "--source", `${feed.url}/b`, "--max-calls", "1")
    expect([code, stdout]).toEqual([1, expect.stringContaining("Raise --max-calls.")])
  })

  it("whose process was killed: runs resume ends the run, asking nothing twice of what was stored", async ({ expect }) => {
    const demo = stores.demoWith("sqlite:runs.db")
    const { child, ended } = demo.start("--approvals", "queue", "--follow-ups", "1")
    await demo.asked(2)
    child.kill("SIGKILL")
    await ended
    const [run] = await demo.runs()
    const before = await demo.output("runs", "show", run?.id ?? "")
    expect(before).toMatch(/: running, .*^done +brief$.*^done +signals\/Apple Inc\.$/ms)
    await demo.output("approvals", "reject", "--all")
    const resumed = await demo.run("runs", "resume", run?.id.slice(0, 8) ?? "")
    expect(resumed).toMatchObject({ code: 0, stdout: expect.stringMatching(/^18 tasks: 16 done, 2 declined.*^Brief: /ms) })
    expect(await demo.output("runs", "list")).toMatch(/^[0-9a-f-]{10} {2}declined .*\n +begun 2 times\n$/m)
  })

  it("Ctrl-C stops a run, wherever it is: it can be resumed", async ({ expect }) => {
    let hangs = true
    await using feed = await cli.serve((response) => {
      if (!hangs) response.end(cli.rss("Acme Corp acquires Beta Inc"))
    })
    const demo = stores.demoWith("sqlite:runs.db")
    const { child, ended } = demo.start(...small, "--source", feed.url)
    await feed.asked
    child.kill("SIGINT")
    expect(await ended).toMatchObject({ code: 130, stdout: expect.stringContaining("Interrupted: this is what was done until then.") })
    const [run] = await demo.runs()
    expect(run?.status).toBe("cancelled")
    hangs = false
    expect(await demo.run("runs", "resume", run?.id ?? "")).toMatchObject({ code: 0, stdout: expect.stringContaining("Acme Corp acquires Beta Inc") })
  })
})

it("without a store nothing of it is loaded", { timeout: 60_000 }, async ({ expect }) => {
  const hook = 'import { registerHooks } from "node:module"; registerHooks({ load: (url, context, next) => { if (/adapters\\/cluster|sql-pg/.test(url)) process.stderr.write(`LOADED ${url}\\n`); return next(url, context) } })'
  const args = (...rest: ReadonlyArray<string>) => ["--import", `data:text/javascript,${encodeURIComponent(hook)}`, cli.main, ...small, ...rest]
  const inMemory = await cli.startNode(args()).ended
  expect([inMemory.code, inMemory.stderr]).toEqual([0, expect.not.stringContaining("LOADED")])
  const durable = await cli.startNode(args("--store", "sqlite:runs.db")).ended
  expect([durable.code, durable.stderr]).toEqual([0, expect.stringMatching(/LOADED .*adapters\/cluster/)])
  expect(durable.stderr).not.toContain("sql-pg")
})

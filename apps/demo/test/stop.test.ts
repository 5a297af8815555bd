import * as Execution from "@aria/demo/Execution"
import * as Schema from "effect/Schema"
import { describe, it } from "vitest"
import * as cli from "./cli.ts"

const decodeDocument = Schema.decodeUnknownSync(Schema.fromJsonString(Execution.Document))

/** Whether a process of this id lives. */
const lives = (pid: number | undefined): boolean => {
  try {
    return pid !== undefined && process.kill(pid, 0)
  } catch {
    return false
  }
}

const pause = (millis: number) => new Promise((resolve) => setTimeout(resolve, millis))

describe.concurrent("a run that is stopped", { timeout: 60_000 }, () => {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    it(`${signal}: cancels, prints what was done, and ends with 130`, async ({ expect }) => {
      await using server = await cli.serve(() => {})
      const { child, ended } = cli.start("--follow-ups", "0", "--source", server.url)
      await server.asked
      child.kill(signal)
      const { code, stdout } = await ended
      expect(code).toBe(130)
      expect(stdout).toMatch(/^Interrupted: this is what was done until then\.$/m)
      expect(stdout).toMatch(/^signals\/Apple Inc\. +cancelled +[\d.]+ s +1 +0$/m)
      expect(stdout).toMatch(/^14 tasks: 12 cancelled, 2 skipped/m)
      expect(lives(child.pid)).toBe(false)
    })
  }

  it("--json prints its document all the same", async ({ expect }) => {
    await using server = await cli.serve(() => {})
    const { child, ended } = cli.start("--follow-ups", "0", "--source", server.url, "--json")
    await server.asked
    child.kill("SIGINT")
    const { code, stdout } = await ended
    const { brief, exitCode } = decodeDocument(stdout)
    expect([code, exitCode, brief]).toEqual([130, 130, null])
  })

  it("a second Ctrl-C quits at once, even where something will not stop; one press that comes twice is one", async ({ expect }) => {
    const url = new URL("../src/Interruption.ts", import.meta.url).href
    const script = `
      import * as Effect from "effect/Effect"
      import * as Interruption from ${JSON.stringify(url)}
      const stuck = Effect.scoped(Effect.flatMap(Interruption.listen, (first) => {
        console.log("listening")
        return Effect.andThen(Effect.tap(first, () => Effect.sync(() => console.log("stopping"))), Effect.never)
      }))
      setInterval(() => {}, 1000)
      Effect.runFork(stuck)`
    const { child, ended, text } = cli.startNode(["--input-type=module", "--eval", script], cli.shipped("."))
    while (!text.stdout.includes("listening")) await pause(10)
    child.kill("SIGINT")
    while (!text.stdout.includes("stopping")) await pause(5)
    child.kill("SIGINT")
    await pause(400)
    expect(child.exitCode).toBeNull()
    child.kill("SIGINT")
    expect((await ended).code).toBe(130)
  })

  it("--timeout: ends with 124 and prints what was done", async ({ expect }) => {
    await using server = await cli.serve(() => {})
    const { code, stdout } = await cli.run("--follow-ups", "0", "--source", server.url, "--timeout", "300ms")
    expect(code).toBe(124)
    expect(stdout).toMatch(/^Timed out: this is what was done until then\.$/m)
    expect(stdout).toMatch(/^14 tasks: 12 timed out, 2 skipped/m)
  })

  it("a timeout of one task is a failure, not the end of the run", async ({ expect }) => {
    await using server = await cli.serve(() => {})
    const task = { id: "slow", agent: "Scout", payload: { entities: ["Acme Corp"] }, timeout: "200 millis" }
    const plan = cli.file("slow.json", JSON.stringify({ name: "slow", tasks: [task] }))
    const { code, stdout } = await cli.run("--plan", plan, "--source", server.url, "--timeout", "30s")
    expect(code).toBe(1)
    expect(stdout).toMatch(/^slow +timed out/m)
  })

  it("--max-calls: what does not fit is not read, and it ends with 1", async ({ expect }) => {
    const asked: Array<string> = []
    await using server = await cli.serve((response, path) => {
      asked.push(path)
      response.end(cli.rss("Acme Corp acquires Beta Inc"))
    })
    const watch = cli.file("one.txt", "Acme Corp")
    const { code, stdout } = await cli.run("--follow-ups", "0", "--watch", watch, "--source", `${server.url}/a`, "--source", `${server.url}/b`, "--max-calls", "1")
    expect(code).toBe(1)
    expect(asked.length).toBeLessThanOrEqual(1)
    expect(stdout).toContain("1 calls")
    expect(stdout).toContain("Raise --max-calls.")
    expect(stdout).toMatch(/^3 tasks: 1 failed, 2 skipped/m)
  })
})

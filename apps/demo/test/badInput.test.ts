import { command } from "@aria/demo/main"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Effect from "effect/Effect"
import { CliOutput, Command } from "effect/cli"
import { describe, expect, it } from "vitest"
import * as cli from "./cli.ts"

/** What the command refuses the arguments for; it fails before anything is printed or started. */
const refusal = (args: ReadonlyArray<string>): Promise<string> =>
  Command.runWith(command, { version: "0.0.0" })(args).pipe(
    Effect.flip,
    Effect.map((error) => (error._tag === "ShowHelp" ? error.errors.map(({ message }) => message).join("\n") : error.message)),
    Effect.provide([CliOutput.layerPresenter({ present: () => Effect.void }), NodeServices.layer, NodeHttpClient.layerUndici]),
    Effect.runPromise
  )

const watch = (name: string, text: string) => ["--watch", cli.file(name, text)]

/** Name, arguments, and what stderr says. */
const usage: ReadonlyArray<readonly [string, ReadonlyArray<string>, ...ReadonlyArray<string | RegExp>]> = [
  ["an unknown flag", ["--bogus"], "--bogus"],
  ["an argument", ["extra"], "extra"],
  ["a flag without its value", ["--concurrency"], "Missing value for flag --concurrency"],
  ...["--concurrency", "--max-calls"].flatMap((flag) =>
    ["0", "-1", "1.5", "NaN", "Infinity", "1e3", ""].map(
      (value) => [`${flag} "${value}"`, [`${flag}=${value}`], flag, "a whole number from 1"] as const
    )
  ),
  ...["0", "-1", "NaN", "soon", "1 week", "9999h"].map((value) => [`--timeout ${value}`, ["--timeout", value], "--timeout", "a time from 1ms"] as const),
  ["--min-score over 1", ["--min-score", "1.1"], "a number from 0 to 1"],
  ["--since no date", ["--since", "yesterday"], "a date such as 2025-01-31"],
  ["--json with --events", ["--json", "--events"], "exclude each other"],
  ["--plan with --watch", ["--plan", cli.shipped("plan.json"), "--watch", "x"], "--plan excludes --watch"],
  ["an empty source", ["--source="], /source/],
  ["a missing watch list", ["--watch", "/nowhere/list.json"], '"/nowhere/list.json"', "there is no such file"],
  ["a folder as watch list", ["--watch", cli.shipped("feeds")], "it is a folder"],
  ["an empty watch list", watch("empty.txt", " \n"), "it is empty", "one name a line"],
  ["a watch list of comments", watch("comments.txt", "# nobody\n"), "it names no company"],
  ["an empty list", watch("none.json", "[]"), "it names no company"],
  ["a watch list that is not JSON", watch("broken.json", '[{"name": '), "it is not JSON"],
  ["a watch list that is an object", watch("object.json", '{"name": "Acme"}'), "it is JSON, but not a list"],
  ["a watch list that is a web page", watch("page.html", "<!doctype html><p>Acme"), "it is a web page"],
  ["a name without a letter", watch("names.txt", "Acme\n???\n"), "line 2: a name needs at least one letter or digit"],
  [
    "a watch list with wrong fields, all of them together",
    watch("fields.json", '[{"name": "A", "ticker": ["B"]}, {"aliases": ["x"]}, 7, {"name": "C", "tickers": ["?!"]}]'),
    "company 1: ticker",
    "company 2: name",
    "company 3",
    "company 4: tickers.0: a ticker looks like"
  ],
  ["a missing plan file", ["--plan", "/nowhere/plan.json"], "there is no such file", "plan.json"],
  ["a plan file that is not JSON", ["--plan", cli.file("plan.txt", "name: plan")], "it is not JSON"],
  ["a plan file without tasks", ["--plan", cli.file("noTasks.json", '{"name": "x", "tasks": []}')], "tasks"],
  [
    "a plan file with an unknown agent, a cycle, a wrong payload and a dangling $from, all of them together",
    [
      "--plan",
      cli.file(
        "wrong.json",
        JSON.stringify({
          name: "wrong",
          tasks: [
            { id: "a", agent: "Analyst", payload: {} },
            { id: "b", agent: "Brief", payload: { companies: [], found: [{ $from: "c" }] } },
            { id: "c", agent: "Scout", payload: { entities: [{ $from: "b", path: "/quiet/0" }] } },
            { id: "d", agent: "Scout", payload: { entities: ["Acme"], minScore: 7 } },
            { id: "e", agent: "Brief", payload: { companies: [], found: [{ $from: "nowhere" }] } }
          ]
        })
      )
    ],
    'tasks.0.agent: there is no agent "Analyst"; there are "Scout", "Brief", "Scribe"',
    "b -> c -> b",
    "tasks.3.payload.minScore: Expected a value between 0 and 1",
    'tasks.4.payload.found.0.$from: $from "nowhere" is no task of this plan'
  ]
]

describe("bad usage is refused with a sentence, and nothing is started", () => {
  it.for(usage)("%s", async ([, args, ...said]) => {
    const message = await refusal(args)
    for (const part of said) expect(message).toMatch(part)
  })
})

const spawned = new Set(["an unknown flag", '--concurrency "0"', "--json with --events", "a watch list that is not JSON", "an empty source"])
const allTogether = usage.filter(([name]) => spawned.has(name) || name.endsWith("all of them together"))

describe.concurrent("bad usage ends with 2, and says why on stderr", { timeout: 60_000 }, () => {
  it.for(allTogether)("%s", async ([, args, ...said], { expect }) => {
    const { code, stderr, stdout } = await cli.run(...args)
    for (const part of said) expect(stderr).toMatch(part)
    expect(stderr).not.toMatch(/^\s+at /m)
    expect([code, stdout]).toEqual([2, ""])
  })
})

describe.concurrent("where nothing can be read it ends with 1 and says why", { timeout: 60_000 }, () => {
  it("no such file", async ({ expect }) => {
    const { code, stdout } = await cli.run("--source", "/nowhere/feed.xml")
    expect(code).toBe(1)
    expect(stdout).toMatch(/^18 tasks: 2 done, 12 failed, 4 skipped/m)
    expect(stdout).toMatch(/AllSourcesDownError: .*\/nowhere\/feed\.xml/)
  })

  it("an address that cannot be reached", async ({ expect }) => {
    const { code, stdout } = await cli.run("--source", "http://127.0.0.1:1/feed")
    expect(code).toBe(1)
    expect(stdout).toContain("unreachable")
  })

  it("a feed that is a web page", async ({ expect }) => {
    await using server = await cli.serve((response) => response.writeHead(200, { "content-type": "text/html" }).end("<!doctype html><html><body>Hello</body></html>"))
    const { code, stdout } = await cli.run("--source", server.url)
    expect(code).toBe(1)
    expect(stdout).toMatch(/web\s+page, not a feed/)
  })

  it("an error of the server", async ({ expect }) => {
    await using server = await cli.serve((response) => response.writeHead(500).end())
    const { code, stdout } = await cli.run("--source", server.url)
    expect(code).toBe(1)
    expect(stdout).toContain("500")
  })

  it("--json says it in its document", async ({ expect }) => {
    const { code, stdout } = await cli.run("--source", "/nowhere/feed.xml", "--json")
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({ v: 1, exitCode: 1, brief: null })
  })
})

import { spawn } from "node:child_process"
import { mkdtempSync, readdirSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { describe, it } from "vitest"
import * as cli from "./cli.ts"

const folder = () => mkdtempSync(join(tmpdir(), "aria-demo-data-"))
const inFolder = (cwd: string) => ({
  start: (...args: ReadonlyArray<string>) => cli.startNode([cli.main, ...args], cwd),
  run: (...args: ReadonlyArray<string>) => cli.startNode([cli.main, ...args], cwd).ended
})

const lines = (text: string): ReadonlyArray<string> => text.trimEnd().split("\n")
const pause = (millis: number) => new Promise((resolve) => setTimeout(resolve, millis))

const operation = (parameters: object, operationType = "calendar_write") => JSON.stringify({ operationType, parameters })
const at = (time: string) => ({ dateTime: `2031-03-03T${time}:00`, zone: "Europe/Berlin" })
const meeting = { title: "Review", start: at("10:00"), end: at("10:30"), attendees: [{ email: "ada@example.com", name: "Ada" }] }
const create = operation({ action: "create", event: meeting })
const read = operation({ startDate: "2031-03-03" }, "calendar_read")

describe.concurrent("follow-ups", { timeout: 90_000 }, () => {
  it("without a terminal and without --yes the answer is no, which is said, and nothing is written", async ({ expect }) => {
    const demo = inFolder(folder())
    const { code, stderr, stdout } = await demo.run()
    expect(code).toBe(0)
    expect(stderr).toMatch(/^declined meeting\/ATFX /m)
    expect(stdout).toContain("--yes")
    expect(stdout).toMatch(/^22 tasks: 16 done, 6 declined /m)
    expect((await demo.run("receipts", "list")).stdout).toBe("Nothing was done.\n")
    expect((await demo.run("audit", "list")).stdout.match(/ denied /g)).toHaveLength(6)
  })

  it("with --yes they are written, and another run finds them and writes none again", async ({ expect }) => {
    const demo = inFolder(folder())
    expect((await demo.run("--yes")).stdout).toMatch(/^22 tasks: 22 done/m)
    const listed = await demo.run("receipts", "list")
    expect(lines(listed.stdout)).toHaveLength(6)
    for (const line of lines(listed.stdout)) expect(line).toContain("  done  ")
    const again = await demo.run("--yes")
    expect([again.code, again.stdout.match(/^18 tasks: 18 done/m)?.[0]]).toEqual([0, "18 tasks: 18 done"])
    expect((await demo.run("receipts", "list")).stdout).toBe(listed.stdout)
    const verified = await demo.run("audit", "verify")
    expect(verified).toMatchObject({ code: 0, stdout: expect.stringMatching(/^The audit log holds: 12 entries\. Head 12:[0-9a-f]{64}\n$/) })
  })

  it("in the queue they wait until another process answers; what was approved is written, what was rejected is not", async ({ expect }) => {
    const demo = inFolder(folder())
    const { ended } = demo.start("--approvals", "queue", "--follow-ups", "1")
    let open: ReadonlyArray<string> = []
    while (open.length < 2) {
      await pause(200)
      const { stdout } = await demo.run("approvals", "list")
      open = Array.from(stdout.matchAll(/^([0-9a-f]{10})  Create/gm), ([, id]) => id ?? "")
    }
    const [first = "", second = ""] = open
    expect((await demo.run("approvals", "approve", first.slice(0, 6), "--by", "ada")).stdout).toMatch(/^approved /)
    const twice = await demo.run("approvals", "reject", first)
    expect(twice.code).toBe(1)
    expect(twice.stderr).toContain("was answered by ada")
    expect((await demo.run("approvals", "reject", "--all", "--by", "bob")).stdout).toContain(second)
    const { code, stdout } = await ended
    expect(code).toBe(0)
    expect(stdout).toMatch(/^18 tasks: 17 done, 1 declined/m)
    expect(stdout).toContain("denied by bob")
    expect(lines((await demo.run("receipts", "list")).stdout)).toHaveLength(1)
    expect((await demo.run("audit", "list")).stdout).toMatch(/intended .* by ada$/m)
    expect((await demo.run("approvals", "list")).stdout).toBe("No question is open.\n")
  })

  it("who looks makes no file, and is told what to do", async ({ expect }) => {
    const cwd = folder()
    for (const command of [["approvals", "list"], ["audit", "verify"], ["receipts", "list"]]) {
      const { code, stderr } = await inFolder(cwd).run(...command)
      expect([code, stderr]).toEqual([2, 'There is no data file ".aria/demo.db": a run of the demo makes one, or name another with --data.\n'])
    }
    expect(readdirSync(cwd)).toEqual([])
  })
})

it("a data file that cannot be made is said, and nothing is started", { timeout: 60_000 }, async ({ expect }) => {
  const { code, stderr, stdout } = await inFolder(folder()).run("--data", "nowhere/at/all.db")
  expect([code, stdout]).toEqual([2, ""])
  expect(stderr).toContain('"nowhere/at/all.db"')
})

describe.concurrent("operate", { timeout: 90_000 }, () => {
  it("a dry run shows what would change and writes nothing; then it is written, read back, and taken back", async ({ expect }) => {
    const demo = inFolder(folder())
    const planned = JSON.parse((await demo.run("operate", create, "--dry-run")).stdout)
    expect(planned).toMatchObject({ dryRun: true, alreadyDone: false, approval: { kind: "calendar.create", recipients: ["ada@example.com"] } })
    expect(planned.changes).toContainEqual({ field: "title", after: "Review" })
    expect(JSON.parse((await demo.run("operate", read)).stdout).totalCount).toBe(0)

    const refused = await demo.run("operate", create)
    expect(refused).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining("was not approved") })

    const written = JSON.parse((await demo.run("operate", create, "--yes")).stdout)
    expect(written).toMatchObject({ dryRun: false, differences: [], event: { title: "Review" } })
    expect(JSON.parse((await demo.run("operate", create, "--yes")).stdout).receiptId).toBe(written.receiptId)
    expect(JSON.parse((await demo.run("operate", read)).stdout).totalCount).toBe(1)

    const taken = await demo.run("operate", operation({ action: "create", event: { ...meeting, title: "Other" } }), "--yes")
    expect(taken).toMatchObject({ code: 1, stderr: expect.stringContaining('its time is taken by "Review"') })

    const { stdout } = await demo.run("receipts", "undo", written.receiptId.slice(0, 8), "--by", "ada")
    expect(stdout).toContain("taken back")
    expect(JSON.parse((await demo.run("operate", read)).stdout).totalCount).toBe(0)
    expect(await demo.run("receipts", "undo", written.receiptId.slice(0, 8))).toMatchObject({ code: 1, stderr: expect.stringContaining("taken back already") })
  })

  it.for([
    ["no JSON", "calendar_read", "it is not JSON"],
    ["an unknown operation", operation({}, "mail_send"), "calendar_read"],
    ["a misspelt field", operation({ startdate: "2031-03-03" }, "calendar_read"), "startdate"],
    ["an inverted range", operation({ startDate: "2031-03-03", endDate: "2031-03-02" }, "calendar_read"), "endDate"],
    ["an unknown zone", operation({ startDate: "2031-03-03", zone: "Mars/Base" }, "calendar_read"), "IANA"]
  ] as const)("refuses %s, with exit code 2", async ([, given, part], { expect }) => {
    const { code, stderr } = await inFolder(folder()).run("operate", given)
    expect(code).toBe(2)
    expect(stderr).toContain(part)
  })

  it.for([
    ["a meeting in the past", operation({ action: "create", event: { ...meeting, start: { dateTime: "2020-01-01T10:00:00", zone: "UTC" }, end: { dateTime: "2020-01-01T11:00:00", zone: "UTC" } } }), "allowPast"],
    ["an unknown zone of an event", operation({ action: "create", event: { ...meeting, start: { ...meeting.start, zone: "Mars/Base" } } }), "Mars/Base"],
    ["an event that is not there", operation({ action: "delete", eventId: "nothing", version: "1" }), "nothing"]
  ] as const)("fails for %s, with exit code 1 and nothing written", async ([, given, part], { expect }) => {
    const demo = inFolder(folder())
    const { code, stderr, stdout } = await demo.run("operate", given, "--yes")
    expect([code, stdout]).toEqual([1, ""])
    expect(stderr).toContain(part)
    expect((await demo.run("receipts", "list")).stdout).not.toContain("  done  ")
  })

  it("a calendar that cannot be reached is a failure that says so, and shows no password", async ({ expect }) => {
    const cwd = folder()
    const child = spawn(process.execPath, [cli.main, "operate", read, "--calendar", "caldav:http://127.0.0.1:1/"], {
      cwd,
      env: { ...process.env, ARIA_CALDAV_USERNAME: "ada", ARIA_CALDAV_PASSWORD: "swordfish" }
    })
    let text = ""
    child.stderr.on("data", (chunk) => (text += String(chunk)))
    child.stdout.on("data", (chunk) => (text += String(chunk)))
    const code = await new Promise((resolve) => child.on("close", resolve))
    expect(code).toBe(1)
    expect(text).toMatch(/127\.0\.0\.1:1/)
    expect(text).not.toContain("swordfish")
  })
})

describe.concurrent("the audit log", { timeout: 90_000 }, () => {
  it("shows what was changed behind its back, and what was cut off", async ({ expect }) => {
    const cwd = folder()
    const demo = inFolder(cwd)
    await demo.run("operate", create, "--yes")
    const { stdout } = await demo.run("audit", "verify")
    const head = /Head (\S+)/.exec(stdout)?.[1] ?? ""
    expect((await demo.run("audit", "verify", "--expect", head)).code).toBe(0)

    const db = new DatabaseSync(join(cwd, ".aria/demo.db"))
    const triggers = db.prepare("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'aria_%'").all()
    for (const { name } of triggers) db.exec(`DROP TRIGGER "${String(name)}"`)
    const table = db.prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'aria_audit%' AND sql LIKE '%line%'").get()
    db.exec(`UPDATE "${String(table?.["name"])}" SET line = replace(line, 'calendar.create', 'calendar.remove') WHERE seq = 1`)
    db.close()
    const broken = await demo.run("audit", "verify")
    expect(broken).toMatchObject({ code: 1, stderr: expect.stringContaining("does not hold at entry 1") })
  })
})

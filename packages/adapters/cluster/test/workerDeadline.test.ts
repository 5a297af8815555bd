import { Cluster, Runs } from "@aria/adapter-cluster"
import { Orchestrator, Run } from "@aria/orchestrator-core"
import { SqliteClient } from "@aria/sqlite"
import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { chain, plans, saidIn, Stay } from "./workerPlan.ts"
import { folder, until } from "./workerProcess.ts"

const worker = Cluster.layer({ plans, pollInterval: 20 }).pipe(Layer.provideMerge(Layer.merge(Stay.layer, SqliteClient.layer({ filename: ":memory:" }))))

it.live("a run whose time was over has all of it again when it is resumed or forked", () =>
  Effect.gen(function* () {
    const path = yield* folder
    const runs = yield* Runs.Runs
    const stopped = yield* Orchestrator.run(chain, { folder: path, millis: 60_000 }).pipe(Run.configure({ id: "late", timeout: 500 }))
    expect(stopped.results.map(({ _tag }) => _tag)).toEqual(["timedOut", "skipped", "skipped", "skipped"])
    writeFileSync(join(path, "go"), "")
    // Longer than the run may take: what is left of its time is less than nothing.
    yield* Effect.sleep(600)
    yield* runs.resume("late")
    expect((yield* runs.wait("late")).allSucceeded).toBe(true)
    const fork = yield* runs.fork("late", { input: { folder: path, millis: 1 } })
    expect((yield* runs.wait(fork)).allSucceeded).toBe(true)
    yield* until(Effect.sync(() => saidIn(path)), (said) => said.filter(({ what }) => what === "ends").length === 8)
  }).pipe(Effect.provide(worker), Effect.scoped)
)

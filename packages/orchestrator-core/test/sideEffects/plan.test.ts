import { Agent, Approval, AuditLog, Orchestrator, Plan, ReceiptStore, Run, SideEffect, Task } from "@aria/orchestrator-core"
import { expect, it } from "@effect/vitest"
import { Effect, Layer, Schema } from "effect"

/** A writer of notes, and the place that they end up in. */
const makeWriter = () => {
  const notes: Array<string> = []
  const write = SideEffect.make("notes.write", {
    input: Schema.String,
    success: Schema.Natural,
    summary: (note) => `Write "${note}"`,
    call: (note) => Effect.sync(() => notes.push(note))
  })
  const Writer = Agent.make("Writer", {
    description: "Writes a note",
    payload: Schema.Struct({ note: Schema.String, key: Schema.String, once: Schema.optional(Schema.Literals(["task", "user", "global"])) }),
    success: Schema.Natural,
    error: SideEffect.Failure,
    dependencies: [Approval.Approval, ReceiptStore.ReceiptStore]
  })
  const layer = Writer.toLayer(({ key, note, once }) => write.perform({ key, input: note, once }))
  return { notes, Writer, layer }
}

/** Counts who is asked, and says no. */
const asked: (heard: Array<string>) => Layer.Layer<Approval.Approval> = (heard) =>
  Layer.succeed(Approval.Approval)({
    decide: ({ summary }) =>
      Effect.sync(() => (heard.push(summary), { _tag: "denied", by: "eve", reason: "denied", message: "no" } as const))
  })

it.effect("a plan is rehearsed, its actions are approved as one batch, and the run asks for nothing else", () =>
  Effect.gen(function* () {
    const { layer, notes, Writer } = makeWriter()
    const heard: Array<string> = []
    const names = ["one", "two", "three"]
    const plan = (items: ReadonlyArray<string>) =>
      Plan.make("writing", [
        Task.forEach("write", Writer, { items: () => items.map((note) => ({ note, key: note })), key: ({ note }) => note })
      ])
    yield* Effect.gen(function* () {
      const { requests, result } = yield* SideEffect.rehearse(Orchestrator.run(plan(names)))
      expect(requests.map(({ summary }) => summary).sort()).toStrictEqual(['Write "one"', 'Write "three"', 'Write "two"'])
      expect(result._tag === "Success" && result.success.results.every(({ _tag }) => _tag !== "succeeded")).toBe(true)
      expect([notes, heard]).toStrictEqual([[], []])

      const granted = Layer.provide(Approval.layerGranted({ requests, by: "ada" }), asked(heard))
      const ran = yield* Orchestrator.run(plan([...names, "four"])).pipe(Effect.provide(granted))
      expect(notes.toSorted()).toStrictEqual(["one", "three", "two"])
      expect(heard).toStrictEqual(['Write "four"'])
      expect(ran.results.filter(({ _tag }) => _tag === "failed").map(({ taskId }) => taskId)).toContain("write/four")
    }).pipe(
      SideEffect.allow(["notes.*"]),
      Effect.provide(Layer.mergeAll(layer, asked(heard), ReceiptStore.layerMemory, Orchestrator.layer))
    )
  })
)

it.effect("two runs that want one action of a user at the same time do it once; each task has its own by default", () =>
  Effect.gen(function* () {
    const { layer, notes, Writer } = makeWriter()
    const run = (once: "task" | "user") =>
      Orchestrator.run(Plan.make("one", [Task.make("write", Writer, { payload: { note: once, key: "note", once } })])).pipe(
        Run.configure({ userId: "ada" }),
        Effect.flatMap(({ outputs }) => outputs)
      )
    yield* Effect.gen(function* () {
      const [first, second] = yield* Effect.all([run("user"), run("user")], { concurrency: 2 })
      expect(second).toStrictEqual(first)
      expect(notes).toStrictEqual(["user"])
      yield* Effect.all([run("task"), run("task")], { concurrency: 2 })
      expect(notes).toStrictEqual(["user", "task", "task"])
      const head = yield* AuditLog.verify((yield* ReceiptStore.ReceiptStore).audit)
      expect(head.seq).toBe(6)
    }).pipe(
      SideEffect.allow(["notes.write"]),
      Effect.provide(Layer.mergeAll(layer, Approval.layerApproveAll("ada"), ReceiptStore.layerMemory, Orchestrator.layer))
    )
  })
)

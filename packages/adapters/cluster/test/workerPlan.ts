import { Agent, Plan, Run, Task } from "@aria/orchestrator-core"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { appendFileSync, existsSync, readFileSync } from "node:fs"
import { join } from "node:path"

/** Says in a file when it begins and when it has ended, and stays in between until it may go or its time is over. */
export class Stay extends Agent.make("Stay", {
  description: "Stays for a while",
  payload: { folder: Schema.String, millis: Schema.Finite },
  success: Schema.String
}) {
  static readonly layer = this.toLayer(({ folder, millis }) =>
    Effect.gen(function* () {
      const info = Option.getOrThrow(yield* Run.Current)
      const say = (what: string) =>
        Effect.sync(() =>
          appendFileSync(
            join(folder, "said"),
            `${JSON.stringify({ what, run: info.rootRunId, task: info.path.join("/"), worker: process.pid, at: Date.now() })}\n`
          )
        )
      const until = Date.now() + millis
      yield* say("begins")
      while (Date.now() < until && !existsSync(join(folder, "go"))) yield* Effect.sleep(10)
      yield* say("ends")
      return info.path.join("/")
    })
  )
}

export interface Said {
  readonly what: "begins" | "ends"
  readonly run: string
  readonly task: string
  readonly worker: number
  readonly at: number
}

export const saidIn = (folder: string): ReadonlyArray<Said> =>
  existsSync(join(folder, "said"))
    ? readFileSync(join(folder, "said"), "utf8")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line))
    : []

const input = Schema.Struct({ folder: Schema.String, millis: Schema.Finite })

/** One after the other. */
export const chain = Plan.make("chain", { version: "1", input }, (payload) => {
  const first = Task.make("first", Stay, { payload })
  const second = Task.make("second", Stay, { dependsOn: [first], payload: () => payload })
  const third = Task.make("third", Stay, { dependsOn: [second], payload: () => payload })
  const fourth = Task.make("fourth", Stay, { dependsOn: [third], payload: () => payload })
  return [fourth]
})

/** The same, as a part of another plan. */
export const nested = Plan.make("nested", { version: "1", input }, (payload) => [
  Task.plan("inner", chain, { input: () => payload })
])

export const single = Plan.make("single", { version: "1", input }, (payload) => [Task.make("only", Stay, { payload })])

export const plans = [chain, nested, single] as const

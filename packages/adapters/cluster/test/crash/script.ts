/** What a random run is made of: a list of tasks, and what the handler of each does. It depends on the seed alone. */
import * as Schema from "effect/Schema"
import { Random } from "./random.ts"

/** Something that a handler does; times in milliseconds. */
export const Op = Schema.Union([
  Schema.TaggedStruct("sleep", { millis: Schema.Natural }),
  Schema.TaggedStruct("nap", { name: Schema.String, millis: Schema.Natural }),
  Schema.TaggedStruct("step", { name: Schema.String, millis: Schema.Natural }),
  Schema.TaggedStruct("child", { name: Schema.String, millis: Schema.Natural, tokens: Schema.Natural }),
  Schema.TaggedStruct("ask", { name: Schema.String }),
  /** `before` and `after` are how long the outside world takes until it is done, and until it says so. */
  Schema.TaggedStruct("effect", { key: Schema.String, canLookUp: Schema.Boolean, before: Schema.Natural, after: Schema.Natural }),
  /** Without `settle` nothing is reported, with `null` the call fails as one that was never sent. */
  Schema.TaggedStruct("reserve", { tokens: Schema.Natural, settle: Schema.optionalKey(Schema.NullOr(Schema.Natural)), millis: Schema.Natural, region: Schema.Boolean }),
  Schema.TaggedStruct("charge", { tokens: Schema.Natural }),
  /** Fails in its first attempts. */
  Schema.TaggedStruct("fail", { times: Schema.Natural })
])
export type Op = typeof Op.Type

interface Common {
  readonly id: string
  readonly after: ReadonlyArray<string>
  readonly optional: ReadonlyArray<string>
  /** Runs where the sum of what it sees is even. */
  readonly when: boolean
}

export type TaskScript =
  | (Common & { readonly _tag: "make" | "iterate"; readonly ops: ReadonlyArray<Op>; readonly retries: number; readonly timeout: number | undefined; readonly rounds: number })
  | (Common & { readonly _tag: "forEach"; readonly ops: ReadonlyArray<ReadonlyArray<Op>>; readonly retries: number; readonly timeout: number | undefined })
  | (Common & { readonly _tag: "plan"; readonly seed: number })

const opsOf = (random: Random, place: string): ReadonlyArray<Op> => {
  const millis = () => (random.chance(0.3) ? 0 : random.between(1, 250))
  return Array.from({ length: random.between(1, 4) }, (_, index): Op => {
    const name = `${place}.${index}`
    switch (random.pick(["sleep", "nap", "step", "step", "child", "child", "ask", "effect", "effect", "reserve", "reserve", "reserve", "charge", "fail"] as const)) {
      case "sleep":
        return { _tag: "sleep", millis: millis() }
      case "nap":
        return { _tag: "nap", name, millis: random.between(1, 400) }
      case "step":
        return { _tag: "step", name, millis: millis() }
      case "child":
        return { _tag: "child", name, millis: millis(), tokens: random.chance(0.5) ? random.between(1, 40) : 0 }
      case "ask":
        return random.chance(0.5) ? { _tag: "ask", name } : { _tag: "step", name, millis: millis() }
      case "effect":
        return { _tag: "effect", key: name, canLookUp: random.chance(0.8), before: random.between(0, 60), after: random.between(0, 250) }
      case "reserve": {
        const tokens = random.between(10, 100)
        const how = random.pick(["settle", "settle", "nothing", "unsent"] as const)
        return {
          _tag: "reserve",
          tokens,
          millis: millis(),
          region: random.chance(0.2),
          ...(how === "settle" ? { settle: random.between(0, tokens) } : how === "unsent" ? { settle: null } : {})
        }
      }
      case "charge":
        return { _tag: "charge", tokens: random.between(1, 20) }
      case "fail":
        return random.chance(0.25) ? { _tag: "fail", times: random.between(1, 2) } : { _tag: "sleep", millis: millis() }
    }
  })
}

/** Chains, fan-outs, plans in plans, repetitions and conditions; ids begin with `prefix`. */
export const scriptOf = (seed: number, isNested = false): ReadonlyArray<TaskScript> => {
  const random = new Random(seed)
  const prefix = isNested ? `n${seed % 1000}` : "t"
  const count = isNested ? random.between(1, 3) : random.between(4, 8)
  const ids: Array<string> = []
  const tasks: Array<TaskScript> = []
  for (let index = 0; index < count; index++) {
    const id = `${prefix}${index}`
    const after = ids.filter(() => random.chance(0.35))
    const optional = after.filter(() => random.chance(0.6))
    const common: Common = { id, after, optional, when: after.length > 0 && random.chance(0.2) }
    const retries = random.between(0, 2)
    const timeout = random.chance(0.06) ? random.between(30, 400) : undefined
    const kind = random.pick(isNested ? (["make", "make", "forEach"] as const) : (["make", "make", "make", "forEach", "iterate", "plan"] as const))
    switch (kind) {
      case "make":
        tasks.push({ ...common, _tag: kind, ops: opsOf(random, id), retries, timeout, rounds: 1 })
        break
      case "iterate":
        tasks.push({ ...common, _tag: kind, ops: opsOf(random, id).filter(({ _tag }) => _tag !== "fail"), retries, timeout, rounds: random.between(1, 3) })
        break
      case "forEach":
        tasks.push({ ...common, _tag: kind, ops: Array.from({ length: random.between(0, 4) }, (_, item) => opsOf(random, `${id}-${item}`)), retries, timeout })
        break
      case "plan":
        tasks.push({ ...common, _tag: kind, seed: random.between(1, 1_000_000) })
        break
    }
    ids.push(id)
  }
  return tasks
}

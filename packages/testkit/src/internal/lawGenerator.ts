import type * as Budget from "@aria/orchestrator-core/Budget"
import { Random } from "./lawRandom.ts"
import type { ListenerSpec, Op, PlanSpec, PolicySpec, RunSpec, Scenario, Script, TaskSpec } from "./lawScenario.ts"

/** What a scenario is about: each flavour makes some things frequent, so that small scenarios meet them together. */
type Flavour = "mixed" | "order" | "nested" | "budget" | "queues" | "failures" | "stops"

class Generator {
  private readonly random: Random
  private readonly flavour: Flavour
  /** Whether instants rarely coincide, so that an order can be told from times alone. */
  private readonly apart: boolean
  private readonly honest: boolean
  private readonly scripts: Array<Script> = []
  private names = 0
  private reservations = 0
  /** How many ops may still be made: keeps nested scenarios small. */
  private fuel: number

  constructor(seed: number) {
    this.random = new Random(seed)
    this.flavour = this.random.weighted<Flavour>([
      [3, "mixed"],
      [3, "order"],
      [2, "nested"],
      [3, "budget"],
      [2, "queues"],
      [2, "failures"],
      [3, "stops"]
    ])
    this.apart = this.flavour === "queues" || this.random.chance(0.6)
    this.honest = this.random.chance(0.7)
    this.fuel = this.random.chance(0.1) ? 90 : 34
  }

  private ms(): number {
    return this.apart ? this.random.between(1, 60_000) / 16 : this.random.between(1, 6)
  }

  private maybe<A>(probability: number, make: () => A): A | undefined {
    return this.random.chance(probability) ? make() : undefined
  }

  private limits(): Budget.Limits {
    const { random } = this
    return random.weighted<Budget.Limits>([
      [4, { tokens: random.between(8, 60) }],
      [2, { calls: random.between(1, 6) }],
      [1, { usd: random.between(5, 40) / 1000 }],
      [1, { tokens: random.between(8, 60), calls: random.between(1, 8) }]
    ])
  }

  private reserve(depth: number): Op {
    const { random } = this
    const tokens = random.between(0, 14)
    const usd = random.between(0, 8) / 1000
    const calls = random.chance(0.2) ? 0 : 1
    const inputTokens = Math.floor(tokens / 3)
    const request = random.chance(0.5) ? { tokens, calls, usd } : { inputTokens, outputTokens: tokens - inputTokens, calls, usd }
    const over = this.honest ? 0 : random.between(0, 9)
    const spent = random.between(0, tokens) + over
    return {
      op: "reserve",
      id: this.reservations++,
      patient: random.chance(0.8),
      request,
      body: random.chance(0.15) ? this.ops(depth + 1, 2) : [{ op: "sleep", ms: this.ms() }],
      end: random.weighted<"settle" | "release" | "none">([
        [6, "settle"],
        [1, "release"],
        [1, "none"]
      ]),
      actual: { inputTokens: Math.floor(spent / 2), outputTokens: spent - Math.floor(spent / 2), calls, usd: random.between(0, Math.round(usd * 1000)) / 1000 }
    }
  }

  private op(depth: number): Op {
    const { flavour, random } = this
    this.fuel--
    const deep = depth < 3 && this.fuel > 4
    const about = flavour === "queues" ? "budget" : flavour
    const is = (name: Flavour, then: number, otherwise: number) => (about === name ? then : otherwise)
    type Kind = Op["op"]
    const kind = random.weighted<Kind>([
      [6, "sleep"],
      [1.5, "report"],
      [is("budget", 9, flavour === "stops" ? 3 : flavour === "order" ? 0 : 1.2), "reserve"],
      [this.honest ? 0 : is("budget", 0.6, 0.2), "charge"],
      [deep ? is("nested", 5, flavour === "order" ? 0.3 : 1) : 0, "child"],
      [deep && depth < 2 ? is("nested", 2.5, flavour === "order" ? 0 : 0.4) : 0, "run"],
      [deep ? is("budget", 1.2, 0.6) : 0, "par"],
      [0.7, "wait"],
      [deep ? is("budget", 2, 0.3) : 0, "region"],
      [deep ? 0.4 : 0, "step"],
      [deep ? is("stops", 2, 0.6) : 0, "guard"],
      [deep ? is("nested", 1.5, 0.4) : 0, "within"],
      [is("stops", 0.4, 0.1), "leak"],
      [is("failures", 2, flavour === "order" ? 0 : 0.4), "fail"],
      [is("failures", 0.7, flavour === "order" ? 0 : 0.1), "die"]
    ])
    switch (kind) {
      case "sleep":
        return { op: "sleep", ms: this.ms() }
      case "report":
        return { op: "report" }
      case "reserve":
        return this.reserve(depth)
      case "charge":
        return { op: "charge", usage: { outputTokens: random.between(0, 9), calls: random.between(0, 1) } }
      case "child":
        return { op: "child", script: this.script(depth + 1) }
      case "run":
        return { op: "run", plan: this.plan(depth + 1) }
      case "par":
        return { op: "par", branches: [this.ops(depth + 1, 2), this.ops(depth + 1, 2)] }
      case "wait":
        return { op: "wait", ms: this.ms() }
      case "region":
        return { op: "region", limits: this.limits(), body: this.ops(depth + 1, 3), caught: random.chance(0.6) }
      case "step":
        return { op: "step", name: `step${this.names++}`, body: [{ op: "sleep", ms: this.ms() }] }
      case "guard":
        return { op: "guard", cleanup: random.chance(0.5) ? 0 : this.ms(), body: this.ops(depth + 1, 2) }
      case "within":
        return { op: "within", ms: this.ms(), body: this.ops(depth + 1, 2) }
      case "leak":
        return { op: "leak", ms: this.ms() }
      case "fail":
        return { op: "fail" }
      case "die":
        return { op: "die" }
    }
  }

  private ops(depth: number, most: number): ReadonlyArray<Op> {
    return Array.from({ length: this.random.between(1, most) }, () => this.op(depth))
  }

  private script(depth: number): number {
    const attempts = [this.ops(depth, depth === 0 ? 4 : 2)]
    if (this.random.chance(this.flavour === "failures" ? 0.6 : 0.15)) {
      attempts[0] = [...attempts[0]!, { op: "fail" }]
      attempts.push([{ op: "sleep", ms: this.ms() }])
    }
    return this.scripts.push({ attempts }) - 1
  }

  private policy(): PolicySpec {
    const { flavour, random } = this
    return random.weighted<PolicySpec>([
      [8, { kind: "none" }],
      [flavour === "failures" ? 8 : 1.5, { kind: "retry", times: random.between(1, 2), delay: random.chance(0.5) ? 0 : this.ms() }],
      [flavour === "failures" ? 2 : 0.4, { kind: "fallback" }],
      [flavour === "budget" || flavour === "queues" ? 3 : 0.3, { kind: "limit", limits: this.limits() }],
      [0.6, { kind: "patience", ms: this.ms() }],
      [0.4, { kind: "twice" }]
    ])
  }

  private task(index: number, earlier: ReadonlyArray<TaskSpec>, depth: number): TaskSpec {
    const { flavour, random } = this
    const dependsOn = earlier
      .filter(() => random.chance(flavour === "order" ? 0.15 : 0.28))
      .map(({ id }) => ({ id, optional: random.chance(0.35) }))
    if (random.chance(0.2)) dependsOn.reverse()
    const kind = random.weighted<TaskSpec["kind"]>([
      [10, "agent"],
      [2, "forEach"],
      [1, "iterate"],
      [depth < 2 && this.fuel > 8 ? (flavour === "nested" ? 3 : 0.8) : 0, "plan"]
    ])
    const many = kind === "forEach" ? random.between(0, 3) : kind === "iterate" ? random.between(1, 3) : kind === "agent" ? 1 : 0
    return {
      id: `t${index}`,
      kind,
      dependsOn,
      when: this.maybe(flavour === "order" ? 0 : 0.15, () => random.weighted<boolean | "throws">([[3, false], [3, true], [1, "throws"]])),
      timeout: this.maybe(flavour === "stops" ? 0.25 : 0.08, () => this.ms() * 3),
      priority: this.maybe(flavour === "order" ? 0.3 : 0.05, () => random.between(-1, 2)),
      policy: kind === "plan" ? { kind: "none" } : this.policy(),
      scripts: Array.from({ length: many }, () => this.script(depth)),
      invalid: kind !== "plan" && random.chance(0.05),
      plan: kind === "plan" ? this.plan(depth + 1) : undefined
    }
  }

  private plan(depth: number): PlanSpec {
    const { flavour, random } = this
    const count = depth > 0 ? random.between(1, 3) : flavour === "order" ? random.between(3, 9) : random.between(1, 6)
    const tasks: Array<TaskSpec> = []
    const name = `plan${this.names++}`
    for (let index = 0; index < count; index++) tasks.push(this.task(index, tasks, depth))
    // Whatever nothing depends on is a goal, and now and then something in the middle as well.
    const used = new Set(tasks.flatMap(({ dependsOn }) => dependsOn.map(({ id }) => id)))
    const goals = tasks.filter(({ id }) => !used.has(id) || random.chance(0.15)).map(({ id }) => id)
    if (random.chance(0.3)) goals.reverse()
    return { name, tasks, goals, onFailure: random.chance(flavour === "failures" || flavour === "stops" ? 0.35 : 0.1) ? "stop" : "continue" }
  }

  private run(index: number): RunSpec {
    const { flavour, random } = this
    const stops = flavour === "stops" ? 0.7 : 0.08
    return {
      plan: this.plan(0),
      user: random.pick(["ada", "bob"]),
      priority: flavour === "order" && random.chance(0.3) ? random.between(0, 2) : 0,
      concurrency: this.maybe(flavour === "queues" ? 0 : 0.15, () => random.between(1, 3)),
      timeout: this.maybe(flavour === "stops" ? 0.2 : 0.04, () => this.ms() * 4),
      startAt: index === 0 ? 0 : random.chance(0.5) ? 0 : this.ms(),
      mode: random.chance(0.6) ? "run" : "start",
      regions: flavour === "budget" || flavour === "queues" || random.chance(0.1) ? Array.from({ length: random.between(0, 2) }, () => this.limits()) : [],
      stopAt: this.maybe(stops, () => (random.chance(0.1) ? 0 : this.ms() * 2)),
      listeners: random.chance(0.25) ? [random.pick<ListenerSpec>(["throws", "slow", "fails", "rejects", "small", "small", "block", "block"])] : []
    }
  }

  scenario(seed: number): Scenario {
    const { flavour, random } = this
    const rare = (make: () => Budget.Limits) => (random.chance(flavour === "budget" || flavour === "queues" ? 0.3 : 0.03) ? make() : undefined)
    // Where queues of ledgers are looked at, permits must not be what is waited for.
    const capped = flavour === "queues" ? 0 : 1
    const options = {
      concurrency: capped === 0 ? 60 : random.weighted([
        [3, 1],
        [3, 2],
        [2, 3],
        [2, 6]
      ]),
      userConcurrency: this.maybe(0.12 * capped, () => random.between(1, 3)),
      runConcurrency: this.maybe(0.08 * capped, () => random.between(1, 3)),
      limits: rare(() => this.limits()),
      userLimits: rare(() => this.limits()),
      runLimits: rare(() => this.limits()),
      runTimeout: this.maybe(0.03, () => this.ms() * 6)
    }
    const count = random.weighted([
      [6, 1],
      [3, 2],
      [flavour === "order" || flavour === "queues" ? 4 : 1, 3]
    ])
    const runs = Array.from({ length: count }, (_, index) => this.run(index))
    const invalidOptions = { name: random.pick(["concurrency", "userConcurrency", "runConcurrency"]), value: random.pick([0, -1, 1.5, Number.NaN, Infinity]) }
    return { seed, options, runs, scripts: this.scripts, honest: this.honest, invalidOptions }
  }
}

/** The scenario of a seed. */
export const generate = (seed: number): Scenario => new Generator(seed).scenario(seed)

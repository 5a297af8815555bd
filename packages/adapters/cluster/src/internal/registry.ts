import type * as Plan from "@aria/orchestrator-core/Plan"
import * as RunResult from "@aria/orchestrator-core/RunResult"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { PlanNotRegisteredError } from "../ClusterError.ts"

/** A plan and what its handlers work with: all that is needed to go on with a run of it. */
export interface Registered {
  readonly plan: Plan.Any
  readonly services: Context.Context<never>
}

export class Registry {
  private readonly plans = new Map<string, Registered>()

  add(plan: Plan.Any, services: Context.Context<never>): void {
    this.plans.set(keyOf(plan.name, plan.version), { plan, services })
  }

  find(name: string, version: string): Registered | undefined {
    return this.plans.get(keyOf(name, version))
  }

  get(plan: { readonly name: string; readonly version: string }): Effect.Effect<Registered, PlanNotRegisteredError> {
    const found = this.find(plan.name, plan.version)
    return found === undefined
      ? Effect.fail(new PlanNotRegisteredError({ plan: plan.name, version: plan.version, registered: this.names }))
      : Effect.succeed(found)
  }

  get names(): ReadonlyArray<string> {
    return Array.from(this.plans.values(), ({ plan }) => planName(plan))
  }

  get keys(): ReadonlyArray<{ readonly plan: string; readonly version: string }> {
    return Array.from(this.plans.values(), ({ plan }) => ({ plan: plan.name, version: plan.version }))
  }
}

/** What people read of a plan. */
export const planName = ({ name, version }: { readonly name: string; readonly version: string }): string => `${name} ${version}`

const keyOf = (name: string, version: string): string => JSON.stringify([name, version])

const inputs = new WeakMap<Plan.Any, Schema.Codec<any, string>>()
const results = new WeakMap<Plan.Any, Schema.Codec<RunResult.RunResult<any, any>, string>>()

/** The input of a plan as text; `null` where it takes none. */
export const inputCodec = (plan: Plan.Any): Schema.Codec<any, string> => {
  let codec = inputs.get(plan)
  if (codec === undefined) {
    const schema: Schema.Codec<any, any> = plan.inputSchema === undefined ? Schema.Null : (plan.inputSchema as any)
    codec = Schema.fromJsonString(Schema.toCodecJson(schema)) as Schema.Codec<any, string>
    inputs.set(plan, codec)
  }
  return codec
}

/** The result of a plan as text. Made once for each plan, as that of its input: a run costs less than to make one. */
export const resultCodec = (plan: Plan.Any): Schema.Codec<RunResult.RunResult<any, any>, string> => {
  let codec = results.get(plan)
  if (codec === undefined) {
    codec = Schema.fromJsonString(RunResult.schemaFor(plan as any)) as Schema.Codec<any, string>
    results.set(plan, codec)
  }
  return codec
}

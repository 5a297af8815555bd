import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as References from "effect/References"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import * as Tracer from "effect/Tracer"
import type * as Agent from "../Agent.ts"
import { Current as BudgetCurrent } from "./budgetNode.ts"
import { Hooks } from "./hooks.ts"
import { ListenersRef } from "./listener.ts"
import { RunInfoRef, RunOptionsRef } from "./runInfo.ts"
import { JournalRef } from "./journal.ts"
import { PlaceRef } from "./unitKey.ts"
import { AllowedRef, RehearsalRef } from "./sideEffectRegion.ts"

/** A payload in, a success or an error out; what an agent's layer registers. */
export type Handle = (payload: any) => Effect.Effect<any, any, any>

/** A handler with the definition it was made for. */
export interface Registered {
  readonly definition: Agent.Any
  readonly handle: Handle
}

const keys = new Map<string, Context.Key<any, Registered>>()

export const handlerKey = (tag: string): Context.Key<any, Registered> => {
  let key = keys.get(tag)
  if (key === undefined) {
    key = Context.Service<any, Registered>(`@aria/orchestrator-core/Agent/Handler/${tag}`)
    keys.set(tag, key)
  }
  return key
}

/** Where a piece of work stands and not what it works with: this always comes from the caller, never from a layer. */
const fromCaller: ReadonlyArray<string> = [
  BudgetCurrent,
  ListenersRef,
  RunInfoRef,
  RunOptionsRef,
  JournalRef,
  PlaceRef,
  Hooks,
  AllowedRef,
  RehearsalRef,
  Scope.Scope,
  Tracer.ParentSpan,
  References.CurrentLogAnnotations,
  References.CurrentLogSpans,
  References.CurrentStackFrame,
  References.TracerSpanAnnotations,
  References.TracerSpanLinks
].map(({ key }) => key)

/** What a layer captured, without what must come from the caller. */
export const captured = (context: Context.Context<never>, dependencies: ReadonlyArray<Context.Key<any, any>>): ReadonlyArray<Captured> => {
  const services = new Map(context.mapUnsafe)
  for (const key of fromCaller) services.delete(key)
  for (const { key } of dependencies) services.delete(key)
  return Array.from(services, ([key, value]) => ({ key: Context.Service<any, unknown>(key), value }))
}
interface Captured {
  readonly key: Context.Key<any, unknown>
  readonly value: unknown
}

/** What a handler is given by a caller who gave nothing: it cannot give itself anything either. */
const nothing: ReadonlyArray<ReadonlyArray<string>> = [[]]

/** The services of a layer over those of the caller; mostly it was built in the same ones, and nothing differs. */
export const withCaptured = (services: ReadonlyArray<Captured>) => (caller: Context.Context<never>): Context.Context<never> => {
  let merged = Context.get(caller, AllowedRef).length === 0 ? Context.add(caller, AllowedRef, nothing) : caller
  for (const { key, value } of services) {
    if (Context.getOrUndefined(caller, key) !== value) merged = Context.add(merged, key, value)
  }
  return merged
}

const identity = (agent: Agent.Any): unknown => (agent as any)["~identity"]

/** The handler of an agent, checked to be the one of this definition. A missing one cannot be, the types see to that. */
export const lookup = (context: Context.Context<never>, agent: Agent.Any): Handle => {
  const registered = Context.getOrUndefined(context, handlerKey(agent._tag))
  if (registered === undefined) {
    throw new Error(`No layer for the agent "${agent._tag}" was provided; provide its layer to the effect that runs it`)
  }
  const { definition } = registered
  if (identity(definition) !== identity(agent)) {
    throw new Error(
      `Two different agents have the tag "${agent._tag}": the layer is of "${definition.description}" (version ${definition.version}), ` +
        `the call is of "${agent.description}" (version ${agent.version}); give one of them a scoped tag such as "acme/${agent._tag}"`
    )
  }
  return registered.handle
}

/** As the caller writes a payload: constructor defaults apply, unknown fields are refused. */
export const makeOptions: Schema.MakeOptions = { parseOptions: { onExcessProperty: "error", errors: "all", reportInput: true } }

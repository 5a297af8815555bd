import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as References from "effect/References"
import * as Tracer from "effect/Tracer"
import type * as Agent from "../Agent.ts"
import type * as Run from "../Run.ts"
import { agentAttributes, errorTypeOf, usageAttributes } from "./attributes.ts"
import * as budgetNode from "./budgetNode.ts"
import type { Emitter } from "./emitter.ts"
import * as handler from "./handler.ts"
import { Hooks } from "./hooks.ts"
import { Ledger } from "./ledger.ts"
import type { Listener } from "./listener.ts"
import { calling, type RunInfo, RunInfoRef, RunOptionsRef } from "./runInfo.ts"
import { type Claim, Slot } from "./slot.ts"
import { storedCall } from "./storedCall.ts"
import { agentName, type TaskState } from "./taskState.ts"

/** The hooks of one task; with a slot they are those of a call, which has a permit to give back. */
export type HooksFor = (state: TaskState, slot: Slot | undefined) => Hooks

export const hooks = (
  emitter: Emitter,
  run: RunInfo,
  claim: Claim,
  room: Effect.Effect<void> | undefined
): HooksFor => {
  const of: HooksFor = (state, slot) => {
    const suspend = <A, E, R>(reason: string, effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
      Effect.suspend(() => {
        if (state.outcome !== undefined) return effect
        emitter.waiting(state, reason)
        if (slot !== undefined) return slot.suspend(effect)
        // A policy that waits before its first call has a permit that the call has not taken over yet.
        returnPermit(claim, state)
        return effect
      })
    return {
      suspend,
      around: (agent, payload, call) => suspend("child", storedCall(agent, payload, childCall(run, claim, state, agent, call, (own) => of(state, own)))),
      report: (update) =>
        Effect.suspend(() => {
          // A fiber that outlives its task has nothing to tell any more.
          if (state.outcome !== undefined) return Effect.void
          emitter.update(state, update)
          return room ?? Effect.void
        })
    }
  }
  return of
}

/** Gives back the permit that a task was started with, where no call has taken it over. */
export const returnPermit = (claim: Claim, state: TaskState): void => {
  if (!state.permit) return
  state.permit = false
  claim.lane.release()
}

/** Waits for the listeners that asked to slow the run, where there are any. */
export const roomFor = (listeners: ReadonlyArray<Listener>): Effect.Effect<void> | undefined => {
  const rooms = listeners.flatMap(({ room }) => (room === undefined ? [] : [room]))
  return rooms.length === 0 ? undefined : Effect.all(rooms, { discard: true })
}

const withKeys = (
  context: Context.Context<never>,
  keys: { readonly node: budgetNode.BudgetNode; readonly info: Run.Info; readonly hooks: Hooks }
): Context.Context<never> =>
  Context.add(
    Context.add(Context.add(context, budgetNode.Current, keys.node), RunInfoRef, Option.some(keys.info)),
    Hooks,
    keys.hooks
  )

/** The whole of a task, policy and attempts included: its span, its ledger, where its logs say they come from. */
export const inTask = (
  run: RunInfo,
  priority: number,
  state: TaskState,
  hooksFor: HooksFor,
  effect: Effect.Effect<unknown, unknown, any>
): Effect.Effect<unknown, unknown, any> => {
  const agent = agentName(state.task)
  const info: Run.Info = {
    ...run,
    path: [...run.path, state.id],
    taskId: state.id,
    agent,
    // A plan is no agent: the tasks of a nested run are called by whoever called the run around it.
    agents: state.task["~body"]._tag === "plan" ? run.agents : [...run.agents, agent],
    attempt: 0
  }
  return Effect.useSpan(`invoke_agent ${agent}`, { kind: "internal", attributes: agentAttributes(agent, run.runId, state.id) }, (span) =>
    Effect.onExit(
      Effect.updateContext(effect, (context: Context.Context<never>) => {
        const annotations = {
          ...Context.get(context, References.CurrentLogAnnotations),
          runId: run.runId,
          taskId: state.id,
          agent,
          userId: run.userId
        }
        const placed = withKeys(context, { node: state.node!, info, hooks: hooksFor(state, undefined) })
        return Context.add(
          Context.add(Context.add(placed, References.CurrentLogAnnotations, annotations), Tracer.ParentSpan, span),
          RunOptionsRef,
          { userId: run.userId, tags: run.tags, priority }
        )
      }),
      (exit) => {
        usageAttributes(span, state.node!.ledger.usage)
        if (exit._tag === "Failure") span.attribute("error.type", endedBy(state) ?? errorTypeOf(exit.cause))
        return Effect.void
      }
    )
  )
}

/** What the engine ended a task for; its fiber knows no more than that it was interrupted. */
const endedBy = (state: TaskState): string | undefined => (state.refused !== undefined ? state.refused._tag : state.isTimedOut ? "timeout" : undefined)

/** One evaluation of an agent's call: a permit, a ledger, a scope, and the handler. */
export const attempt = (
  claim: Claim,
  emitter: Emitter,
  state: TaskState,
  agent: Agent.Any,
  payload: unknown,
  hooksFor: HooksFor,
  room: Effect.Effect<void> | undefined
): Effect.Effect<any, any, any> =>
  Effect.contextWith((context: Context.Context<never>) => {
    const number = ++state.attempts
    const held = state.permit
    state.permit = false
    const slot = new Slot(claim, held)
    const parent = Context.get(context, budgetNode.Current)
    const node = budgetNode.child(parent, new Ledger("call", state.id))
    const info: Run.Info = { ...Option.getOrThrow(Context.get(context, RunInfoRef)), attempt: number }
    const own = hooksFor(state, slot)
    if (number === 1) emitter.running(state, 1)
    else emitter.retrying(state, number)
    const handle = handler.lookup(context, agent)
    const handled = Effect.updateContext(Effect.scoped(handle(payload)) as Effect.Effect<any, any>, (inner: Context.Context<never>) => withKeys(inner, { node, info, hooks: own }))
    const call = room === undefined ? handled : Effect.andThen(room, handled)
    state.slots.add(slot)
    return Effect.onExit(held ? call : Effect.andThen(slot.acquire(true), unlessClosed(node, call)), () =>
      Effect.sync(() => {
        node.closed = true
        state.slots.delete(slot)
        slot.close()
      })
    )
  })

/** Whoever was stopped while in line for a permit does not start when it is granted in the same instant. */
const unlessClosed = (node: budgetNode.BudgetNode, call: Effect.Effect<any, any, any>): Effect.Effect<any, any, any> =>
  Effect.suspend(() => (budgetNode.isClosed(node) ? Effect.interrupt : call))

/** A call of another agent inside a handler: it takes a permit of its own, while the caller waits without one. */
const childCall = (
  run: RunInfo,
  claim: Claim,
  state: TaskState,
  agent: Agent.Any,
  call: Effect.Effect<any, any, any>,
  hooksOf: (slot: Slot) => Hooks
): Effect.Effect<any, any, any> =>
  Effect.suspend(() => {
    // In a task the same agent may be called more than once.
    const attributes = agentAttributes(agent._tag, run.runId, `${state.id}/${agent._tag}#${++state.children}`)
    return Effect.useSpan(`invoke_agent ${agent._tag}`, { kind: "internal", attributes }, (span) =>
      Effect.contextWith((context: Context.Context<never>) => {
        const slot = new Slot(claim, false)
        const node = budgetNode.child(Context.get(context, budgetNode.Current), new Ledger("call", agent._tag))
        const annotations = { ...Context.get(context, References.CurrentLogAnnotations), agent: agent._tag }
        const info = calling(Option.getOrThrow(Context.get(context, RunInfoRef)), agent._tag)
        const placed = Effect.updateContext(call, (inner: Context.Context<never>) =>
          Context.add(
            Context.add(withKeys(inner, { node, info, hooks: hooksOf(slot) }), References.CurrentLogAnnotations, annotations),
            Tracer.ParentSpan,
            span
          )
        )
        state.slots.add(slot)
        return Effect.onExit(Effect.andThen(slot.acquire(false), unlessClosed(node, placed)), (exit) =>
          Effect.sync(() => {
            node.closed = true
            state.slots.delete(slot)
            slot.close()
            usageAttributes(span, node.ledger.usage)
            if (exit._tag === "Failure") span.attribute("error.type", endedBy(state) ?? errorTypeOf(exit.cause))
          })
        )
      })
    )
  })

import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Agent from "../Agent.ts"
import type { Journal, Unit } from "../Journal.ts"
import { issues } from "./issue.ts"
import { InvalidPayloadError } from "./invalidPayload.ts"
import { JournalRef } from "./journal.ts"
import { jsonCodec } from "./resultCodec.ts"
import { RunInfoRef } from "./runInfo.ts"
import * as storedText from "./storedText.ts"
import { hashOf, keyOf, keyWithin, type Place, PlaceRef } from "./unitKey.ts"

/** Runs a piece of work whose success or typed error is stored; what is stored already is read and not run. */
const through = (journal: Journal, unit: Omit<Unit, "fits">, subject: string, schema: Schema.Codec<any, any>, effect: Effect.Effect<any, any, any>): Effect.Effect<any, any, any> =>
  Effect.suspend(() => {
    const reader = new storedText.Reader(schema)
    let made: { readonly value: any } | undefined
    const run = Effect.flatMap(Effect.result(effect), (result) => {
      made = { value: result }
      return Effect.orDie(storedText.encode(subject, schema, result))
    })
    return Effect.flatMap(journal.unit({ ...unit, fits: reader.fits }, run), (text) => {
      const result = made === undefined ? reader.read(text) : Effect.succeed(made.value)
      return Effect.flatMap(result, (result: any) => (result._tag === "Success" ? Effect.succeed(result.success) : Effect.fail(result.failure)))
    })
  })

const resultOf = (success: Schema.Codec<any, any>, error: Schema.Codec<any, any> | undefined): Schema.Codec<any, any> =>
  Schema.toCodecJson(Schema.Result(success, error ?? Schema.Never)) as any

export const storedStep = <A, E, R>(
  name: string,
  schemas: { readonly success: Schema.Codec<A, any>; readonly error?: Schema.Codec<E, any> | undefined },
  effect: Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> =>
  Effect.contextWith((context: Context.Context<never>) => {
    const journal = Context.get(context, JournalRef)
    const place = Context.get(context, PlaceRef)
    if (journal === undefined) return effect
    const key = keyWithin(place?.key ?? keyOfTask(context), "step", name)
    const unit = { key, kind: "step", hash: undefined, isAwaited: true } as const
    return through(journal, unit, `The result of the step "${name}"`, resultOf(schemas.success, schemas.error), effect)
  })

/** Outside of a run a step is known by its name alone. */
const keyOfTask = (context: Context.Context<never>): string => {
  const info = Context.get(context, RunInfoRef)
  return info._tag === "None" ? "" : keyOf(info.value.path)
}

const callSchemas = new WeakMap<Agent.Any, Schema.Codec<any, any>>()

const callSchema = (agent: Agent.Any): Schema.Codec<any, any> => {
  let schema = callSchemas.get(agent)
  if (schema === undefined) {
    schema = resultOf(jsonCodec(agent.successSchema), jsonCodec(agent.errorSchema))
    callSchemas.set(agent, schema)
  }
  return schema
}

/**
 * A call of another agent inside a handler. It is told from others by agent and payload, and equal ones by their order, which
 * does not matter then. Another attempt of a policy makes its calls anew.
 */
export const storedCall = (agent: Agent.Any, payload: unknown, call: Effect.Effect<any, any, any>): Effect.Effect<any, any, any> =>
  Effect.contextWith((context: Context.Context<never>) => {
    const journal = Context.get(context, JournalRef)
    const place = Context.get(context, PlaceRef)
    const info = Context.get(context, RunInfoRef)
    if (journal === undefined || place === undefined || info._tag === "None") return call
    const { attempt } = info.value
    const encoded = Effect.mapError(
      storedText.encodeAny(jsonCodec(agent.payloadSchema), payload),
      ({ issue }) => new InvalidPayloadError({ agent: agent._tag, issues: issues(issue) })
    )
    return Effect.flatMap(encoded, (text) => {
      const hash = hashOf([agent._tag, agent.version, text])
      const same = `${attempt}/${agent._tag}/${hash.slice(0, 16)}`
      const count = (place.calls.get(same) ?? 0) + 1
      place.calls.set(same, count)
      const key = keyWithin(place.key, "call", String(attempt), agent._tag, hash.slice(0, 16), String(count))
      const inside: Place = { ...place, key, calls: new Map() }
      return through(journal, { key, kind: "call", hash, isAwaited: true }, `The result of the agent "${agent._tag}"`, callSchema(agent), Effect.provideService(call, PlaceRef, inside))
    })
  })

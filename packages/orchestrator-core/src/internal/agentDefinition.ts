import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import type * as Agent from "../Agent.ts"
import { captured, handlerKey, lookup, makeOptions, withCaptured } from "./handler.ts"
import { issues } from "./issue.ts"
import { Hooks } from "./hooks.ts"
import { InvalidPayloadError } from "./invalidPayload.ts"
import { refuseSecrets } from "./secretSchema.ts"

export const TypeId = "~@aria/orchestrator-core/Agent"

/** Fields become a struct. */
export const toSchema = (s: any) => (Schema.isSchema(s) ? s : Schema.Struct(s))

/** What is no effect would end the fiber without its finalizers. */
const effectOf = (tag: string, made: unknown): Effect.Effect<any, any, any> =>
  Effect.isEffect(made)
    ? (made as Effect.Effect<any, any, any>)
    : Effect.die(new TypeError(`the handler of "${tag}" gave ${made === null ? "null" : typeof made}; it gives an Effect`))

const Proto = {
  [TypeId]: TypeId,
  annotate(this: any, key: any, value: any) {
    // by name: in `class X extends Agent.make(...)` these are inherited, and a spread copies own fields only
    const { _tag, description, errorSchema, payloadSchema, successSchema, version, "~dependencies": dependencies, "~identity": identity } = this
    const annotations = Context.add(this.annotations, key, value)
    return make({ _tag, description, errorSchema, payloadSchema, successSchema, version, annotations, "~dependencies": dependencies, "~identity": identity })
  },
  run(this: Agent.Any, payload: any) {
    return Effect.contextWith((context: Context.Context<never>) => {
      const handle = lookup(context, this)
      const decoded = Effect.mapError(
        this.payloadSchema.makeEffect(payload, makeOptions),
        (issue) => new InvalidPayloadError({ agent: this._tag, issues: issues(issue) })
      )
      return Effect.flatMap(decoded, (valid) => Context.get(context, Hooks).around(this, valid, Effect.scoped(handle(valid))))
    })
  },
  of: (handler: any) => handler,
  toLayer(this: any, build: any) {
    return Layer.effect(
      handlerKey(this._tag),
      Effect.gen({ self: this }, function* () {
        // Both go into results and events, as JSON and in clear.
        const instead = "let the handler take it from a service or from Config"
        refuseSecrets(`The agent "${this._tag}": success`, this.successSchema, instead)
        refuseSecrets(`The agent "${this._tag}": error`, this.errorSchema, instead)
        const handler: any = Effect.isEffect(build) ? yield* build : build
        const context = yield* Effect.context<never>()
        const provide = withCaptured(captured(context, this["~dependencies"]))
        return { definition: this, handle: (payload: any) => Effect.updateContext(Effect.suspend(() => effectOf(this._tag, handler(payload))), provide as any) }
      }) as any
    )
  }
}
export const make = (definition: any): any => {
  function Agent() {}
  Object.setPrototypeOf(Agent, Proto)
  // Two definitions are two agents, even where their schemas are the same; one with a note on it is the same one.
  return Object.assign(Agent, { "~identity": {}, ...definition })
}

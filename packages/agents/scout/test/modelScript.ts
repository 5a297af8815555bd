import { Scout } from "@aria/agents-scout/Scout"
import type * as ModelReader from "@aria/agents-scout/ModelReader"
import * as SignalSource from "@aria/connectors/SignalSource"
import * as ScriptedModel from "@aria/testkit/ScriptedModel"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Schema from "effect/Schema"
import { LanguageModel } from "effect/ai"

/** News of the day before {@link now}, in a source called "Wire". */
export const news = (id: string, title: string, text = ""): SignalSource.SignalItem =>
  new SignalSource.SignalItem({
    id,
    source: "Wire",
    title,
    text,
    publishedAt: DateTime.makeUnsafe("2026-03-09T08:00:00Z")
  })
const now = DateTime.makeUnsafe("2026-03-10T12:00:00Z")
export const entities = ["Acme Corp", "Gamma"] as const
export const payload = { entities, now }

export interface Said {
  readonly ref: string
  readonly events?: Schema.Json
  readonly statements?: Schema.Json
}

/** The name that an item has in the call that asks about it. */
export type Ref = (item: SignalSource.SignalItem) => string

export const answer = (said: ReadonlyArray<Said>, options?: ScriptedModel.StepOptions): ScriptedModel.Step =>
  ScriptedModel.object(
    { items: said.map(({ events = [], ref, statements = [] }) => ({ ref, events, statements })) },
    options
  )

const sources = (items: ReadonlyArray<SignalSource.SignalItem>) =>
  SignalSource.layerOf([{ _tag: "read", source: "Wire", items, warnings: [] }])

interface Asked {
  readonly items: ReadonlyArray<{ readonly ref: string; readonly headline: string; readonly text: string }>
}

/** What the requests ask about. */
export const askedIn = (requests: ReadonlyArray<ScriptedModel.Request>): ReadonlyArray<Asked> =>
  requests.map(({ last }): Asked => JSON.parse(last))

/** Names depend on all items of a call: found by asking once without getting an answer. */
const refsOf = (items: ReadonlyArray<SignalSource.SignalItem>, options: ModelReader.Options | undefined) =>
  Effect.gen(function* () {
    const silent = Array.from({ length: items.length }, () => answer([]))
    const script = yield* ScriptedModel.make(silent, { allowUnused: true })
    const model = Layer.effect(LanguageModel.LanguageModel, LanguageModel.make(script.functions))
    yield* Scout.run(payload).pipe(Effect.provide(Layer.provide(Scout.layerModel(options), [model, sources(items)])))
    const asked = askedIn(yield* script.requests).flatMap((request) => request.items)
    const ref: Ref = ({ text, title }) => {
      const found = asked.find((one) => one.headline === title && text.startsWith(one.text))
      if (found === undefined) throw new Error(`Nothing is asked about "${title}"`)
      return found.ref
    }
    return ref
  }).pipe(Effect.scoped, Effect.orDie)

/** Scout over these items, with a model that follows the steps. */
export const scout = (
  items: ReadonlyArray<SignalSource.SignalItem>,
  steps: ReadonlyArray<ScriptedModel.Step> | ((ref: Ref) => ReadonlyArray<ScriptedModel.Step>),
  options?: ModelReader.Options
) => {
  const script =
    typeof steps === "function"
      ? Layer.unwrap(Effect.map(refsOf(items, options), (ref) => ScriptedModel.layer(steps(ref), { order: "any" })))
      : ScriptedModel.layer(steps, { order: "any" })
  return Scout.layerModel(options).pipe(Layer.provideMerge(Layer.merge(script, sources(items))))
}

/** Scout over these items, without a model. */
export const ruled = (items: ReadonlyArray<SignalSource.SignalItem>) => Layer.provide(Scout.layer, sources(items))

/**
 * Reads news items with a language model: what kind of event each tells of, and what happened, in the model's words. What
 * it says counts only with a quote that stands word for word in the item.
 *
 * @since 0.1.0
 */
import type * as SignalSource from "@aria/connectors/SignalSource"
import * as Limiter from "@aria/models/Limiter"
import * as Budget from "@aria/orchestrator-core/Budget"
import * as Progress from "@aria/orchestrator-core/Progress"
import * as Run from "@aria/orchestrator-core/Run"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as LanguageModel from "effect/ai/LanguageModel"
import type * as Article from "./Article.ts"
import { batched, byKey, gathered, type Same } from "./internal/modelBatches.ts"
import { Answer, Entries, entriesOf, entriesOfError, failureOf } from "./internal/modelAnswer.ts"
import { readingOf } from "./internal/modelReading.ts"
import { contentHash, promptOf, refsOf } from "./internal/modelRequest.ts"
import type { Label, Quote, Warning } from "./Signal.ts"
import { addressesModel } from "./Steering.ts"

/**
 * How many items a call has where nothing is said.
 *
 * @category constants
 * @since 0.1.0
 */
export const defaultBatchSize = 8

/**
 * How many items are read at most where nothing is said.
 *
 * @category constants
 * @since 0.1.0
 */
export const defaultMaxItems = 100

/**
 * How much of an item's text is read where nothing is said, in UTF-16 units.
 *
 * @category constants
 * @since 0.1.0
 */
export const defaultMaxText = 2_000

/**
 * How much a model reads, and in how many calls.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** The most items of one call. Whole, minimum 1, default {@link defaultBatchSize}. With 1 no item can sway another. */
  readonly batchSize?: number | undefined
  /** The most items of one run of Scout; others are left to the rules. Whole, minimum 1, default {@link defaultMaxItems}. */
  readonly maxItems?: number | undefined
  /** How much of each text is read, in UTF-16 units; boilerplate never. Whole, minimum 1, default {@link defaultMaxText}. */
  readonly maxText?: number | undefined
  /** The most calls at once. Whole, minimum 1, default 4. */
  readonly concurrency?: number | undefined
}

/**
 * An item that concerns a watched company.
 *
 * @category models
 * @since 0.1.0
 */
export interface Candidate {
  readonly item: SignalSource.SignalItem
  readonly article: Article.Article
  /** The watched companies that it concerns. */
  readonly companies: ReadonlyArray<string>
  /** The score that it has at most, 0 to 1: where there are too many, the best are read. */
  readonly promise: number
}

/**
 * What a model made of an item, as far as it is shown by quotes. What is left out is the rules' to say.
 *
 * @category models
 * @since 0.1.0
 */
export interface Reading {
  /** The surest first. */
  readonly labels?: readonly [Label, ...ReadonlyArray<Label>]
  /** The words that show the first label; there with the labels. */
  readonly quote?: Pick<Quote, "field" | "start" | "text">
  /** One to three sentences of the model, each with its quote behind it in brackets. */
  readonly summary?: string
}

/**
 * What was read, by item, and what a reader should know besides.
 *
 * @category models
 * @since 0.1.0
 */
export interface Read {
  readonly readings: ReadonlyMap<SignalSource.SignalItem, Reading>
  readonly warnings: ReadonlyArray<Warning>
}

/**
 * @category models
 * @since 0.1.0
 */
export interface Reader {
  /** Never fails: what the model does not do is told as a warning. What its budget refuses ends the region or task, as always. */
  readonly read: (candidates: ReadonlyArray<Candidate>) => Effect.Effect<Read>
}

const warned = ({ items }: Same, message: string): ReadonlyArray<Warning> =>
  items.slice(0, 1).map(({ id, source }) => ({ source, item: id, message }))

/** What is stored of a call. Its failure is a result as well: the rules take over, also when the run goes on elsewhere. */
const Outcome = Schema.Union([
  Schema.TaggedStruct("answered", { entries: Entries }),
  Schema.TaggedStruct("failed", { failure: Schema.String })
])
type Outcome = typeof Outcome.Type

const answered = (entries: Entries): Outcome => ({ _tag: "answered", entries })

const ask = (model: LanguageModel.LanguageModel, batch: ReadonlyArray<Same>, index: number): Effect.Effect<Outcome> =>
  Effect.gen(function* () {
    const shown = batch.map((same) => same.shown)
    const attempt = Option.match(yield* Run.Current, { onNone: () => 1, onSome: ({ attempt }) => attempt })
    const name = `Scout reads ${contentHash(shown).slice(0, 12)} call ${index + 1}${attempt <= 1 ? "" : ` attempt ${attempt}`}`
    return yield* Run.step(
      name,
      { success: Outcome },
      model.generateObject({ prompt: promptOf(shown), schema: Answer, objectName: "readings" }).pipe(
        Effect.map(({ value }): Outcome => answered(entriesOf(value) ?? [])),
        Effect.catch((error) =>
          Effect.sync((): Outcome => {
            const entries = entriesOfError(error)
            return entries === undefined ? { _tag: "failed", failure: failureOf(error) } : answered(entries)
          })
        )
      )
    )
  })

/** The readings of one call. Entries that nobody asked for are not looked at; of two for one item neither is taken. */
const readingsOf = (
  batch: ReadonlyArray<Same>,
  outcome: Outcome
): { readonly read: ReadonlyArray<readonly [Same, Reading]>; readonly warnings: ReadonlyArray<Warning> } => {
  if (outcome._tag === "failed") {
    return {
      read: [],
      warnings: batch.flatMap((same) => warned(same, `The model failed (${outcome.failure}); the rules read it.`))
    }
  }
  const refs = refsOf(batch.map(({ shown }) => shown))
  const read: Array<readonly [Same, Reading]> = []
  const warnings: Array<Warning> = []
  for (const [index, same] of batch.entries()) {
    const entries = outcome.entries.filter(({ ref }) => ref === refs[index])
    const [entry] = entries
    if (entry === undefined || entries.length > 1) {
      const what = entry === undefined ? "left it out" : `answered for it ${entries.length} times`
      warnings.push(...warned(same, `The model ${what}; the rules read it.`))
      continue
    }
    const { problem, reading } = readingOf(same.shown, entry)
    if (reading !== undefined) read.push([same, reading])
    if (problem !== undefined) warnings.push(...warned(same, problem))
  }
  return { read, warnings }
}

const validated = Effect.fnUntraced(function* (options: Options) {
  const settings = {
    batchSize: options.batchSize ?? defaultBatchSize,
    maxItems: options.maxItems ?? defaultMaxItems,
    maxText: options.maxText ?? defaultMaxText,
    concurrency: options.concurrency ?? 4
  }
  for (const [name, value] of Object.entries(settings)) {
    if (Number.isSafeInteger(value) && value >= 1) continue
    return yield* new Budget.InvalidLimitError({
      setting: `Scout.layerModel: ${name}`,
      received: String(value),
      allowed: "a whole number from 1"
    })
  }
  return settings
})

/**
 * A reader that asks the `LanguageModel`.
 *
 * **Details**
 *
 * Items go to the model in batches, each under a name that depends on all items of its call. Each call is a `Run.step` in the
 * limiter's lane of the agent `"Scout"`. An item is left to the rules, with a warning, if its call fails, if the model leaves it
 * out or answers for it twice, and if it seems to speak to a model; it is not sent then. Labels and statements without a quote
 * that stands in the item (white space apart) are dropped and counted in a warning.
 *
 * **Gotchas**
 *
 * Items of one call are seen by the model together. One that steers a model in words that are not known could make it err
 * on the others, within what their own words show; a `batchSize` of 1 rules that out.
 *
 * Errors, when it is made: `InvalidLimitError`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function* (
  options: Options = {}
): Effect.fn.Return<Reader, Budget.InvalidLimitError, LanguageModel.LanguageModel> {
  const { batchSize, concurrency, maxItems, maxText } = yield* validated(options)
  const model = yield* LanguageModel.LanguageModel
  const read = Effect.fn("ModelReader.read")(function* (candidates: ReadonlyArray<Candidate>) {
    const all = gathered(candidates, maxText)
    const isSteering = ({ shown }: Same) => addressesModel(shown.headline) || addressesModel(shown.text)
    const steering = all.filter(isSteering)
    const ranked = all
      .filter((same) => !isSteering(same))
      .sort((left, right) => right.promise - left.promise || byKey(left, right))
    const batches = batched(ranked.slice(0, maxItems).sort(byKey), batchSize)
    const warnings: Array<Warning> = [
      ...steering.flatMap((same) =>
        warned(same, "It seems to speak to a model; the model did not see it, the rules read it.")
      ),
      ...(ranked.length > maxItems
        ? [
            {
              message: `The model read the best ${maxItems} of ${ranked.length} items, which is its maxItems; the rules read the others.`
            }
          ]
        : [])
    ]
    const readings = new Map<SignalSource.SignalItem, Reading>()
    if (batches.length > 0) {
      const count = Math.min(ranked.length, maxItems)
      yield* Progress.report(
        `A model reads ${count} ${count === 1 ? "item" : "items"} in ${batches.length} ${batches.length === 1 ? "call" : "calls"}`
      )
    }
    const outcomes = yield* Effect.forEach(
      batches,
      (batch, index) => Effect.map(ask(model, batch, index), (outcome) => readingsOf(batch, outcome)),
      { concurrency }
    ).pipe(Limiter.within({ agent: "Scout" }))
    for (const outcome of outcomes) {
      for (const [same, reading] of outcome.read) for (const item of same.items) readings.set(item, reading)
      warnings.push(...outcome.warnings)
    }
    return { readings, warnings }
  })
  return { read }
})

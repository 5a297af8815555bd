import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type * as AiError from "effect/ai/AiError"
import { SignalType } from "../Signal.ts"

/** A label with the words of the item that show it. */
export const Event = Schema.Struct({
  type: SignalType.annotate({ description: "What kind of event it is" }),
  confidence: Schema.Finite.annotate({ description: "How sure you are, from 0 to 1" }),
  quote: Schema.String.annotate({ description: "Words of the item that show it, copied character for character" })
})

export const Statement = Schema.Struct({
  text: Schema.String.annotate({ description: "One short sentence in your own words" }),
  quote: Schema.String.annotate({ description: "Words of the item that say so, copied character for character" })
})

export const Entry = Schema.Struct({
  ref: Schema.String.annotate({ description: "The ref of the item" }),
  events: Schema.Array(Event),
  statements: Schema.Array(Statement)
})

/** What the model is asked for. */
export const Answer = Schema.Struct({ items: Schema.Array(Entry) })

/** An entry as far as it fits: what does not is counted. */
export const Entries = Schema.Array(
  Schema.Struct({
    ref: Schema.String,
    events: Schema.Array(Event),
    statements: Schema.Array(Statement),
    misfits: Schema.Struct({ events: Schema.Natural, statements: Schema.Natural })
  })
)
export type Entries = typeof Entries.Type

/** More of each than anybody asked for is not looked at. */
const MOST = 10

const Loose = Schema.Struct({
  ref: Schema.String,
  events: Schema.optionalKey(Schema.Array(Schema.Unknown)),
  statements: Schema.optionalKey(Schema.Array(Schema.Unknown))
})
const decodeAll = Schema.decodeUnknownOption(Schema.Struct({ items: Schema.Array(Schema.Unknown) }))
const decodeEntry = Schema.decodeUnknownOption(Loose)
const decodeEvent = Schema.decodeUnknownOption(Event)
const decodeStatement = Schema.decodeUnknownOption(Statement)

const fitting = <A>(
  values: ReadonlyArray<unknown>,
  decode: (value: unknown) => Option.Option<A>
): { readonly fit: ReadonlyArray<A>; readonly misfits: number } => {
  const looked = values.slice(0, MOST)
  const fit = looked.flatMap((value) => Option.toArray(decode(value)))
  return { fit, misfits: looked.length - fit.length }
}

/** What fits of an answer, so that a bad part of it costs the other items nothing. */
export const entriesOf = (answer: unknown): Entries | undefined => {
  const all = decodeAll(answer)
  if (Option.isNone(all)) return undefined
  return all.value.items.flatMap((value) => {
    const entry = decodeEntry(value)
    if (Option.isNone(entry)) return []
    const events = fitting(entry.value.events ?? [], decodeEvent)
    const statements = fitting(entry.value.statements ?? [], decodeStatement)
    return [
      {
        ref: entry.value.ref,
        events: events.fit,
        statements: statements.fit,
        misfits: { events: events.misfits, statements: statements.misfits }
      }
    ]
  })
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** What fits of an answer that as a whole does not. */
export const entriesOfError = ({ reason }: AiError.AiError): Entries | undefined =>
  reason._tag === "StructuredOutputError" ? entriesOf(parsed(reason.responseText)) : undefined

/** Why a call failed, in a sentence that repeats nothing of what the model wrote. */
export const failureOf = ({ reason }: AiError.AiError): string => {
  if (reason._tag === "StructuredOutputError" || reason._tag === "InvalidOutputError") {
    return `${reason._tag}: its answer is not of the form that was asked for`
  }
  const message = reason.message.replace(/\s+/g, " ")
  return `${reason._tag}: ${message.length > 300 ? `${message.slice(0, 300)}…` : message}`
}

/** A model's server on loopback that speaks OpenAI's protocol: it reads news and writes briefs as it is told to. */
import { LLMock } from "@copilotkit/aimock"
import * as Schema from "effect/Schema"

type Asked = Parameters<LLMock["on"]>[1] extends infer Response ? Extract<Response, (request: never) => unknown> : never
type Request = Parameters<Asked>[0]
export type Answer = Awaited<ReturnType<Asked>>

const Items = Schema.Struct({
  items: Schema.Array(Schema.Struct({ ref: Schema.String, companies: Schema.Array(Schema.String), headline: Schema.String, text: Schema.String }))
})
const Notes = Schema.Struct({
  headings: Schema.Array(Schema.String),
  notes: Schema.Array(Schema.Struct({ number: Schema.Int, text: Schema.String, section: Schema.String }))
})
export type Item = (typeof Items.Type)["items"][number]
export type Note = (typeof Notes.Type)["notes"][number]

const lastText = ({ messages }: Request): string => {
  const content = messages.findLast(({ role }) => role === "user")?.content ?? ""
  return typeof content === "string" ? content : content.map((part) => ("text" in part ? part.text : "")).join("")
}

/** What each call is said to have cost, in the words of each protocol. */
export const usage = { prompt_tokens: 1000, completion_tokens: 200, total_tokens: 1200, input_tokens: 1000, output_tokens: 200 }

/** Of an item: that it tells of earnings, shown by its whole headline. */
export const earnings = ({ headline, ref }: Item) => ({
  ref,
  events: [{ type: "earnings", confidence: 0.9, quote: headline }],
  statements: [{ text: "The model read it.", quote: headline }]
})

export const read = (entries: ReadonlyArray<object>): Answer => ({ content: JSON.stringify({ items: entries }), usage })

export const brief = (sections: ReadonlyArray<{ readonly heading: string; readonly statements: ReadonlyArray<object> }>): Answer => ({
  toolCalls: [{ name: "answer", arguments: JSON.stringify({ subject: "Made up", sections }) }],
  usage
})

/** For each note a sentence, under the heading of its company. */
export const sentences = (notes: ReadonlyArray<Note>) =>
  Array.from(
    Map.groupBy(notes, ({ section }) => section),
    ([heading, own]) => ({ heading, statements: own.map(({ number }) => ({ text: `The model wrote of ${heading}.`, notes: [number] })) })
  )

export interface Script {
  readonly reads?: (items: ReadonlyArray<Item>) => Answer | Promise<Answer>
  readonly writes?: (notes: ReadonlyArray<Note>) => Answer | Promise<Answer>
}

/** Starts it; `asked` are the requests so far. */
export const start = async (script: Script = {}) => {
  const { reads = (items) => read(items.map(earnings)), writes = (notes) => brief(sentences(notes)) } = script
  const mock = new LLMock({ port: 0, host: "127.0.0.1" })
  const asked: Array<string> = []
  mock.on({ predicate: () => true }, (request) => {
    const text = lastText(request)
    asked.push(text)
    const isWriting = text.includes('"communicationType"')
    return isWriting
      ? writes(Schema.decodeSync(Schema.fromJsonString(Notes))(text).notes)
      : reads(Schema.decodeSync(Schema.fromJsonString(Items))(text).items)
  })
  await mock.start()
  return {
    url: `${mock.url}/v1`,
    asked,
    [Symbol.asyncDispose]: () => mock.stop()
  }
}

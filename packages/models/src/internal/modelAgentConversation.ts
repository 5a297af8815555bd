import * as Effect from "effect/Effect"
import * as Prompt from "effect/ai/Prompt"

/** What is sent to the model: what it starts with, a note in place of what was left out, and the turns since. */
export interface Conversation {
  readonly head: ReadonlyArray<Prompt.Message>
  readonly note: string | undefined
  /** One turn is the model's message with all that answers it: it is kept or left out as a whole. */
  readonly turns: ReadonlyArray<ReadonlyArray<Prompt.Message>>
  /** How many turns were left out. */
  readonly left: number
}

export const user = (text: string): Prompt.Message => Prompt.userMessage({ content: [Prompt.textPart({ text })] })

export const start = (instructions: string, prompt: Prompt.RawInput): Conversation => ({
  head: [
    ...(instructions.trim() === "" ? [] : [Prompt.systemMessage({ content: instructions })]),
    ...Prompt.make(prompt).content
  ],
  note: undefined,
  turns: [],
  left: 0
})

export const promptOf = ({ head, note, turns }: Conversation): Prompt.Prompt =>
  Prompt.fromMessages([...head, ...(note === undefined ? [] : [user(note)]), ...turns.flat()])

const plainNote = (left: number): string =>
  `[${left === 1 ? "1 earlier turn of this conversation is" : `${left} earlier turns of this conversation are`} left out.]`

/** The same without its oldest turns, up to all but the newest. */
export const without = (self: Conversation, count: number, note?: string): Conversation => {
  if (count === 0) return self
  const left = self.left + count
  return { head: self.head, note: note ?? plainNote(left), turns: self.turns.slice(count), left }
}

/**
 * How many of the oldest turns have to go for the rest to fit, and what the rest counts then. Where nothing fits, all but the newest
 * are gone.
 */
export const excess = <E>(
  self: Conversation,
  maxTokens: number,
  count: (prompt: Prompt.Prompt) => Effect.Effect<number, E>
): Effect.Effect<{ readonly turns: number; readonly tokens: number }, E> =>
  Effect.gen(function* () {
    const most = Math.max(0, self.turns.length - 1)
    for (let turns = 0; ; turns++) {
      const tokens = yield* count(promptOf(without(self, turns)))
      if (tokens <= maxTokens || turns === most) return { turns, tokens }
    }
  })

/** What a summary is made of: the note that stood there, and the turns that go. */
export const leaving = (self: Conversation, count: number): Prompt.Prompt =>
  Prompt.fromMessages([...(self.note === undefined ? [] : [user(self.note)]), ...self.turns.slice(0, count).flat()])

import * as Progress from "@aria/orchestrator-core/Progress"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { Tenure } from "./records.ts"
import type { Writer } from "./writer.ts"

/** What the events of earlier lives have told already. */
export interface Told {
  readonly marks: ReadonlySet<string>
  /** The number of the next event. */
  readonly next: number
}

export const nothingTold: Told = { marks: new Set(), next: 0 }

const encode = Schema.encodeEffect(Schema.fromJsonString(Schema.toCodecJson(Progress.Event)))

/** The last event of the outermost run is made of its result when it is read: it would only be stored twice. */
export const endMark = "end"

const startOf = (runId: string, taskId: string): string => `start ${runId} ${taskId}`
const endOf = (runId: string, taskId: string): string => `end ${runId} ${taskId}`

/**
 * Writes the events of a run. In a later life what was told before is not told again: a task whose end is stored has no other one, and
 * one that was under way goes on as a retry.
 */
export const record = (
  events: Stream.Stream<Progress.Event>,
  { fence, run }: Tenure,
  told: Told,
  writer: Writer,
  isLost: () => boolean
): Effect.Effect<void> => {
  let seq = told.next
  const { marks } = told

  const write = (event: Progress.Event, mark: string | null): Effect.Effect<void> => {
    const numbered = { ...event, seq }
    return Effect.matchEffect(encode(numbered), {
      onSuccess: (text) =>
        Effect.sync(() => {
          writer.event({ run, fence, seq: seq++, event: text, mark })
        }),
      onFailure: (error) => Effect.logWarning(`An event of the run ${run} could not be stored`, error)
    })
  }

  const one = (event: Progress.Event): Effect.Effect<void> => {
    if (isLost()) return Effect.void
    switch (event._tag) {
      case "RunStarted": {
        const mark = startOf(event.runId, "")
        return marks.has(mark) ? Effect.void : write(event, mark)
      }
      case "RunEnded": {
        if (event.runId === run) {
          const { _tag, path, rootRunId, runId, timestamp, v } = event
          writer.event({ run, fence, seq, event: JSON.stringify({ _tag, v, runId, rootRunId, path, seq, timestamp }), mark: endMark })
          seq++
          return Effect.void
        }
        const mark = endOf(event.runId, "")
        return marks.has(mark) ? Effect.void : write(event, mark)
      }
      case "dropped":
        return write(event, null)
      default: {
        const { runId, taskId } = event
        const end = endOf(runId, taskId)
        if (marks.has(end)) return Effect.void
        if (Progress.isTerminal(event)) return write(event, end)
        const start = startOf(runId, taskId)
        if (event._tag === "starting") return marks.has(start) ? Effect.void : write(event, start)
        if (event._tag === "running" && marks.has(start)) return Effect.void
        return write(event, null)
      }
    }
  }
  return Stream.runForEachArray(events, (list) => Effect.forEach(list, one, { discard: true }))
}

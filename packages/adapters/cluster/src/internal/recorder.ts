import * as Progress from "@aria/orchestrator-core/Progress"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { pack } from "./packedEvent.ts"
import type { EventRecord, Tenure } from "./records.ts"
import type { Writer } from "./writer.ts"

/** What the events of earlier lives have told already. */
export interface Told {
  readonly marks: ReadonlySet<string>
  /** The number of the next event. */
  readonly next: number
}

export const nothingTold: Told = { marks: new Set(), next: 0 }

const encode = Schema.encodeEffect(Schema.toCodecJson(Progress.Event))

/** What a later life has to know: that a task or run has started, that it has succeeded, that it has ended otherwise. */
const startOf = (runId: string, taskId: string): string => `start ${runId} ${taskId}`
const endOf = (runId: string, taskId: string): string => `end ${runId} ${taskId}`
const failOf = (runId: string, taskId: string): string => `fail ${runId} ${taskId}`

/** Marks of what is done again when a run is resumed. */
export const isOfFailure = (mark: string): boolean => mark.startsWith("fail ")

/** Tasks that were under way, by their ids. */
export const underWay = (marks: ReadonlySet<string>): ReadonlyArray<string> =>
  Array.from(marks).flatMap((mark) => {
    if (!mark.startsWith("start ")) return []
    const about = mark.slice("start ".length)
    const task = about.slice(about.indexOf(" ") + 1)
    return task === "" || marks.has(`end ${about}`) || marks.has(`fail ${about}`) ? [] : [task]
  })

/** What a stop left of a task: nothing of it is stored, so that another life could come to something else. */
const isOfStop = (event: Progress.Event): boolean => event._tag === "cancelled" || (event._tag === "skipped" && event.reason._tag === "Stopped")

/**
 * Writes the events of a run, and gives what writes the last ones: how it ended is told when it is stored, not before. In a later life what was told before is not told again: a task whose end is stored has no other one, and
 * one that was under way goes on as a retry.
 */
export const record = (
  events: Stream.Stream<Progress.Event>,
  { fence, run }: Tenure,
  told: Told,
  writer: Writer,
  isLost: () => boolean
): Effect.Effect<() => void> => {
  let seq = told.next
  const { marks } = told
  /** From the first event of a stop on. */
  let held: Array<EventRecord> | undefined
  let isEnding = false

  const put = (event: string, mark: string | null): void => {
    const record: EventRecord = { run, fence, seq: seq++, event, mark }
    if (held === undefined) writer.event(record)
    else held.push(record)
  }
  const release = (): void => {
    for (const record of held ?? []) writer.event(record)
    held = undefined
  }

  const write = (event: Progress.Event, mark: string | null): Effect.Effect<void> =>
    Effect.matchEffect(encode({ ...event, seq }), {
      onSuccess: (encoded) => Effect.sync(() => put(JSON.stringify(pack(encoded as typeof Progress.Event.Encoded, run)), mark)),
      onFailure: (error) => Effect.logWarning(`An event of the run ${run} could not be stored`, error)
    })

  const one = (event: Progress.Event): Effect.Effect<void> => {
    if (isLost()) return Effect.void
    if (isOfStop(event) || (event._tag === "RunEnded" && event.runId === run)) {
      held ??= []
      isEnding ||= event.runId === run
    } else if (event.runId === run && !isEnding) release()
    switch (event._tag) {
      case "RunStarted": {
        const mark = startOf(event.runId, "")
        return marks.has(mark) ? Effect.void : write(event, mark)
      }
      case "RunEnded": {
        if (marks.has(endOf(event.runId, "")) || marks.has(failOf(event.runId, ""))) return Effect.void
        if (event.runId === run) {
          // It is made of the result of the run when it is read: that would only be stored twice. Whoever resumes the run ends it again.
          const { _tag, timestamp } = event
          put(JSON.stringify({ _tag, seq, timestamp }), failOf(run, ""))
          return Effect.void
        }
        return write(event, event.result.allSucceeded ? endOf(event.runId, "") : failOf(event.runId, ""))
      }
      case "dropped":
        return write(event, null)
      default: {
        const { runId, taskId } = event
        const end = endOf(runId, taskId)
        const fail = failOf(runId, taskId)
        if (marks.has(end) || marks.has(fail)) return Effect.void
        if (Progress.isTerminal(event)) return write(event, event._tag === "complete" ? end : fail)
        const start = startOf(runId, taskId)
        if (event._tag === "starting") return marks.has(start) ? Effect.void : write(event, start)
        if (event._tag === "running" && marks.has(start)) return Effect.void
        return write(event, null)
      }
    }
  }
  return Effect.as(Stream.runForEachArray(events, (list) => Effect.forEach(list, one, { discard: true })), release)
}

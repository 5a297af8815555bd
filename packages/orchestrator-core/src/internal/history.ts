import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type * as Progress from "../Progress.ts"
import { Gap } from "./gap.ts"
import type { Listener } from "./listener.ts"

/** How many updates a run keeps for readers that come late; what starts and ends tasks is kept always. */
const updatesKept = 10_000

/** The events of one run from the first one on, for readers that come when they come. */
export class History implements Listener {
  readonly room = undefined
  private readonly events: Array<Progress.Event> = []
  private readonly readers = new Set<() => void>()
  private runId: string | undefined
  private updates = 0
  private readonly gap = new Gap()
  private ended = false

  offer(event: Progress.Event): void {
    this.runId ??= event.runId
    if (event._tag === "update" && ++this.updates > updatesKept) {
      this.gap.leaveOut(event)
      return
    }
    this.gap.close(this.events)
    this.events.push(event)
    if (event._tag === "RunEnded" && event.runId === this.runId) this.ended = true
    // A reader that is told comes back at once and waits for the next event: it must not be told of this one again.
    const readers = Array.from(this.readers)
    this.readers.clear()
    for (const reader of readers) reader()
  }

  private readonly changed: Effect.Effect<void> = Effect.callback((resume) => {
    const reader = () => resume(Effect.void)
    this.readers.add(reader)
    return Effect.sync(() => {
      this.readers.delete(reader)
    })
  })

  /** Every reader starts at the first event; the state is its position, `undefined` once it has heard the end. */
  readonly stream: Stream.Stream<Progress.Event> = Stream.paginate(0, (position: number) =>
    Effect.andThen(
      Effect.suspend(() => (position < this.events.length || this.ended ? Effect.void : this.changed)),
      Effect.sync(() => {
        const batch: ReadonlyArray<Progress.Event> = this.events.slice(position)
        return [batch, this.ended ? Option.none() : Option.some(position + batch.length)] as const
      })
    )
  )
}

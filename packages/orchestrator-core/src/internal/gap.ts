import type * as Progress from "../Progress.ts"

/** Updates that one reader missed since the last event that was kept for it. */
export class Gap {
  private missed = 0
  private last: Progress.Event | undefined

  leaveOut(event: Progress.Event): void {
    this.missed++
    this.last = event
  }

  /** Ends the gap, if there is one, with an event in its place: it takes the number of the last update, so that numbers still rise. */
  close(events: Array<Progress.Event>): void {
    if (this.last === undefined) return
    const { path, rootRunId, runId, seq, timestamp } = this.last
    events.push({ _tag: "dropped", v: 1, runId, rootRunId, path, seq, timestamp, dropped: this.missed })
    this.missed = 0
    this.last = undefined
  }
}

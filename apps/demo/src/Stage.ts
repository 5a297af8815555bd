/** Who has the terminal: the live display, or a question to the person in front of it. Never both. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"

/** What is drawn over and over: it can be taken away, and put back. */
export interface Scenery {
  readonly hide: () => void
  readonly show: () => void
}

interface Stage {
  scenery: Scenery | undefined
  /** Questions that are being asked. */
  asking: number
}

/** The one terminal of the process. */
const Current: Context.Reference<Stage> = Context.Reference("@aria/demo/Stage", {
  defaultValue: (): Stage => ({ scenery: undefined, asking: 0 })
})

/** Puts a display on the stage while the scope is open. */
export const set = (scenery: Scenery) =>
  Effect.flatMap(Current, (stage) =>
    Effect.acquireRelease(
      Effect.sync(() => {
        stage.scenery = scenery
        if (stage.asking > 0) scenery.hide()
      }),
      () =>
        Effect.sync(() => {
          stage.scenery = undefined
        })
    )
  )

/** Clears the stage for as long as an effect needs it. */
export const clear = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.flatMap(Current, (stage) =>
    Effect.acquireUseRelease(
      Effect.sync(() => {
        stage.asking += 1
        if (stage.asking === 1) stage.scenery?.hide()
      }),
      () => self,
      () =>
        Effect.sync(() => {
          stage.asking -= 1
          if (stage.asking === 0) stage.scenery?.show()
        })
    )
  )

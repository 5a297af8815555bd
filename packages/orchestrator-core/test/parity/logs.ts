import { Effect, Logger, type LogLevel, References } from "effect"

export interface Line {
  readonly level: LogLevel.LogLevel
  readonly message: string
  readonly annotations: Readonly<Record<string, unknown>>
}

/** Runs an effect and gives what it logged, debug lines included. */
export const logged = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<ReadonlyArray<Line>, E, R> =>
  Effect.suspend(() => {
    const lines: Array<Line> = []
    const logger = Logger.make(({ fiber, logLevel, message }) => {
      const text = Array.isArray(message) ? message.filter((part) => typeof part === "string").join(" ") : String(message)
      lines.push({ level: logLevel, message: text, annotations: { ...fiber.getRef(References.CurrentLogAnnotations) } })
    })
    return self.pipe(
      Effect.provide(Logger.layer([logger]), { local: true }),
      Effect.provideService(References.MinimumLogLevel, "Debug"),
      Effect.as(lines)
    )
  })

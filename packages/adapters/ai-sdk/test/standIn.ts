/** A server that speaks the protocols of the providers, on the loopback address. */
import { LLMock } from "@copilotkit/aimock"
import * as Effect from "effect/Effect"

export const standIn = (prepare: (mock: LLMock) => void) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const mock = new LLMock({ port: 0, host: "127.0.0.1" })
      prepare(mock)
      await mock.start()
      return mock
    }),
    (mock) => Effect.promise(() => mock.stop())
  )

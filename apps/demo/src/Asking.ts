/** Who is asked before something is written, and what is said where nobody can be. */
import { Approval, HumanInput, type QuestionQueue } from "@aria/orchestrator-core"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Terminal from "effect/Terminal"
import { Flag, TerminalCapabilities } from "effect/cli"
import { userInfo } from "node:os"
import * as Stage from "./Stage.ts"

/** The ways to answer that `--approvals` knows. */
export const ways = ["ask", "queue", "deny"] as const
export type Way = (typeof ways)[number]

export const yes = Flag.Boolean("yes").pipe(Flag.withAlias("y"), Flag.withDefault(false), Flag.withDescription("Approve all that would be written"))

export const flag = Flag.Literals("approvals", ways).pipe(
  Flag.withDescription("Who approves, see WRITING (default: ask)"),
  Flag.optional
)

const nobody = HumanInput.layerNobody(
  "this is no terminal. Start it in one, or with --yes to approve all, or with --approvals queue and answer from elsewhere with \"approvals\""
)

/** The person at the terminal; the live display makes room for the question. */
const terminal = Layer.effect(HumanInput.HumanInput)(
  Effect.map(HumanInput.HumanInput, ({ ask }) => ({
    ask: (question: Parameters<typeof ask>[0], check: Parameters<typeof ask>[1]) => Stage.clear(ask(question, check))
  }))
).pipe(Layer.provide(HumanInput.layerTerminal({ by: userInfo().username })))

const person: Layer.Layer<HumanInput.HumanInput, never, Terminal.Terminal> = Layer.unwrap(
  Effect.map(TerminalCapabilities.TerminalCapabilities, ({ canPrompt }) => (canPrompt ? terminal : nobody))
)

/**
 * Who approves: everybody did with `--yes`, nobody does with `deny`; else a person is asked, here or through the queue, and with `nobody`
 * it is known that none is there.
 */
export const layer = (options: {
  readonly yes: boolean
  readonly way: Way | "nobody"
}): Layer.Layer<Approval.Approval, never, QuestionQueue.QuestionQueue | Terminal.Terminal> => {
  if (options.yes) return Approval.layerApproveAll("--yes")
  if (options.way === "deny") return Approval.layerDeny
  const human: Layer.Layer<HumanInput.HumanInput, never, QuestionQueue.QuestionQueue | Terminal.Terminal> =
    options.way === "queue" ? HumanInput.layerQueue() : options.way === "nobody" ? nobody : person
  return Layer.provide(Approval.layerAsk, human)
}

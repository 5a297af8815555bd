import * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import type { HumanInput, UnansweredError } from "../HumanInput.ts"
import type { Answer, Question } from "../Question.ts"
import { lastingWait } from "./lastingWait.ts"

/** Who waits for a person holds no permit. */
export const waitFor = (
  human: HumanInput["Service"],
  question: Question,
  check: (value: Schema.Json) => string | undefined
): Effect.Effect<Answer, UnansweredError> =>
  lastingWait(question.name === "approval" ? "approval" : `answer to "${question.name}"`, human.ask(question, check))

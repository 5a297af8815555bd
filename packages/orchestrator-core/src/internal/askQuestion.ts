import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { HumanInput, type UnansweredError } from "../HumanInput.ts"
import type { Question } from "../Question.ts"
import { issues } from "./issue.ts"
import { sentence } from "./issue.ts"
import { currentUser, RunInfoRef } from "./runInfo.ts"
import { refuseSecrets } from "./secretSchema.ts"
import { sha256 } from "./sha256.ts"
import { waitFor } from "./waitForAnswer.ts"

const jsonSchemaOf = (schema: Schema.Constraint): Schema.Json => {
  const { definitions, schema: json } = Schema.toJsonSchemaDocument(Schema.toCodecJson(schema as Schema.Codec<unknown, unknown>))
  return (Object.keys(definitions).length === 0 ? json : { ...json, $defs: definitions }) as Schema.Json
}

/** Milliseconds that a question stays open; without end it is `undefined`. Anything else is a mistake in the program. */
const openFor = (name: string, expiresIn: Duration.Input | undefined): number | undefined => {
  if (expiresIn === undefined) return undefined
  const duration = Option.map(Duration.fromInput(expiresIn), Duration.toMillis)
  if (Option.isNone(duration) || !(duration.value > 0)) {
    throw new Error(`Run.ask("${name}"): expiresIn was ${String(expiresIn)}; allowed is a duration longer than 0`)
  }
  return Number.isFinite(duration.value) ? duration.value : undefined
}

/** The question with where it comes from, and its answer as the schema decodes it. */
export const askQuestion = <A, EA>(
  name: string,
  options: { readonly schema: Schema.Codec<A, EA>; readonly prompt: string; readonly expiresIn?: Duration.Input | undefined }
): Effect.Effect<A, UnansweredError, HumanInput> =>
  Effect.gen(function* () {
    const human = yield* HumanInput
    const info = Option.getOrUndefined(yield* RunInfoRef)
    const userId = yield* currentUser
    refuseSecrets(`Run.ask("${name}"): schema`, options.schema, "take it from Config")
    const schema = jsonSchemaOf(options.schema)
    const millis = openFor(name, options.expiresIn)
    const now = yield* Clock.currentTimeMillis
    const question: Question = {
      v: 1,
      id: sha256(JSON.stringify(["ask", info?.rootRunId ?? userId, info?.path ?? [], name, options.prompt, schema])),
      name,
      prompt: options.prompt,
      schema,
      userId,
      ...(info === undefined ? {} : { runId: info.runId, taskId: info.taskId }),
      askedAt: now,
      ...(millis === undefined ? {} : { expiresAt: now + millis })
    }
    const decode = Schema.decodeUnknownResult(Schema.toCodecJson(options.schema), { errors: "all" })
    const check = (value: Schema.Json): string | undefined => {
      const decoded = decode(value)
      if (Result.isSuccess(decoded)) return undefined
      return sentence(issues(decoded.failure.issue))
    }
    const { value } = yield* waitFor(human, question, check)
    return Result.getOrThrow(decode(value))
  })

import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { SafeIntegers, type SqlClient } from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import type { Fragment } from "effect/sql/Statement"
import { Answer, Question } from "../Question.ts"
import type { Queued, QuestionQueue } from "../QuestionQueue.ts"
import { QuestionClosedError, QuestionQueueError } from "./questionErrors.ts"
import { closed } from "./questionQueueMemory.ts"
import { reasonOf } from "../SqlFailure.ts"

interface Row {
  readonly state: Queued["state"]
  readonly question: string
  readonly answer: string | null
  readonly problem: string | null
}

const questionCodec = Schema.fromJsonString(Question)
const answerCodec = Schema.fromJsonString(Answer)
const decodeQuestion = Schema.decodeUnknownEffect(questionCodec)
const encodeQuestion = Schema.encodeEffect(questionCodec)
const decodeAnswer = Schema.decodeUnknownEffect(answerCodec)
const encodeAnswer = Schema.encodeEffect(answerCodec)
/** What stands in the place of an answer where there will be none. */
const declinedCodec = Schema.fromJsonString(Schema.Struct({ by: Schema.String, at: Schema.Finite }))
const decodeDeclined = Schema.decodeUnknownEffect(declinedCodec)
const encodeDeclined = Schema.encodeEffect(declinedCodec)

const queuedOf = (row: Row): Effect.Effect<Queued, Schema.SchemaError> =>
  Effect.gen(function* () {
    return {
      question: yield* decodeQuestion(row.question),
      state: row.state,
      ...(row.answer === null
        ? {}
        : row.state === "declined"
          ? { declined: yield* decodeDeclined(row.answer) }
          : { answer: yield* decodeAnswer(row.answer) }),
      ...(row.problem === null ? {} : { problem: row.problem })
    }
  })

/** Questions in one table; each change is one statement that says what it expects. */
export const makeQuestions = (sql: SqlClient): QuestionQueue["Service"] => {
  const plain = Effect.provideService(SafeIntegers, false)

  const failing =
    (operation: QuestionQueueError["operation"], what: string) =>
    <A, E>(self: Effect.Effect<A, E | SqlError | Schema.SchemaError>): Effect.Effect<A, Exclude<E, SqlError | Schema.SchemaError> | QuestionQueueError> =>
      Effect.mapError(plain(self), (error) =>
        error instanceof QuestionClosedError
          ? (error as Exclude<E, SqlError | Schema.SchemaError>)
          : new QuestionQueueError({ operation, message: `${what}: ${reasonOf(error as SqlError | Schema.SchemaError)}` })
      )

  const read = (id: string): Effect.Effect<Queued | undefined, SqlError | Schema.SchemaError> =>
    Effect.flatMap(sql<Row>`SELECT state, question, answer, problem FROM aria_questions WHERE id = ${id}`, ([row]) =>
      row === undefined ? Effect.undefined : queuedOf(row)
    )

  /** Closes a question that is open; of two who do, one is told why it is not open any more. */
  const close = (id: string, state: "answered" | "declined", answerAt: (now: number) => Effect.Effect<string, Schema.SchemaError>) =>
    Effect.gen(function* () {
      while (true) {
        const now = yield* Clock.currentTimeMillis
        const answer = yield* answerAt(now)
        const changed = yield* sql`
          UPDATE aria_questions SET state = ${state}, answer = ${answer}, problem = NULL
          WHERE id = ${id} AND state = 'open' AND (expires IS NULL OR expires > ${now}) RETURNING id`
        if (changed.length > 0) return
        const refusal = closed(id, yield* read(id), now)
        if (refusal !== undefined) return yield* refusal
        // It was asked anew in between.
      }
    })

  return {
    put: Effect.fn("SqlStore.ask")(function* (question: Question) {
      const { askedAt, expiresAt, id, name, runId, userId } = question
      const now = yield* Clock.currentTimeMillis
      const text = yield* encodeQuestion(question)
      yield* sql`
        INSERT INTO aria_questions (id, state, name, user_id, run_id, asked, expires, question)
        VALUES (${id}, 'open', ${name}, ${userId}, ${runId ?? null}, ${askedAt}, ${expiresAt ?? null}, ${text})
        ON CONFLICT (id) DO UPDATE SET state = 'open', name = excluded.name, user_id = excluded.user_id, run_id = excluded.run_id,
          asked = excluded.asked, expires = excluded.expires, question = excluded.question, answer = NULL, problem = NULL
        WHERE aria_questions.state <> 'answered' AND aria_questions.expires <= ${now}`
    }, failing("put", "The question could not be put into the queue")),

    get: (id) => Effect.map(read(id), Option.fromUndefinedOr).pipe(failing("get", `Question ${id} could not be read`)),

    list: Effect.fn("SqlStore.questions")(function* ({ expired, ids, limit, name, runId, states, userId }) {
      if (states?.length === 0 || ids?.length === 0) return []
      const now = yield* Clock.currentTimeMillis
      const conditions: ReadonlyArray<Fragment> = [
        ...(ids === undefined ? [] : [sql.in("id", ids)]),
        ...(states === undefined ? [] : [sql.in("state", states)]),
        ...(name === undefined ? [] : [sql`name = ${name}`]),
        ...(userId === undefined ? [] : [sql`user_id = ${userId}`]),
        ...(runId === undefined ? [] : [sql`run_id = ${runId}`]),
        ...(expired === true ? [] : [sql`(state <> 'open' OR expires IS NULL OR expires > ${now})`])
      ]
      const where = conditions.length === 0 ? sql`` : sql`WHERE ${sql.and(conditions)}`
      const rows = yield* sql<Row>`
        SELECT state, question, answer, problem FROM aria_questions ${where} ORDER BY asked, id LIMIT ${limit ?? 1_000}`
      return yield* Effect.forEach(rows, queuedOf)
    }, failing("list", "The questions could not be listed")),

    answer: (id, { by, value }) =>
      close(id, "answered", (at) => encodeAnswer({ value, by, at })).pipe(failing("answer", `Question ${id} could not be answered`)),

    decline: (id, by) => close(id, "declined", (at) => encodeDeclined({ by, at })).pipe(failing("decline", `Question ${id} could not be declined`)),

    reopen: (id, problem, answer) =>
      Effect.flatMap(
        encodeAnswer(answer),
        (text) => sql`UPDATE aria_questions SET state = 'open', answer = NULL, problem = ${problem} WHERE id = ${id} AND state = 'answered' AND answer = ${text}`
      ).pipe(Effect.asVoid, failing("reopen", `Question ${id} could not be opened again`))
  }
}

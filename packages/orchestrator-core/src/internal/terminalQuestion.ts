import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { Question } from "../Question.ts"
import { type Form, formOf } from "./terminalAnswer.ts"
import { cut, quoted } from "./terminalText.ts"

/** What a person needs of an approval's request to decide. */
const Subject = Schema.Struct({
  kind: Schema.String,
  key: Schema.String,
  input: Schema.Json,
  recipients: Schema.Array(Schema.String),
  amount: Schema.optionalKey(Schema.Finite),
  undoMillis: Schema.optionalKey(Schema.Finite)
})
type Subject = typeof Subject.Type

/** A question as it is put. */
export interface Put {
  readonly question: Question
  readonly form: Form
  /** Where it is an approval. */
  readonly subject: Subject | undefined
}

export const put = (question: Question): Put => {
  const form = formOf(question.schema)
  const subject = question.name === "approval" && form._tag === "yesNo" ? Schema.decodeUnknownOption(Subject)(question.about) : Option.none()
  return { question, form, subject: Option.getOrUndefined(subject) }
}

const iso = (millis: number): string => new Date(millis).toISOString()

const facts = ({ question, subject }: Put): ReadonlyArray<readonly [label: string, value: string]> => [
  ...(subject === undefined ? [] : ([["Kind", subject.kind], ["Key", subject.key]] as const)),
  ["User", question.userId] as const,
  ...(question.runId === undefined ? [] : [["Run", question.runId] as const]),
  ...(question.taskId === undefined ? [] : [["Task", question.taskId] as const]),
  ...(subject === undefined || subject.recipients.length === 0 ? [] : [["Recipients", subject.recipients.join(", ")] as const]),
  ...(subject?.amount === undefined ? [] : [["Amount", `${subject.amount} US dollars`] as const]),
  ...(subject === undefined
    ? []
    : [["Can be taken back", subject.undoMillis === undefined ? "no" : `for ${Duration.format(Duration.millis(subject.undoMillis))}`] as const]),
  ...(question.expiresAt === undefined ? [] : [["Answer until", iso(question.expiresAt)] as const])
]

const more = ": s shows them"
const noLimit = Number.POSITIVE_INFINITY

/** All of an approval. */
const approval = (one: Put, subject: Subject, columns: number, limit: number): ReadonlyArray<string> => [
  ...cut(quoted(one.question.prompt, columns), limit, more),
  ...facts(one).flatMap(([label, value]) => cut(quoted(`${label}: ${value}`, columns), limit, more)),
  "  Input:",
  ...cut(JSON.stringify(subject.input, null, 2).split("\n").flatMap((line) => quoted(line, columns)), limit, more)
]

/** An approval on few lines, among others. */
const entry = (one: Put, number: number, columns: number): ReadonlyArray<string> => [
  `  ${number}.`,
  ...cut(quoted(one.question.prompt, columns), 4, more),
  ...cut(quoted(facts(one).map(([label, value]) => `${label}: ${value}`).join("; "), columns), 6, more)
]

/** The lines of the approval at the head of those that wait, with a list of the others. `everything` leaves nothing out. */
const approvals = (waiting: ReadonlyArray<Put>, columns: number, everything: boolean): ReadonlyArray<string> => {
  const many = waiting.length > 1
  const limit = everything ? noLimit : 24
  return [
    many ? `${waiting.length} approvals wait. The first, 1 of ${waiting.length}:` : "May this be done?",
    ...waiting.flatMap((one, position) => {
      if (one.subject === undefined) return []
      if (everything || position === 0) return [...(position === 0 ? [] : [`  ${position + 1}.`]), ...approval(one, one.subject, columns, limit)]
      return [...(position === 1 ? ["The others:"] : []), ...entry(one, position + 1, columns)]
    }),
    `Do ${many ? "1" : "it"}? y = yes, n = no (default), s = show everything`,
    ...(many ? [`a = yes to all ${waiting.length} of this list, d = no to all of it`] : [])
  ]
}

const hints: Readonly<Record<Form["_tag"], string>> = {
  yesNo: "y = yes, n = no (default)",
  choices: "Type its number",
  text: "Type the answer on one line",
  json: "Type the answer as JSON on one line"
}

const label = (value: Schema.Json): string => (typeof value === "string" ? value : JSON.stringify(value))

/** A question of a task: of its prompt lines are lines. */
const ask = (one: Put, columns: number): ReadonlyArray<string> => {
  const { form, question } = one
  return [
    "A question:",
    ...question.prompt.split(/\r?\n/).flatMap((line) => quoted(line, columns)),
    "  Asked by:",
    ...quoted([`Name: ${question.name}`, ...facts(one).map(([name, value]) => `${name}: ${value}`)].join("; "), columns),
    ...(form._tag === "choices"
      ? ["  Choices:", ...form.values.flatMap((value, position) => quoted(`${position + 1} = ${label(value)}`, columns))]
      : form._tag === "json"
        ? ["  The answer's JSON Schema:", ...cut(quoted(JSON.stringify(question.schema), columns), 8)]
        : []),
    hints[form._tag]
  ]
}

/** What is shown for a question; `others` are the approvals that wait beside it. */
export const show = (
  one: Put,
  others: ReadonlyArray<Put>,
  options: { readonly columns: number; readonly everything: boolean }
): string => {
  const lines = one.subject === undefined ? ask(one, options.columns) : approvals([one, ...others], options.columns, options.everything)
  return `\n${lines.join("\n")}\n`
}

/** A sentence of ours with somebody's words in it. */
export const problem = (text: string, columns: number): string => `That is no answer:\n${cut(quoted(text, columns), 8).join("\n")}\n`

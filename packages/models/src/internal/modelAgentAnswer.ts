import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import * as SchemaIssue from "effect/SchemaIssue"
import * as Tool from "effect/ai/Tool"

/** The name of the tool by which a model gives an answer that is more than a text. */
export const answerTool = "answer"

/** How an agent's success is asked for, and read. */
export interface Answer {
  /** Undefined where the text of the last turn is the answer. */
  readonly tool: Tool.Any | undefined
  /** Reads the parameters of a call of the tool. */
  readonly ofCall: (params: unknown) => Result.Result<unknown, ReadonlyArray<string>>
  /** Reads the text of a turn without calls. */
  readonly ofText: (text: string) => Result.Result<unknown, ReadonlyArray<string>>
}

const standard = SchemaIssue.makeFormatterStandardSchemaV1()

/** Paths with sentences; values are not repeated. */
const problemsOf = (error: Schema.SchemaError): ReadonlyArray<string> =>
  standard(error.issue).issues.map(({ message, path = [] }) =>
    path.length === 0
      ? message
      : `${path.map((segment) => String(typeof segment === "object" ? segment.key : segment)).join(".")}: ${message}`
  )

/** Some models put what they were told to write as JSON between fences. */
const jsonIn = (text: string): Result.Result<unknown, ReadonlyArray<string>> => {
  const inner = /^\s*```(?:json)?\s*\n([\s\S]*?)\n?```\s*$/.exec(text)?.[1] ?? text
  try {
    return Result.succeed(JSON.parse(inner))
  } catch {
    return Result.fail([`it is text; call the tool "${answerTool}" with the answer instead`])
  }
}

/** Objects are the tool's parameters as they are; providers take nothing else there, so all else is wrapped. */
const wrapped = (success: Schema.Codec<unknown, unknown>) => Schema.Struct({ answer: success })

export const make = (successSchema: Schema.Constraint): Answer => {
  const success = Schema.toCodecJson(successSchema as Schema.Codec<unknown, unknown>)
  const read = (schema: Schema.Codec<any, any>) => {
    const decode = Schema.decodeUnknownResult(schema, { errors: "all" })
    return (value: unknown) => Result.mapError(decode(value), problemsOf)
  }
  const ofValue = read(success)
  // What is only written as text, such as a date, is asked for with its schema like all else.
  if (SchemaAST.isString(successSchema.ast) && successSchema.ast.encoding === undefined) {
    return {
      tool: undefined,
      ofCall: ofValue,
      ofText: (text) => (text.trim() === "" ? Result.fail(["it is empty"]) : ofValue(text))
    }
  }
  const isObject = Tool.getJsonSchemaFromSchema(success).type === "object"
  const parameters = isObject ? success : wrapped(success)
  const ofParameters = read(parameters as Schema.Codec<unknown, unknown>)
  const ofCall = isObject
    ? ofParameters
    : (params: unknown) => Result.map(ofParameters(params), (value: any) => value.answer)
  const tool = Tool.make(answerTool, {
    description:
      "Gives the result and ends the work. Call it once, alone, when you have seen the results of all other calls.",
    parameters: parameters as any
  })
  return {
    tool,
    ofCall,
    ofText: (text) =>
      Result.flatMap(jsonIn(text), (value) => {
        const direct = ofValue(value)
        return Result.isSuccess(direct) || isObject ? direct : ofCall(value)
      })
  }
}

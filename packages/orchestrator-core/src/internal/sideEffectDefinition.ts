import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { Portable } from "../Agent.ts"
import type { Request } from "../Approval.ts"
import type * as AuditLog from "../AuditLog.ts"
import type { Options } from "../SideEffect.ts"
import { isName } from "./kinds.ts"
import { refuseSecrets } from "./secretSchema.ts"

type AnyOptions = Options<any, any, any, any>

/** An action as the machine uses it: defaults filled in, schemas as codecs to JSON. */
export interface Definition {
  readonly kind: string
  readonly options: AnyOptions
  readonly input: Schema.Codec<any, Schema.Json>
  readonly success: Schema.Codec<any, Schema.Json>
  readonly error: Schema.Codec<any, Schema.Json>
  readonly settleAfter: number
  readonly expiresIn: number
  readonly undoWithin: number | undefined
}

const dayMillis = 24 * 60 * 60 * 1_000

/** Finite, from 0; anything else is a mistake in the program that defines the action. */
const millis = (kind: string, name: string, input: Duration.Input): number => {
  const duration = Option.map(Duration.fromInput(input), Duration.toMillis)
  if (Option.isSome(duration) && Number.isFinite(duration.value) && duration.value >= 0) return duration.value
  throw new Error(`SideEffect.make("${kind}"): ${name} was ${String(input)}; allowed is a finite duration from 0`)
}

const codec = (schema: Portable): Schema.Codec<any, Schema.Json> => Schema.toCodecJson(schema as Schema.Codec<any, unknown>)

const definitions = new WeakMap<object, Definition>()

export const define = (kind: string, options: AnyOptions): Definition => {
  const known = definitions.get(options)
  if (known !== undefined && known.kind === kind) return known
  if (!isName(kind)) {
    throw new Error(`SideEffect.make: the kind was ${JSON.stringify(kind)}; allowed are words joined by dots, such as "calendar.create"`)
  }
  for (const part of ["input", "success", "error"] as const) {
    const schema = options[part]
    if (schema !== undefined) {
      refuseSecrets(`SideEffect.make("${kind}"): ${part}`, schema, "let the call take it from a service or from Config")
    }
  }
  const definition: Definition = {
    kind,
    options,
    input: codec(options.input),
    success: codec(options.success),
    error: codec(options.error ?? Schema.Never),
    settleAfter: millis(kind, "settleAfter", options.settleAfter ?? "1 minute"),
    expiresIn: millis(kind, "expiresIn", options.expiresIn ?? dayMillis),
    undoWithin: options.undo === undefined ? undefined : millis(kind, "undo.within", options.undo.within)
  }
  definitions.set(options, definition)
  return definition
}

/** What the log says of an action. */
export const eventOf = (
  what: AuditLog.Event["what"],
  about: Pick<Request, "receiptId" | "kind" | "inputHash" | "userId" | "runId" | "taskId">,
  more?: { readonly by?: string | undefined; readonly reason?: string | undefined }
): AuditLog.Event => ({
  what,
  receiptId: about.receiptId,
  kind: about.kind,
  inputHash: about.inputHash,
  userId: about.userId,
  ...(about.runId === undefined ? {} : { runId: about.runId }),
  ...(about.taskId === undefined ? {} : { taskId: about.taskId }),
  ...(more?.by === undefined ? {} : { by: more.by }),
  ...(more?.reason === undefined ? {} : { reason: more.reason })
})

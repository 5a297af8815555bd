/** Ranges of settings, and their way into the options of a call. */
import type { LanguageModelV4CallOptions } from "@ai-sdk/provider"
import * as Redacted from "effect/Redacted"
import type { CallSettings } from "../CallSettings.ts"

export interface Refusal {
  readonly setting: string
  readonly received: string
  readonly allowed: string
}

const isWhole = (minimum: number) => (value: unknown) => Number.isSafeInteger(value) && Number(value) >= minimum
const isBetween = (minimum: number, maximum: number) => (value: unknown) =>
  typeof value === "number" && value >= minimum && value <= maximum
const isFinite = isBetween(-Number.MAX_VALUE, Number.MAX_VALUE)
const levels = ["provider-default", "none", "minimal", "low", "medium", "high", "xhigh", "max"]

const rules: ReadonlyArray<readonly [keyof CallSettings, (value: unknown) => boolean, string]> = [
  ["temperature", isBetween(0, Number.MAX_VALUE), "a finite number from 0 on"],
  ["maxOutputTokens", isWhole(1), "a whole number from 1 on"],
  ["topP", isBetween(0, 1), "a number from 0 to 1"],
  ["topK", isWhole(1), "a whole number from 1 on"],
  ["presencePenalty", isFinite, "a finite number"],
  ["frequencyPenalty", isFinite, "a finite number"],
  ["seed", isWhole(Number.MIN_SAFE_INTEGER), "a whole number"],
  [
    "stopSequences",
    (value) => Array.isArray(value) && value.every((text) => typeof text === "string" && text !== ""),
    "texts that are not empty"
  ],
  ["reasoning", (value) => typeof value === "string" && levels.includes(value), `one of ${levels.join(", ")}`]
]

const show = (value: unknown): string => (typeof value === "number" ? String(value) : JSON.stringify(value))

/** The first setting that is outside its range. */
export const refusalOf = (settings: CallSettings, specification: string): Refusal | undefined => {
  for (const [setting, holds, allowed] of rules) {
    const value = settings[setting]
    if (value !== undefined && !holds(value)) return { setting, received: show(value), allowed }
  }
  return settings.reasoning !== undefined && settings.reasoning !== "provider-default" && specification === "v3"
    ? {
        setting: "reasoning",
        received: show(settings.reasoning),
        allowed: "nothing for a model of specification v3; use its providerOptions"
      }
    : undefined
}

const plain = (value: string | Redacted.Redacted): string =>
  Redacted.isRedacted(value) ? Redacted.value(value) : value

/** What must not be told: the values of headers. */
export const secretsOf = ({ headers = {} }: CallSettings): ReadonlyArray<string> =>
  // a scheme in front of the secret must not be all that keeps it from being found
  Object.values(headers).flatMap((value) => [plain(value), plain(value).replace(/^\S+ /, "")])

type Options = Pick<
  LanguageModelV4CallOptions,
  | Exclude<keyof CallSettings, "headers" | "providerOptions" | "stopSequences">
  | "headers"
  | "providerOptions"
  | "stopSequences"
>

export const callOptions = (settings: CallSettings): Options => {
  const { headers, providerOptions, ...rest } = settings
  const set = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined))
  return {
    ...set,
    ...(headers === undefined
      ? {}
      : { headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, plain(value)])) }),
    ...(providerOptions === undefined ? {} : { providerOptions: structuredClone(providerOptions) as never })
  }
}

/** `"provider/model"` as a model, from the provider's own package, with its key from the configuration. */
import type { EmbeddingModelV4, LanguageModelV4 } from "@ai-sdk/provider"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import {
  type AiSdkError,
  InvalidModelNameError,
  InvalidSettingError,
  MissingApiKeyError,
  ProviderPackageError,
  UnknownProviderError,
  UnsupportedModelError
} from "../AiSdkError.ts"

export interface Connection {
  readonly apiKey?: Redacted.Redacted | undefined
  readonly baseUrl?: string | undefined
  readonly jsonSchema?: "native" | "prompt" | undefined
}

interface Access {
  readonly apiKey: string | undefined
  readonly baseUrl: string
  readonly jsonSchema: "native" | "prompt"
}

interface Models {
  readonly language: (id: string) => LanguageModelV4
  readonly embedding?: (id: string) => EmbeddingModelV4
}

interface Entry {
  readonly package: string
  /** Environment variables with the key, the first that is set. */
  readonly keys: ReadonlyArray<string>
  readonly needsKey: boolean
  readonly baseUrl: { readonly variable: string; readonly default: string | undefined }
  readonly load: () => Promise<(access: Access) => Models>
}

/** Following a redirect would hand the key to whatever host it leads to. The answer itself is turned into an error that names the host. */
const withoutRedirects: typeof fetch = (input, init) => fetch(input, { ...init, redirect: "manual" })

const settings = ({ apiKey, baseUrl }: Access) => ({
  baseURL: baseUrl,
  fetch: withoutRedirects,
  ...(apiKey === undefined ? {} : { apiKey })
})

const entries: Readonly<Record<string, Entry>> = {
  openai: {
    package: "@ai-sdk/openai",
    keys: ["OPENAI_API_KEY"],
    needsKey: true,
    baseUrl: { variable: "OPENAI_BASE_URL", default: "https://api.openai.com/v1" },
    load: async () => {
      const { createOpenAI } = await import("@ai-sdk/openai")
      return (access) => {
        const provider = createOpenAI(settings(access))
        return { language: (id) => provider.responses(id), embedding: (id) => provider.embedding(id) }
      }
    }
  },
  anthropic: {
    package: "@ai-sdk/anthropic",
    keys: ["ANTHROPIC_API_KEY"],
    needsKey: true,
    baseUrl: { variable: "ANTHROPIC_BASE_URL", default: "https://api.anthropic.com/v1" },
    load: async () => {
      const { createAnthropic } = await import("@ai-sdk/anthropic")
      return (access) => {
        const provider = createAnthropic(settings(access))
        return { language: (id) => provider.languageModel(id) }
      }
    }
  },
  google: {
    package: "@ai-sdk/google",
    keys: ["GOOGLE_GENERATIVE_AI_API_KEY", "GEMINI_API_KEY"],
    needsKey: true,
    baseUrl: { variable: "GOOGLE_GEMINI_BASE_URL", default: "https://generativelanguage.googleapis.com/v1beta" },
    load: async () => {
      const { createGoogle } = await import("@ai-sdk/google")
      return (access) => {
        const provider = createGoogle(settings(access))
        return { language: (id) => provider.languageModel(id), embedding: (id) => provider.embedding(id) }
      }
    }
  },
  "openai-compatible": {
    package: "@ai-sdk/openai-compatible",
    keys: ["OPENAI_COMPATIBLE_API_KEY"],
    needsKey: false,
    baseUrl: { variable: "OPENAI_COMPATIBLE_BASE_URL", default: undefined },
    load: async () => {
      const { createOpenAICompatible } = await import("@ai-sdk/openai-compatible")
      return (access) => {
        const provider = createOpenAICompatible({
          ...settings(access),
          name: "openai-compatible",
          includeUsage: true,
          supportsStructuredOutputs: access.jsonSchema === "native"
        })
        return { language: (id) => provider.chatModel(id), embedding: (id) => provider.embeddingModel(id) }
      }
    }
  }
}

const parse = (name: string): Effect.Effect<readonly [entry: Entry, provider: string, model: string], AiSdkError> => {
  // models have slashes in their own names: only the first one counts
  const slash = name.indexOf("/")
  const provider = name.slice(0, slash)
  const model = name.slice(slash + 1)
  if (slash <= 0 || model.trim() === "" || model !== model.trim()) {
    return Effect.fail(new InvalidModelNameError({ received: name }))
  }
  const entry = Object.hasOwn(entries, provider) ? entries[provider] : undefined
  return entry === undefined
    ? Effect.fail(new UnknownProviderError({ provider, model, known: Object.keys(entries) }))
    : Effect.succeed([entry, provider, model])
}

/** Of a package that is there, and lacks one that it needs itself, the name is in the message as well: as who asked for it. */
const isMissing = (cause: unknown, name: string): boolean =>
  cause instanceof Error &&
  "code" in cause &&
  (cause.code === "ERR_MODULE_NOT_FOUND" || cause.code === "MODULE_NOT_FOUND") &&
  (/Cannot find (?:package|module) '([^']*)'/.exec(cause.message)?.[1] ?? name) === name

const load = (provider: string, entry: Entry) =>
  Effect.tryPromise({
    try: entry.load,
    catch: (cause) =>
      new ProviderPackageError(
        isMissing(cause, entry.package)
          ? { provider, package: entry.package, reason: "missing" }
          : { provider, package: entry.package, reason: "broken", detail: String(cause).slice(0, 500) }
      )
  })

/** A variable that is there and empty counts as not set, as in a shell. */
const variable = (name: string): Effect.Effect<Option.Option<string>, InvalidSettingError> =>
  Config.option(Config.Redacted(name)).pipe(
    Effect.map(Option.map((value) => Redacted.value(value).trim())),
    Effect.map(Option.filter((value) => value !== "")),
    Effect.mapError(
      () => new InvalidSettingError({ setting: name, received: "something that cannot be read", allowed: "a text" })
    )
  )

const apiKey = (provider: string, entry: Entry, given: Redacted.Redacted | undefined) =>
  Effect.gen(function* () {
    if (given !== undefined && Redacted.value(given).trim() !== "") return Redacted.value(given).trim()
    const { keys } = entry
    for (const key of keys) {
      const found = yield* variable(key)
      if (Option.isSome(found)) return found.value
    }
    return entry.needsKey ? yield* new MissingApiKeyError({ provider, variables: keys }) : undefined
  })

const baseUrl = (provider: string, entry: Entry, given: string | undefined) =>
  Effect.gen(function* () {
    const { baseUrl } = entry
    const found = given ?? Option.getOrElse(yield* variable(baseUrl.variable), () => baseUrl.default)
    const allowed = "an http(s) address without a name and password in it"
    if (found === undefined) {
      return yield* new InvalidSettingError({
        setting: "baseUrl",
        received: "nothing",
        allowed: `${allowed}, such as "http://127.0.0.1:11434/v1": ${provider} has none of its own (or set ${baseUrl.variable})`
      })
    }
    const url = URL.canParse(found) ? new URL(found) : undefined
    if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "") {
      // it may have a password in it
      const received = url === undefined ? "something else" : `${url.protocol}//${url.host}${url.pathname}`
      return yield* new InvalidSettingError({ setting: "baseUrl", received, allowed })
    }
    return found
  })

const connect = Effect.fnUntraced(function* (name: string, connection: Connection) {
  const [entry, provider, model] = yield* parse(name)
  const make = yield* load(provider, entry)
  const access: Access = {
    apiKey: yield* apiKey(provider, entry, connection.apiKey),
    baseUrl: yield* baseUrl(provider, entry, connection.baseUrl),
    jsonSchema: connection.jsonSchema ?? "native"
  }
  return { models: make(access), model, secrets: access.apiKey === undefined ? [] : [access.apiKey] }
})

export interface Connected<Model> {
  readonly model: Model
  readonly secrets: ReadonlyArray<string>
}

export const connectLanguage = (
  name: string,
  connection: Connection
): Effect.Effect<Connected<LanguageModelV4>, AiSdkError> =>
  Effect.map(connect(name, connection), ({ model, models, secrets }) => ({ model: models.language(model), secrets }))

export const connectEmbedding = (
  name: string,
  connection: Connection
): Effect.Effect<Connected<EmbeddingModelV4>, AiSdkError> =>
  Effect.flatMap(connect(name, connection), ({ model, models, secrets }) =>
    models.embedding === undefined
      ? Effect.fail(
          new UnsupportedModelError({
            model: name,
            detail: "this provider has no models for embeddings. openai, google and openai-compatible have."
          })
        )
      : Effect.succeed({ model: models.embedding(model), secrets })
  )

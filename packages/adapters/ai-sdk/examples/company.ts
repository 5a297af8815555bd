import { AiSdk } from "@aria/adapter-ai-sdk"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { LanguageModel } from "effect/ai"
import { once } from "node:events"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"

// A server that speaks OpenAI's chat protocol and always says the same: in its place, Ollama, vLLM, LM Studio …
const server = createServer((_, response) => {
  const message = { role: "assistant", content: '{"name":"Acme","raised":5000000,"lead":null}' }
  const usage = { prompt_tokens: 31, completion_tokens: 14, total_tokens: 45 }
  response.setHeader("content-type", "application/json")
  response.end(JSON.stringify({ choices: [{ index: 0, message, finish_reason: "stop" }], usage }))
}).listen(0, "127.0.0.1")
await once(server, "listening")
const { port } = server.address() as AddressInfo

const Round = Schema.Struct({ name: Schema.String, raised: Schema.Int, lead: Schema.optionalKey(Schema.String) })

const program = Effect.gen(function* () {
  const answer = yield* LanguageModel.generateObject({ prompt: "Acme raises $5M in seed funding.", schema: Round })
  yield* Effect.log(answer.value, `${answer.usage.inputTokens.total} + ${answer.usage.outputTokens.total} tokens`)
})

// with a key in OPENAI_API_KEY: AiSdk.layer("openai/gpt-5")
const Model = AiSdk.layer("openai-compatible/llama3.2", {
  baseUrl: `http://127.0.0.1:${port}/v1`,
  maxOutputTokens: 200
})

await program.pipe(
  Effect.provide(Model),
  // it says what to install
  Effect.catchTag("ProviderPackageError", (error) => Effect.logWarning(error.message)),
  Effect.runPromise
)
server.closeAllConnections()
server.close()

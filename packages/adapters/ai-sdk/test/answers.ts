/** Answers as the providers' servers write them, cut down to what their packages need. */

const responsesUsage = {
  input_tokens: 100,
  input_tokens_details: { cached_tokens: 40 },
  output_tokens: 30,
  output_tokens_details: { reasoning_tokens: 20 },
  total_tokens: 130
}

/** OpenAI Responses: one answer from its output items. */
export const responses = (output: ReadonlyArray<object>, more: object = {}) => ({
  id: "resp_1",
  object: "response",
  created_at: 1_760_000_000,
  status: "completed",
  model: "gpt-5-2025-08-07",
  error: null,
  incomplete_details: null,
  output,
  usage: responsesUsage,
  ...more
})

export const responsesText = (text: string) => ({
  id: "msg_1",
  type: "message",
  role: "assistant",
  status: "completed",
  content: [{ type: "output_text", text, annotations: [] }]
})

export const responsesReasoning = (id: string, text: string) => ({
  id,
  type: "reasoning",
  encrypted_content: null,
  summary: [{ type: "summary_text", text }]
})

export const responsesCall = (id: string, name: string, input: object) => ({
  id: `fc_${id}`,
  type: "function_call",
  call_id: id,
  name,
  arguments: JSON.stringify(input),
  status: "completed"
})

/** The same, streamed: created, the text in pieces, completed. */
export const responsesStream = (pieces: ReadonlyArray<string>) => [
  {
    type: "response.created",
    response: { id: "resp_1", created_at: 1_760_000_000, model: "gpt-5", service_tier: null }
  },
  { type: "response.output_item.added", output_index: 0, item: { id: "msg_1", type: "message" } },
  ...pieces.map((delta) => ({ type: "response.output_text.delta", item_id: "msg_1", delta })),
  {
    type: "response.output_item.done",
    output_index: 0,
    item: { id: "msg_1", type: "message", role: "assistant", content: [], status: "completed" }
  },
  { type: "response.completed", response: { incomplete_details: null, usage: responsesUsage, service_tier: null } }
]

/** Anthropic's messages. */
export const message = (content: ReadonlyArray<object>, stop_reason = "end_turn") => ({
  id: "msg_1",
  type: "message",
  role: "assistant",
  model: "claude-sonnet-4-5",
  content,
  stop_reason,
  stop_sequence: null,
  usage: { input_tokens: 60, cache_creation_input_tokens: 10, cache_read_input_tokens: 30, output_tokens: 25 }
})

export const messageStream = (pieces: ReadonlyArray<string>) => [
  { type: "message_start", message: { ...message([]), stop_reason: null } },
  { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
  ...pieces.map((text) => ({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text } })),
  { type: "content_block_stop", index: 0 },
  { type: "message_delta", delta: { stop_reason: "end_turn", stop_sequence: null }, usage: { output_tokens: 25 } },
  { type: "message_stop" }
]

/** Google's generateContent. */
export const candidates = (parts: ReadonlyArray<object>) => ({
  candidates: [{ content: { role: "model", parts }, finishReason: "STOP", index: 0 }],
  usageMetadata: {
    promptTokenCount: 50,
    cachedContentTokenCount: 20,
    candidatesTokenCount: 10,
    thoughtsTokenCount: 7,
    totalTokenCount: 67
  },
  modelVersion: "gemini-2.5-flash",
  responseId: "g_1"
})

/** OpenAI's chat completions, and those who follow them. */
export const completion = (message: object, finish_reason = "stop") => ({
  id: "chat_1",
  object: "chat.completion",
  created: 1_760_000_000,
  model: "gpt-5",
  choices: [{ index: 0, message: { role: "assistant", ...message }, finish_reason }],
  usage: {
    prompt_tokens: 80,
    prompt_tokens_details: { cached_tokens: 16 },
    completion_tokens: 20,
    completion_tokens_details: { reasoning_tokens: 8 },
    total_tokens: 100
  }
})

export const completionStream = (pieces: ReadonlyArray<string>) => [
  ...pieces.map((content) => ({
    id: "chat_1",
    created: 1_760_000_000,
    model: "gpt-5",
    choices: [{ index: 0, delta: { role: "assistant", content }, finish_reason: null }]
  })),
  { id: "chat_1", created: 1_760_000_000, model: "gpt-5", choices: [{ index: 0, delta: {}, finish_reason: "stop" }] },
  { id: "chat_1", created: 1_760_000_000, model: "gpt-5", choices: [], usage: completion({}).usage },
  "[DONE]"
]

/** The path of a request tells its protocol. */
export const textFor = (url: string, text: string): object =>
  url.endsWith("/responses")
    ? responses([responsesText(text)])
    : url.endsWith("/messages")
      ? message([{ type: "text", text }])
      : url.includes("generateContent")
        ? candidates([{ text }])
        : completion({ content: text })

export const streamFor = (url: string, pieces: ReadonlyArray<string>): ReadonlyArray<unknown> =>
  url.endsWith("/responses")
    ? responsesStream(pieces)
    : url.endsWith("/messages")
      ? messageStream(pieces)
      : url.includes("GenerateContent")
        ? [
            ...pieces.map((text) => ({ candidates: [{ content: { role: "model", parts: [{ text }] }, index: 0 }] })),
            candidates([{ text: "" }])
          ]
        : completionStream(pieces)

/**
 * Names that OpenTelemetry has for providers, where they differ from those by which models are called. `@aria/adapter-ai-sdk` has the
 * same for models that are used without this package, which a test of that one holds.
 */
const names: Readonly<Record<string, string>> = {
  azure: "azure.ai.openai",
  bedrock: "aws.bedrock",
  "amazon-bedrock": "aws.bedrock",
  google: "gcp.gemini",
  mistral: "mistral_ai",
  moonshotai: "moonshot_ai",
  vertex: "gcp.vertex_ai",
  xai: "x_ai"
}

export const providerName = (name: string): string => (Object.hasOwn(names, name) ? (names[name] ?? name) : name)

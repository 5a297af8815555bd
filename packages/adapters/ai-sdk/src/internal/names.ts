/** The AI SDK names a provider and its protocol: `openai.responses`. */

export const providerName = (name: string): string => name.split(".")[0] || name

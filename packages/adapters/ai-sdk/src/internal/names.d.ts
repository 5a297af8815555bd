/** The AI SDK names a provider and its protocol: `openai.responses`. */
export declare const providerName: (name: string) => string;

export * as AiSdk from "./AiSdk.ts";
export * as AiSdkEmbedding from "./AiSdkEmbedding.ts";
export * as AiSdkError from "./AiSdkError.ts";
export * as CallSettings from "./CallSettings.ts";
export * as Spent from "./Spent.ts";

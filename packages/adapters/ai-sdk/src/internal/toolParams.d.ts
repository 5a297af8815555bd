/** Parameters of tool calls: from the form that the provider's schema gave them to the tool's own. */
import { type LanguageModel, Tool } from "effect/ai";
import * as Effect from "effect/Effect";
/** Text that is no JSON stays text, so that the tool's own schema refuses it in the way that its `failureMode` says. */
export declare const parseParams: (input: unknown) => unknown;
/**
 * A provider's schema has `null` for what is left out, entries for records, objects for tuples. What does not fit it is given as it
 * came: the tool's own schema decides.
 */
export declare const toolParams: (tool: Tool.Any, input: unknown, transformer: LanguageModel.CodecTransformer) => Effect.Effect<unknown>;

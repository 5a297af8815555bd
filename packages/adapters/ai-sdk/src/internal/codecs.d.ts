/** Schemas as providers take them. Writing one takes far longer than the rest of a call: each schema is written once. */
import type { LanguageModel } from "effect/ai";
/** A schema that cannot be written fails anew each time. */
export declare const remembering: (transformer: LanguageModel.CodecTransformer) => LanguageModel.CodecTransformer;

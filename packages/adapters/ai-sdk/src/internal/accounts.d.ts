/** Which error came from a call that cost what. Beside the errors, since their schemas have no field for it. */
import type { AiError } from "effect/ai";
import type { Spent } from "../Spent.ts";
export declare const remember: (error: AiError.AiError, spent: Spent) => AiError.AiError;
export declare const recall: (error: AiError.AiError) => Spent | undefined;

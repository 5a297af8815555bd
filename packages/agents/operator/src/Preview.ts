/**
 * What a write would do, from a dry run: nothing was written, and nobody was asked.
 *
 * @since 0.1.0
 */
import { Request } from "@aria/orchestrator-core/Approval"
import * as Schema from "effect/Schema"
import { Difference } from "./Difference.ts"

/**
 * What all previews have.
 *
 * @category schemas
 * @since 0.1.0
 */
export const fields = {
  dryRun: Schema.Literal(true),
  /** What would change, field by field: for a creation all fields, for a removal all that would be lost. */
  changes: Schema.Array(Difference),
  /** Whether this very action was done before: doing it again would change nothing and give its stored outcome. */
  alreadyDone: Schema.Boolean,
  /** What would be asked for; left out where it was done already, or would be refused. `Approval.layerGranted` approves it. */
  approval: Schema.optionalKey(Request)
} as const

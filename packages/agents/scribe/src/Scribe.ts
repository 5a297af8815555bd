/**
 * The agent that drafts emails, documents and messages, from templates or by a model. It never sends.
 *
 * @since 0.1.0
 */
import * as ModelAgent from "@aria/models/ModelAgent"
import * as Agent from "@aria/orchestrator-core/Agent"
import * as Progress from "@aria/orchestrator-core/Progress"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import type * as LanguageModel from "effect/ai/LanguageModel"
import { Draft } from "./Draft.ts"
import { compose } from "./internal/compose.ts"
import { fromTemplate } from "./internal/fromTemplate.ts"
import { contentOf, instructions, promptOf, schemaFor } from "./internal/written.ts"
import { notes, Request } from "./Request.ts"
import { UnknownTemplateError } from "./UnknownTemplateError.ts"

/**
 * How the model is used.
 *
 * @category models
 * @since 0.1.0
 */
export interface ModelOptions extends Pick<
  ModelAgent.Options<typeof Scribe>,
  "maxTurns" | "maxRepairs" | "toolChoice" | "contextWindow" | "progress" | "spans"
> {
  /**
   * What comes of a request that the model has no answer to, or none that may be used. `"template"`: the draft of `Scribe.layer`, with
   * `writtenBy: "template"` and the reason among its warnings. Default `"fail"`.
   */
  readonly whenModelFails?: "fail" | "template" | undefined
  /**
   * `"required"`: what the model says without naming a note that has a source, or with a figure, address or link that none of its own
   * notes has, is left out, and a warning counts it; the subject is the goal. An answer of which nothing is left is not accepted;
   * a request without any source is written from the template.
   * Default `"optional"`: statements may stand without sources, and what was made up is asked for again.
   */
  readonly sources?: "optional" | "required" | undefined
}

const told = (draft: Draft): Effect.Effect<void> =>
  Progress.report({ message: `Drafted ${draft.wordCount} words`, fraction: 1 })

const byModel = (options: ModelOptions) =>
  Effect.gen(function* () {
    const { sources = "optional", whenModelFails = "fail", ...agentOptions } = options
    const context = yield* Effect.context<LanguageModel.LanguageModel>()
    const writerOf = (request: Request) =>
      ModelAgent.make(
        // What may be answered depends on what was asked, so each request has a schema of its own.
        Agent.make("Scribe", {
          description: "",
          payload: Request,
          success: schemaFor(request, sources),
          error: ModelAgent.Failure
        }),
        { ...agentOptions, instructions, prompt: promptOf }
      ).pipe(Effect.provideContext(context))
    // Options are refused when the layer is built, not at the first call.
    yield* writerOf({ communicationType: "message", goal: "Check the options" })
    const write = Effect.fnUntraced(function* (request: Request) {
      const writer = yield* Effect.orDie(writerOf(request))
      return compose(request, contentOf(request, yield* writer(request), sources))
    })
    const draft = Effect.fnUntraced(function* (request: Request) {
      if (request.templateName !== undefined) return yield* fromTemplate(request)
      // Nothing that a model could say would be kept.
      const isBare = notes(request).every((note) => (note.sources ?? []).length === 0)
      if (sources === "required" && isBare) return yield* fromTemplate(request)
      if (whenModelFails === "fail") return yield* write(request)
      return yield* Effect.catch(write(request), (error) =>
        Effect.map(fromTemplate(request), (draft) => ({
          ...draft,
          warnings: [...draft.warnings, `Written from the template, because the model gave no draft. ${error.message}`]
        }))
      )
    })
    return Effect.fn("Scribe.run")((request: Request) => Effect.tap(draft(request), told))
  })

const byTemplate = Effect.fn("Scribe.run")(function* (request: Request) {
  const draft = yield* fromTemplate(request)
  yield* told(draft)
  return draft
})

/**
 * Drafts emails, documents and messages. What it is not given it does not say: no placeholders, no names or addresses of its own.
 *
 * **Details**
 *
 * Fails with `UnknownTemplateError`; by a model also with `ModelAgent.Failure`.
 *
 * @example
 * ```ts
 * const draft = yield* Scribe.run({
 *   communicationType: "email",
 *   goal: "A date for the visit to the plant",
 *   recipient: { name: "Ada Lovelace" },
 *   tone: "friendly"
 * })
 * ```
 *
 * @category agents
 * @since 0.1.0
 */
export class Scribe extends Agent.make("Scribe", {
  description: "Drafts emails and documents with style matching",
  version: "1",
  payload: Request,
  success: Draft,
  error: Schema.Union([UnknownTemplateError, ModelAgent.Failure])
}) {
  /**
   * From templates. Needs nothing: no model, no network, no key. The same request always gives the same draft.
   *
   * @since 0.1.0
   */
  static readonly layer: Layer.Layer<Agent.Handler<"Scribe">> = this.toLayer(byTemplate)

  /**
   * By the `LanguageModel` it is given. Figures, addresses and links that are not in the request, open places, and sources that do not
   * exist are not accepted; the model is told and tries again, `maxRepairs` times. A request with a `templateName` is filled without it.
   *
   * Errors, when it is built: `ModelAgent.InvalidOptionError`.
   *
   * @since 0.1.0
   */
  static readonly layerModel = (
    options: ModelOptions = {}
  ): Layer.Layer<Agent.Handler<"Scribe">, ModelAgent.InvalidOptionError, LanguageModel.LanguageModel> =>
    Scribe.toLayer(byModel(options))
}

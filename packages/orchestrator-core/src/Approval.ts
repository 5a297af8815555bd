/**
 * Whether an action may be done: asked for exactly its input, before anything is done.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as ApprovalPolicy from "./ApprovalPolicy.ts"
import { HumanInput } from "./HumanInput.ts"
import { ask } from "./internal/approvalQuestion.ts"

/**
 * What is to be approved. The approval holds for this input and no other.
 *
 * @category models
 * @since 0.1.0
 */
export const Request = Schema.Struct({
  receiptId: Schema.String,
  scope: Schema.String,
  kind: Schema.String,
  key: Schema.String,
  inputHash: Schema.String,
  /** As its schema encodes it to JSON. */
  input: Schema.Json,
  /** A sentence: what would be done. */
  summary: Schema.String,
  userId: Schema.String,
  runId: Schema.optionalKey(Schema.String),
  taskId: Schema.optionalKey(Schema.String),
  /** Who would receive something, mail addresses mostly; empty where nobody does. */
  recipients: Schema.Array(Schema.String),
  /** What it would move or cost, in US dollars, where the action says. */
  amount: Schema.optionalKey(Schema.Finite),
  /** For how long it could be taken back, milliseconds. */
  undoMillis: Schema.optionalKey(Schema.Finite),
  /** When it was requested, and after when an answer does not count any more, milliseconds since 1970. */
  at: Schema.Finite,
  expiresAt: Schema.optionalKey(Schema.Finite)
})
/**
 * @category models
 * @since 0.1.0
 */
export type Request = typeof Request.Type

/**
 * Yes or no, by whom, and why not.
 *
 * @category models
 * @since 0.1.0
 */
export const Decision = Schema.Union([
  Schema.TaggedStruct("approved", { by: Schema.String }),
  Schema.TaggedStruct("denied", {
    by: Schema.String,
    reason: Schema.Literals(["denied", "expired", "nobody"]),
    /** A sentence. */
    message: Schema.String
  })
])
/**
 * @category models
 * @since 0.1.0
 */
export type Decision = typeof Decision.Type

/**
 * Decides about requests. An agent that writes requires it, and who runs the agent chooses it.
 *
 * @category services
 * @since 0.1.0
 */
export class Approval extends Context.Service<
  Approval,
  {
    readonly decide: (request: Request) => Effect.Effect<Decision>
  }
>()("@aria/orchestrator-core/Approval/Approval") {}

/**
 * Everything is denied: nothing is written.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerDeny: Layer.Layer<Approval> = Layer.succeed(Approval)({
  decide: ({ kind }) =>
    Effect.succeed({
      _tag: "denied",
      by: "deny",
      reason: "denied",
      message: `${kind} was denied, nothing was done: this run writes nothing; provide Approval.layerAsk or Approval.layerPolicy where it may`
    })
})

/**
 * Everything is approved, in the name of `by`: for a person who said so before, with a flag such as `--yes`.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerApproveAll = (by: string): Layer.Layer<Approval> =>
  Layer.succeed(Approval)({ decide: () => Effect.succeed({ _tag: "approved", by }) })

/**
 * A person is asked about each request. Where nobody answers, or too late, the answer is no.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerAsk: Layer.Layer<Approval, never, HumanInput> = Layer.effect(Approval)(
  Effect.map(HumanInput, (human) => ({ decide: (request: Request) => ask(human, request) }))
)

/**
 * Rules decide; where they say `ask`, a person does.
 *
 * **Example**
 *
 * ```ts
 * const Approvals = Approval.layerPolicy({
 *   rules: [
 *     { effect: "allow", kinds: ["calendar.create"], recipientDomains: ["example.com"] },
 *     { effect: "deny", kinds: ["*"], hours: { from: "22:00", to: "07:00", zone: "Europe/Berlin" } }
 *   ],
 *   otherwise: "ask"
 * })
 * ```
 *
 * Errors: `InvalidApprovalPolicyError`, which lists every rule that cannot hold.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerPolicy = (
  policy: ApprovalPolicy.ApprovalPolicy
): Layer.Layer<Approval, ApprovalPolicy.InvalidApprovalPolicyError, HumanInput> =>
  Layer.effect(Approval)(
    Effect.gen(function* () {
      const decided = yield* ApprovalPolicy.compile(policy)
      const human = yield* HumanInput
      return {
        decide: Effect.fn("Approval.decide")(function* (request: Request) {
          const verdict = decided(request, yield* Clock.currentTimeMillis)
          const by = `policy: ${verdict.by}`
          if (verdict.effect === "ask") return yield* ask(human, request)
          if (verdict.effect === "allow") return { _tag: "approved", by } as const
          return { _tag: "denied", by, reason: "denied", message: `${request.kind} was denied by the policy, nothing was done: ${verdict.by}` } as const
        })
      }
    })
  )

/**
 * A batch that was approved beforehand: each request that is in it, with this input and this user, is approved once per
 * entry; all else is decided by the `Approval` beneath. `SideEffect.rehearse` gives the requests of a plan.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerGranted = (options: {
  readonly requests: ReadonlyArray<Request>
  /** Who approved them. */
  readonly by: string
  /** Until when, milliseconds since 1970; without it for as long as the layer lives. */
  readonly expiresAt?: number | undefined
}): Layer.Layer<Approval, never, Approval> =>
  Layer.effect(Approval)(
    Effect.map(Approval, (beneath) => {
      const open = new Map<string, number>()
      const name = ({ inputHash, key, kind, userId }: Request) => JSON.stringify([kind, key, inputHash, userId])
      for (const request of options.requests) open.set(name(request), (open.get(name(request)) ?? 0) + 1)
      return {
        decide: (request: Request) =>
          Effect.flatMap(Clock.currentTimeMillis, (now) => {
            const left = open.get(name(request)) ?? 0
            if (left === 0 || (options.expiresAt !== undefined && now >= options.expiresAt)) return beneath.decide(request)
            open.set(name(request), left - 1)
            return Effect.succeed({ _tag: "approved", by: options.by } as const)
          })
      }
    })
  )

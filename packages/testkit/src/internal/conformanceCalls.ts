import { InvalidPayloadError } from "@aria/orchestrator-core/Agent"
import * as Progress from "@aria/orchestrator-core/Progress"
import { describe } from "@aria/orchestrator-core/TaskOutcome"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as References from "effect/References"
import * as Schema from "effect/Schema"
import { type Check, verdict } from "./conformanceCheck.ts"
import {
  call,
  describeEnding,
  type Ending,
  ending,
  endingInPlan,
  inFreshLayers,
  isDeclared,
  isSuccess,
  outcomeOf,
  roundTrip,
  same,
  show,
  type Subject
} from "./conformanceHarness.ts"

/** The ending of one call by itself, in layers of its own. */
const alone = (subject: Subject, payload: unknown): Effect.Effect<Ending, any> =>
  inFreshLayers(subject, ending(call(subject, payload), subject.callMillis))

const forEachValid = (subject: Subject, about: (payload: unknown) => Effect.Effect<string | undefined, any>) =>
  Effect.forEach(subject.valid, (payload) =>
    Effect.map(about(payload), (problem) => (problem === undefined ? undefined : `with the payload ${show(payload)} it ${problem}`))
  )

const definition: Check = {
  name: "definition: tag, version and description are given",
  run: ({ agent, scoped }) => {
    const blank = ([["tag", agent._tag], ["version", agent.version], ["description", agent.description]] as const)
      .filter(([, text]) => typeof text !== "string" || text.trim() === "")
      .map(([name]) => `its ${name} is blank`)
    const unscoped = scoped && !/^[^/\s]+\/[^/\s]+$/.test(agent._tag) ? [`its tag "${agent._tag}" has no scope; write it as "acme/${agent._tag}"`] : []
    return Effect.succeed(verdict([...blank, ...unscoped], `${agent._tag}, version ${agent.version}: ${agent.description}`))
  }
}

const schemas: Check = {
  name: "schemas: payload, success and error go through JSON and come back equal",
  run: (subject) =>
    Effect.map(
      forEachValid(subject, (payload) =>
        Effect.gen(function* () {
          const { errorSchema, payloadSchema, successSchema } = subject.agent
          const made = yield* Effect.exit(payloadSchema.makeEffect(payload) as Effect.Effect<unknown, unknown>)
          const problem = Exit.isSuccess(made) ? yield* roundTrip(payloadSchema, made.value) : undefined
          if (problem !== undefined) return `has no JSON: ${problem}`
          const end = yield* alone(subject, payload)
          const lost =
            end._tag === "succeeded" && isSuccess(subject, end.value)
              ? yield* roundTrip(successSchema, end.value)
              : end._tag === "failed" && isDeclared(subject, end.error)
                ? yield* roundTrip(errorSchema, end.error)
                : undefined
          return lost === undefined ? undefined : `${describeEnding(end)}, which is lost as JSON: ${lost}`
        })
      ),
      (problems) => verdict(problems, `${problems.length} payloads and what they came to went through JSON`)
    )
}

const calls: Check = {
  name: "calls: each valid payload succeeds or fails with a declared error, in time",
  run: (subject) =>
    Effect.map(
      forEachValid(subject, (payload) =>
        Effect.map(alone(subject, payload), (end) => {
          switch (end._tag) {
            case "succeeded":
              return isSuccess(subject, end.value) ? undefined : `${describeEnding(end)}, which its success schema refuses`
            case "failed":
              return isDeclared(subject, end.error) ? undefined : `${describeEnding(end)}, which it does not declare`
            case "hung":
              return `did not end within ${subject.callMillis} ms`
            case "interrupted":
              return "interrupted itself"
            case "threw":
              return undefined
          }
        })
      ),
      (problems) => verdict(problems, `${problems.length} payloads succeeded or failed with a declared error`)
    )
}

const defects: Check = {
  name: "defects: nothing is thrown",
  run: (subject) =>
    Effect.map(
      forEachValid(subject, (payload) =>
        Effect.map(alone(subject, payload), (end) => (end._tag === "threw" ? describeEnding(end) : undefined))
      ),
      (problems) => verdict(problems, `${problems.length} payloads threw nothing`)
    )
}

const plans: Check = {
  name: "plans: as a task it gives what it gives by itself",
  run: (subject) =>
    Effect.map(
      forEachValid(subject, (payload) =>
        Effect.gen(function* () {
          const one = yield* alone(subject, payload)
          const task = yield* inFreshLayers(subject, endingInPlan(subject, payload))
          if (same(subject, one, task)) return undefined
          // One that never gives the same twice is found elsewhere.
          if (!same(subject, one, yield* alone(subject, payload))) return undefined
          return `${describeEnding(one)} by itself, and as a task it ${describeEnding(task)}`
        })
      ),
      (problems) => verdict(problems, `${problems.length} payloads came to the same in a plan`)
    )
}

const badPayloads: Check = {
  name: "bad payloads: refused with their path, before the handler is called",
  run: (subject) =>
    Effect.map(
      Effect.forEach(subject.invalid, ({ path, payload }) =>
        Effect.gen(function* () {
          const subjectText = `the payload ${show(payload)}`
          const end = yield* alone(subject, payload)
          if (end._tag !== "failed" || !(end.error instanceof InvalidPayloadError)) {
            return `${subjectText} was not refused: the call ${describeEnding(end)}`
          }
          const paths = end.error.issues.map((issue) => JSON.stringify(issue.path))
          if (path !== undefined && !paths.includes(JSON.stringify(path))) {
            return `${subjectText} was refused at ${paths.join(" and ")} and not at ${JSON.stringify(path)}`
          }
          const ended = yield* inFreshLayers(subject, ending(outcomeOf(subject, payload), subject.callMillis))
          const outcome: any = ended._tag === "succeeded" ? ended.value : undefined
          return outcome?._tag === "failed" && outcome.error instanceof InvalidPayloadError && outcome.attempts === 0
            ? undefined
            : `${subjectText} was not refused in a plan: its task ${outcome === undefined ? describeEnding(ended) : describe(outcome)}`
        })
      ),
      (problems) => verdict(problems, `${problems.length} payloads were refused`)
    )
}

const sideBySide: Check = {
  name: "side by side: two calls at once give equal results",
  run: (subject) =>
    Effect.map(
      forEachValid(subject, (payload) => {
        const one = ending(call(subject, payload), subject.callMillis)
        return Effect.map(inFreshLayers(subject, Effect.all([one, one], { concurrency: 2 })), ([a, b]) =>
          same(subject, a, b) ? undefined : `${describeEnding(a)} and, called a second time at once, ${describeEnding(b)}`
        )
      }),
      (problems) =>
        verdict(
          problems,
          subject.deterministic
            ? `${problems.length} payloads came to the same twice at once`
            : `${problems.length} payloads ended twice at once in the same way; what they gave may differ`
        )
    )
}

const eventJson = Schema.toCodecJson(Progress.Event)

/** What is wrong with an event that the agent has caused. */
const problemOf = (event: Progress.Event): Effect.Effect<string | undefined> => {
  if (event._tag !== "update") return Effect.undefined
  const { fraction } = event
  if (fraction !== undefined && !(fraction >= 0 && fraction <= 1)) {
    return Effect.succeed(`reported "${event.message}" with the fraction ${fraction}; allowed is 0 to 1`)
  }
  return Effect.map(Effect.exit(Schema.encodeEffect(eventJson)(event)), (exit) =>
    Exit.isSuccess(exit) ? undefined : `reported "${event.message}" with data that is no JSON`
  )
}

const progress: Check = {
  name: "progress: reports are optional, encode as JSON, and a listener that throws does no harm",
  run: (subject) =>
    Effect.map(
      forEachValid(subject, (payload) =>
        Effect.gen(function* () {
          const unheard = yield* inFreshLayers(subject, endingInPlan(subject, payload))
          const events: Array<Progress.Event> = []
          const heard = yield* inFreshLayers(
            subject,
            endingInPlan(subject, payload).pipe(
              Progress.listen((event) => {
                events.push(event)
                throw new Error("this listener always throws")
              }),
              Effect.provideService(References.MinimumLogLevel, "None")
            )
          )
          const problems = yield* Effect.forEach(events, problemOf)
          const problem = problems.find((one) => one !== undefined)
          if (problem !== undefined || same(subject, unheard, heard)) return problem
          const again = yield* inFreshLayers(subject, endingInPlan(subject, payload))
          return same(subject, unheard, again) ? `${describeEnding(unheard)} unheard, and with a listener it ${describeEnding(heard)}` : undefined
        })
      ),
      (problems) => verdict(problems, `${problems.length} payloads came to the same with a listener that throws`)
    )
}

export const checks: ReadonlyArray<Check> = [definition, schemas, calls, defects, plans, badPayloads, sideBySide, progress]

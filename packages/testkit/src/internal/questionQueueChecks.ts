/** What a queue of questions has to keep. */
import type { Question } from "@aria/orchestrator-core/Question"
import { type Filter, type Queued, QuestionQueue } from "@aria/orchestrator-core/QuestionQueue"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { Random } from "./lawRandom.ts"
import { type Check, check, expect, expectRefusal, expectSame, placed, SetClock, show } from "./receiptCheck.ts"
import { anyQuestion, question } from "./receiptSamples.ts"

type Queue = QuestionQueue["Service"]

const yes = { value: true, by: "ada" }
const open = (asked: Question): Queued => ({ question: asked, state: "open" })
const expectQueued = (queue: Queue, wanted: Queued, what: string) =>
  Effect.flatMap(queue.get(wanted.question.id), (queued) => expectSame(queued, Option.some(wanted), what))

const keeps = check<QuestionQueue>(
  "a question is given as it was put, with its answer, and none where none was",
  Effect.gen(function* () {
    const queue = yield* QuestionQueue
    const random = new Random(1)
    const values = [null, true, false, 0, "it's \ud83d odd", [], { b: [1, { a: null }], a: "" }]
    const clock = new SetClock(2_000)
    for (let count = 0; count < 60; count++) {
      const asked = anyQuestion(random, String(count), 1_000 + count)
      yield* expectSame(yield* queue.get(asked.id), Option.none(), "before it was put")
      yield* clock.standing(queue.put(asked))
      yield* expectQueued(queue, open(asked), "what was put")
      const answer = { value: random.pick(values), by: random.pick(["ada", "o'neil"]) }
      yield* clock.standing(queue.answer(asked.id, answer))
      yield* expectQueued(queue, { question: asked, state: "answered", answer: { ...answer, at: 2_000 } }, "what was answered")
    }
  })
)

const once = check<QuestionQueue>(
  "a question that is asked again is the same one, until its time is over",
  Effect.gen(function* () {
    const queue = yield* QuestionQueue
    const clock = new SetClock(1_000)
    const asked = (id: string, askedAt: number, expiresAt?: number) => question(id, { askedAt, ...(expiresAt === undefined ? {} : { expiresAt }) })
    const ids = ["open", "declined", "answered", "for ever"]
    for (const id of ids) yield* clock.at(1_000, queue.put(asked(id, 1_000, id === "for ever" ? undefined : 5_000)))
    yield* clock.at(2_000, queue.decline("declined", "ada"))
    yield* clock.at(2_000, queue.answer("answered", yes))
    const answered: Queued = { question: asked("answered", 1_000, 5_000), state: "answered", answer: { ...yes, at: 2_000 } }
    for (const id of ids) yield* clock.at(4_999, queue.put(asked(id, 4_999, 9_000)))
    yield* expectQueued(queue, open(asked("open", 1_000, 5_000)), "an open question that was asked again")
    yield* expectQueued(queue, { question: asked("declined", 1_000, 5_000), state: "declined", declined: { by: "ada", at: 2_000 } }, "a declined question that was asked again")
    yield* expectQueued(queue, answered, "an answered question that was asked again")
    for (const id of ids) yield* clock.at(5_000, queue.put(asked(id, 5_000, 9_000)))
    yield* expectQueued(queue, open(asked("open", 5_000, 9_000)), "an open question that was asked again when its time was over")
    yield* expectQueued(queue, open(asked("declined", 5_000, 9_000)), "a declined question that was asked again when its time was over")
    yield* expectQueued(queue, answered, "an answered question that was asked again when its time was over")
    yield* expectQueued(queue, open(asked("for ever", 1_000)), "a question without an end that was asked again")
  })
)

const closes = check<QuestionQueue>(
  "only an open question is answered or declined, and who is too late is told why",
  Effect.gen(function* () {
    const queue = yield* QuestionQueue
    const clock = new SetClock(1_000)
    for (const id of ["answered", "declined", "expired"]) yield* clock.at(1_000, queue.put(question(id, { expiresAt: 5_000 })))
    yield* clock.at(4_999, queue.answer("answered", yes))
    yield* clock.at(4_999, queue.decline("declined", "ada"))
    const no = { value: false, by: "bob" }
    for (const [id, reason] of [["answered", "answered"], ["declined", "declined"], ["expired", "expired"], ["never asked", "notFound"]] as const) {
      const before = yield* queue.get(id)
      yield* expectRefusal(clock.at(5_000, queue.answer(id, no)), reason, `answering what is ${id}`)
      yield* expectRefusal(clock.at(5_000, queue.decline(id, "bob")), reason, `declining what is ${id}`)
      yield* expectSame(yield* queue.get(id), before, `what was refused, ${id}`)
    }
  })
)

const races = check<QuestionQueue>(
  "of many who answer or decline at once, one does",
  Effect.gen(function* () {
    const queue = yield* QuestionQueue
    for (let round = 0; round < 15; round++) {
      const id = `round ${round}`
      // All answer, all decline, or some of both.
      const declines = (rival: number) => (round % 3 === 2 ? rival % 4 === 3 : round % 3 === 1)
      yield* queue.put(question(id))
      const results = yield* Effect.forEach(
        Array.from({ length: 12 }, (_, rival) => rival),
        (rival) => Effect.result(declines(rival) ? queue.decline(id, String(rival)) : queue.answer(id, { value: rival, by: String(rival) })),
        { concurrency: "unbounded" }
      )
      const won = results.flatMap((result, rival) => (Result.isSuccess(result) ? [rival] : []))
      yield* expect(won.length === 1, () => `${won.length} of 12 closed a question`)
      const queued = Option.getOrUndefined(yield* queue.get(id))
      const stands = queued?.state === "declined" ? declines(won[0]!) : queued?.answer?.value === won[0]
      yield* expect(stands, () => `${won[0]} closed it, and what stands is ${show(queued)}`)
    }
  })
)

const reopens = check<QuestionQueue>(
  "an answer that is taken back leaves an open question that says why",
  Effect.gen(function* () {
    const queue = yield* QuestionQueue
    const clock = new SetClock(2_000)
    const asked = question("one")
    yield* clock.standing(queue.put(asked))
    const perhaps = { value: "perhaps", by: "ada", at: 2_000 }
    yield* queue.reopen("one", "nothing to take back", perhaps)
    yield* queue.reopen("never asked", "nothing to take back", perhaps)
    yield* expectQueued(queue, open(asked), "an open question that was opened")
    yield* expectSame(yield* queue.get("never asked"), Option.none(), "a question that was never asked and was opened")
    yield* clock.standing(queue.answer("one", { value: "perhaps", by: "ada" }))
    yield* queue.reopen("one", "it's neither true nor false", perhaps)
    yield* expectQueued(queue, { ...open(asked), problem: "it's neither true nor false" }, "a question whose answer was taken back")
    yield* expectSame((yield* queue.list({ states: ["open"] })).map(({ problem }) => problem), ["it's neither true nor false"], "the problems of the open ones")
    yield* clock.standing(queue.answer("one", yes))
    yield* expectQueued(queue, { question: asked, state: "answered", answer: { ...yes, at: 2_000 } }, "the second answer")
    yield* queue.reopen("one", "it's neither true nor false", perhaps)
    yield* expectQueued(queue, { question: asked, state: "answered", answer: { ...yes, at: 2_000 } }, "an answer, when the one before it was taken back by another asker")
    yield* clock.standing(queue.put(question("two")))
    yield* clock.standing(queue.decline("two", "ada"))
    yield* queue.reopen("two", "nothing to take back", perhaps)
    yield* expectQueued(queue, { question: question("two"), state: "declined", declined: { by: "ada", at: 2_000 } }, "a declined question that was opened")
  })
)

const lists = check<QuestionQueue>(
  "a list has what fits its filter, the oldest first, and no more than its limit",
  Effect.gen(function* () {
    const queue = yield* QuestionQueue
    const random = new Random(2)
    const clock = new SetClock(0)
    const all: Array<Queued> = []
    for (let count = 0; count < 60; count++) {
      // Not put in the order in which they were asked.
      const asked = anyQuestion(random, String(count), 1_000 + ((count * 37) % 60))
      yield* clock.at(2_000, queue.put(asked))
      const end = random.pick(["open", "answered", "declined"] as const)
      if (end === "answered") yield* queue.answer(asked.id, yes).pipe(clock.standing)
      if (end === "declined") yield* queue.decline(asked.id, "ada").pipe(clock.standing)
      all.push({
        question: asked,
        state: end,
        ...(end === "answered" ? { answer: { ...yes, at: 2_000 } } : {}),
        ...(end === "declined" ? { declined: { by: "ada", at: 2_000 } } : {})
      })
    }
    all.sort((a, b) => a.question.askedAt - b.question.askedAt)
    for (let count = 0; count < 400; count++) {
      const now = random.pick([4_999, 5_000, 20_000])
      const filter: Filter = {
        ...(random.chance(0.3) ? { ids: [...all.filter(() => random.chance(0.3)).map(({ question }) => question.id), "not there"] } : {}),
        ...(random.chance(0.6) ? { states: (["open", "answered", "declined"] as const).filter(() => random.chance(0.5)) } : {}),
        ...(random.chance(0.3) ? { name: random.pick(["approval", "budget", "other"]) } : {}),
        ...(random.chance(0.3) ? { userId: random.pick(["ada", "o'neil", "nobody"]) } : {}),
        ...(random.chance(0.3) ? { runId: random.pick(["run-1", "run-2", "run-3"]) } : {}),
        ...(random.chance(0.4) ? { expired: random.chance(0.5) } : {}),
        ...(random.chance(0.4) ? { limit: random.between(0, 20) } : {})
      }
      const wanted = all.filter(
        ({ question: { expiresAt, id, name, runId, userId }, state }) =>
          (filter.ids === undefined || filter.ids.includes(id)) &&
          (filter.states === undefined || filter.states.includes(state)) &&
          (filter.name === undefined || filter.name === name) &&
          (filter.userId === undefined || filter.userId === userId) &&
          (filter.runId === undefined || filter.runId === runId) &&
          (filter.expired === true || state !== "open" || expiresAt === undefined || expiresAt > now)
      )
      const listed = yield* clock.at(now, queue.list(filter))
      yield* expectSame(listed, wanted.slice(0, filter.limit ?? 1_000), `the list of ${show(filter)} at ${now}`)
    }
  })
)

const isKept = placed<QuestionQueue>("what was asked and answered is there when the queue is opened again", (within) =>
  Effect.gen(function* () {
    const clock = new SetClock(2_000)
    const queue = <A, E>(use: (queue: Queue) => Effect.Effect<A, E>) => clock.standing(within(Effect.flatMap(QuestionQueue, use)))
    yield* queue(({ put }) => Effect.andThen(put(question("one")), put(question("two"))))
    yield* queue(({ answer }) => answer("one", yes))
    yield* queue((it) => expectQueued(it, { question: question("one"), state: "answered", answer: { ...yes, at: 2_000 } }, "what was answered"))
    yield* queue((it) => expectQueued(it, open(question("two")), "what was asked"))
  })
)

const isShared = placed<QuestionQueue>("of several that share what they keep, one answers", (within) =>
  Effect.gen(function* () {
    const ids = Array.from({ length: 40 }, (_, count) => String(count))
    yield* within(Effect.flatMap(QuestionQueue, (queue) => Effect.forEach(ids, (id) => queue.put(question(id)), { discard: true })))
    const worker = (by: string) =>
      within(
        Effect.flatMap(QuestionQueue, (queue) =>
          Effect.forEach(ids, (id) => Effect.map(Effect.result(queue.answer(id, { value: by, by })), (result) => (Result.isSuccess(result) ? [id] : [])))
        )
      )
    const names = ["a", "b", "c"]
    const won = (yield* Effect.forEach(names, worker, { concurrency: "unbounded" })).map((each) => each.flat())
    yield* expectSame(won.flat().toSorted(), ids.toSorted(), "the questions that were answered")
    const stands = yield* within(Effect.flatMap(QuestionQueue, (queue) => queue.list({})))
    for (const { answer, question: { id } } of stands) {
      yield* expect(won[names.indexOf(answer?.by ?? "")]?.includes(id) === true, () => `the answer of ${answer?.by} stands for ${id}, which another gave`)
    }
  })
)

export const checks: ReadonlyArray<Check<QuestionQueue>> = [keeps, once, closes, races, reopens, lists, isKept, isShared]

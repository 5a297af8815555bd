import { Operator } from "@aria/agents-operator/Operator"
import { Calendar } from "@aria/connectors/Calendar"
import { CalendarUnavailableError } from "@aria/connectors/CalendarError"
import type { CalendarEvent } from "@aria/connectors/CalendarEvent"
import * as CalendarMemory from "@aria/connectors/CalendarMemory"
import * as Crm from "@aria/connectors/Crm"
import { CrmUnavailableError } from "@aria/connectors/CrmError"
import * as CrmMemory from "@aria/connectors/CrmMemory"
import * as Approval from "@aria/orchestrator-core/Approval"
import * as ReceiptStore from "@aria/orchestrator-core/ReceiptStore"
import * as SideEffect from "@aria/orchestrator-core/SideEffect"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

/**
 * How a write ends: as it should, refused before it arrives, lost on its way there or back, hanging after it arrived, or dying then.
 */
export type End = "fine" | "refused" | "lostThere" | "lostBack" | "hangs" | "dies"

/** Systems as they are outside: what arrives stays, and answers may be lost. */
export const makeWorld = (options?: CalendarMemory.Options) =>
  Effect.gen(function* () {
    const calendar = yield* CalendarMemory.make(options)
    const crm = Crm.make(yield* CrmMemory.makeBackend)
    const requests: Array<Approval.Request> = []
    const ends: Array<End> = []
    let writes = 0
    let reads = 0
    let unreadable = 0
    let answer = true
    let changed = (event: CalendarEvent): CalendarEvent => event
    let meanwhile: Effect.Effect<unknown, unknown> = Effect.void

    const through = <A, E, U>(
      write: Effect.Effect<A, E>,
      unavailable: (ambiguous: boolean) => U
    ): Effect.Effect<A, E | U> =>
      Effect.suspend((): Effect.Effect<A, E | U> => {
        const end = ends.shift() ?? "fine"
        if (end === "refused") return Effect.fail(unavailable(false))
        if (end === "lostThere") return Effect.fail(unavailable(true))
        const arrived = Effect.tap(write, () => Effect.sync(() => writes++))
        if (end === "lostBack") return Effect.andThen(arrived, Effect.fail(unavailable(true)))
        if (end === "hangs") return Effect.andThen(arrived, Effect.never)
        if (end === "dies") return Effect.andThen(arrived, Effect.die("a bug"))
        return arrived
      })
    const noCalendar = (ambiguous: boolean) =>
      new CalendarUnavailableError({ reason: "timeout", ambiguous, message: "The calendar gave no answer." })
    const noCrm = (operation: "create" | "update" | "remove") => (ambiguous: boolean) =>
      new CrmUnavailableError({ operation, ambiguous, message: "The CRM gave no answer." })
    const read = <A, E>(effect: Effect.Effect<A, E>): Effect.Effect<A, E | CalendarUnavailableError> =>
      Effect.suspend((): Effect.Effect<A, E | CalendarUnavailableError> => {
        reads++
        // An answer takes a moment, in which others may do something.
        if (unreadable === 0) return Effect.tap(effect, () => Effect.yieldNow)
        unreadable--
        return Effect.fail(noCalendar(false))
      })

    const systems = Layer.mergeAll(
      Layer.succeed(Calendar)({
        calendars: calendar.calendars,
        occurrences: (request) => read(calendar.occurrences(request)),
        get: (key) => Effect.map(read(calendar.get(key)), (event) => changed(event)),
        create: (request) => through(calendar.create(request), noCalendar),
        update: (request) => through(calendar.update(request), noCalendar),
        remove: (request) => through(calendar.remove(request), noCalendar)
      }),
      Layer.succeed(Crm.Crm)({
        find: crm.find,
        get: crm.get,
        create: (type, draft) => through(crm.create(type, draft), noCrm("create")),
        update: (type, request) => through(crm.update(type, request), noCrm("update")),
        remove: (type, request) => through(crm.remove(type, request), noCrm("remove"))
      })
    )
    const approval = Layer.succeed(Approval.Approval)({
      decide: (request) =>
        Effect.gen(function* () {
          requests.push(request)
          yield* Effect.ignore(meanwhile)
          return answer
            ? ({ _tag: "approved", by: "ada" } as const)
            : ({ _tag: "denied", by: "ada", reason: "denied", message: "ada said no" } as const)
        })
    })
    return {
      calendar,
      crm,
      /** What was asked, in order. */
      requests,
      /** The next writes end like this. */
      next: (...how: ReadonlyArray<End>) => void ends.push(...how),
      /** How many writes arrived. */
      writes: () => writes,
      /** Waits until so many writes arrived. */
      arrived: (count: number) => Effect.repeat(Effect.yieldNow, { until: () => writes >= count }),
      /** How often the calendar was read. */
      reads: () => reads,
      /** The next reads of the calendar fail. */
      unreadable: (times: number) => void (unreadable = times),
      deny: () => void (answer = false),
      /** The calendar gives other events back than were written. */
      tamper: (how: (event: CalendarEvent) => CalendarEvent) => void (changed = how),
      /** What happens while a person thinks. */
      meanwhile: (what: Effect.Effect<unknown, unknown>) => void (meanwhile = what),
      systems,
      layer: Layer.mergeAll(Layer.provide(Operator.layer, systems), systems, approval, ReceiptStore.layerMemory)
    }
  })

export type World = Effect.Success<ReturnType<typeof makeWorld>>

/** Uses a world in which the run may write. */
export const inWorld = <A, E>(
  use: (world: World) => Effect.Effect<A, E, Layer.Success<World["layer"]>>,
  options?: CalendarMemory.Options
) =>
  Effect.flatMap(makeWorld(options), (world) =>
    use(world).pipe(SideEffect.allow(["calendar.*", "crm.*"]), Effect.provide(world.layer))
  )

export const zone = "Europe/Berlin"

/** A meeting on Monday, 23 November 2026 in Berlin. */
export const meeting = (from = "09:30", to = "10:00", title = "Review") => ({
  title,
  start: { dateTime: `2026-11-23T${from}:00`, zone },
  end: { dateTime: `2026-11-23T${to}:00`, zone }
})

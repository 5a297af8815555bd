/** iCalendar documents as trees of components and lines, complete and in their order: what we don't know survives. */
import * as Result from "effect/Result"
import { type Line, line, printLine, readLine, unfold } from "./contentLine.ts"

export interface Component {
  /** In capitals: VCALENDAR, VEVENT, VALARM ... */
  readonly name: string
  readonly items: ReadonlyArray<Line | Component>
}

export const isComponent = (item: Line | Component): item is Component => "items" in item

/** Real ones have three levels. */
const deepest = 20

/** All components of the outermost level, usually one VCALENDAR, or a sentence. */
export const parse = (text: string): Result.Result<ReadonlyArray<Component>, string> => {
  const root: Array<Component> = []
  const open: Array<{ readonly name: string; readonly items: Array<Line | Component> }> = []
  for (const raw of unfold(text)) {
    const read = readLine(raw)
    const within = open.at(-1)
    if (read.name === "BEGIN") {
      if (open.length === deepest) return Result.fail(`components are nested deeper than ${deepest} levels`)
      open.push({ name: read.value.trim().toUpperCase(), items: [] })
    } else if (read.name === "END") {
      const closed = read.value.trim().toUpperCase()
      if (within?.name !== closed) {
        return Result.fail(`END:${closed.slice(0, 60)} where ${within === undefined ? "nothing" : within.name} is open`)
      }
      open.pop()
      ;(open.at(-1)?.items ?? root).push(within)
    } else if (within === undefined) {
      return Result.fail(`${JSON.stringify(raw.slice(0, 60))} where BEGIN:VCALENDAR is due`)
    } else within.items.push(read)
  }
  const left = open.at(-1)
  return left === undefined ? Result.succeed(root) : Result.fail(`${left.name} does not end`)
}

export const print = (component: Component): string =>
  [
    printLine(line("BEGIN", component.name)),
    ...component.items.map((item) => (isComponent(item) ? print(item) : printLine(item))),
    printLine(line("END", component.name))
  ].join("")

export const childrenOf = ({ items }: Component, name: string): ReadonlyArray<Component> =>
  items.filter((item): item is Component => isComponent(item) && item.name === name)

export const linesOf = ({ items }: Component, name: string): ReadonlyArray<Line> =>
  items.filter((item): item is Line => !isComponent(item) && item.name === name)

export const lineOf = (component: Component, name: string): Line | undefined => linesOf(component, name)[0]

/** The lines of that name give way to others, which stand where the first of them stood, or after the last line. */
export const withLines = (component: Component, name: string, lines: ReadonlyArray<Line>): Component => {
  const isOld = (item: Line | Component) => !isComponent(item) && item.name === name
  const first = component.items.findIndex(isOld)
  const firstChild = component.items.findIndex(isComponent)
  const at = first >= 0 ? first : firstChild >= 0 ? firstChild : component.items.length
  const rest = (items: ReadonlyArray<Line | Component>) => items.filter((item) => !isOld(item))
  return {
    ...component,
    items: [...rest(component.items.slice(0, at)), ...lines, ...rest(component.items.slice(at))]
  }
}

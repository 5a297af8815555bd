/** XML answers as trees, with namespaces. Strict: an answer that was cut off is none. Entities of its own are refused. */
import * as Effect from "effect/Effect"
import { Xml } from "effect/encoding"
import * as Stream from "effect/Stream"

export interface Element {
  readonly namespace: string
  readonly name: string
  /** As written: names with their prefixes. */
  readonly attributes: Readonly<Record<string, string>>
  readonly children: ReadonlyArray<Element>
  /** Its own text, without that of its children. */
  readonly text: string
}

export const dav = "DAV:"
export const caldav = "urn:ietf:params:xml:ns:caldav"

/** Answers of servers have about ten levels. */
const maxDepth = 100

interface Open extends Element {
  readonly children: Array<Element>
  text: string
  /** What prefixes mean here; `""` is the default. */
  readonly prefixes: Readonly<Record<string, string>>
}

const prefixesOf = (attributes: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(attributes).flatMap(([name, value]) =>
      name === "xmlns" ? [["", value]] : name.startsWith("xmlns:") ? [[name.slice(6), value]] : []
    )
  )

const openElement = (name: string, attributes: Readonly<Record<string, string>>, parent: Open | undefined): Open => {
  const prefixes = { ...parent?.prefixes, ...prefixesOf(attributes) }
  const colon = name.indexOf(":")
  const prefix = colon < 0 ? "" : name.slice(0, colon)
  return {
    namespace: prefixes[prefix] ?? "",
    name: name.slice(colon + 1),
    attributes,
    children: [],
    text: "",
    prefixes
  }
}

/** A sentence where it is no XML. `maxToken`: the longest text, in characters. */
export const parseXml = (text: string, maxToken: number): Effect.Effect<Element, string> =>
  Effect.suspend(() => {
    const open: Array<Open> = []
    let root: Element | undefined
    return Stream.make(text).pipe(
      Stream.pipeThroughChannel(Xml.decodeString({ maxTokenSize: maxToken, maxDepth })),
      Stream.runForEach((event) =>
        Effect.sync(() => {
          const current = open.at(-1)
          if (event._tag === "StartElement") {
            const element = openElement(event.name, event.attributes, current)
            if (current === undefined) root = element
            else current.children.push(element)
            open.push(element)
          } else if (event._tag === "EndElement") open.pop()
          else if (event._tag === "Text" && current !== undefined) current.text += event.text
        })
      ),
      Effect.mapError(({ message }) => message.slice(0, 200)),
      Effect.flatMap(() => (root === undefined ? Effect.fail("no element") : Effect.succeed(root)))
    )
  })

export const childrenOf = (element: Element | undefined, namespace: string, name: string): ReadonlyArray<Element> =>
  element?.children.filter((child) => child.name === name && child.namespace === namespace) ?? []

/** The first of that name, along a path of names of one namespace. */
export const childOf = (element: Element | undefined, namespace: string, ...path: ReadonlyArray<string>) =>
  path.reduce<Element | undefined>((found, name) => childrenOf(found, namespace, name)[0], element)

/** What XML 1.0 cannot hold is left out: no name of a thing has it. */
export const escapeXml = (text: string): string =>
  text
    // oxlint-disable-next-line no-control-regex
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu, "")
    .replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`)

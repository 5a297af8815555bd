/** WebDAV's 207 (RFC 4918 §13): one response for each resource, with the properties that it has. */
import * as Effect from "effect/Effect"
import { childOf, childrenOf, dav, type Element, parseXml } from "./xml.ts"

export interface Resource {
  /** As the server writes it. */
  readonly href: string
  /** Of the resource itself, where the answer gives one: 404 for one that is gone. */
  readonly status: number | undefined
  /** The properties that came with status 2xx. */
  readonly props: ReadonlyArray<Element>
}

const statusOf = (element: Element | undefined): number | undefined => {
  const found = /^HTTP\/[\d.]+\s+(\d{3})/.exec(childOf(element, dav, "status")?.text.trim() ?? "")?.[1]
  return found === undefined ? undefined : Number(found)
}

const isGood = (status: number | undefined) => status === undefined || (status >= 200 && status < 300)

export const parseMultistatus = (text: string): Effect.Effect<ReadonlyArray<Resource>, string> =>
  Effect.flatMap(parseXml(text, text.length + 1), (root) =>
    root.name !== "multistatus" || root.namespace !== dav
      ? Effect.fail(`a document <${root.name.slice(0, 60)}>, no <multistatus> of WebDAV`)
      : Effect.succeed(
          childrenOf(root, dav, "response").map((response) => ({
            href: childOf(response, dav, "href")?.text.trim() ?? "",
            status: statusOf(response),
            props: childrenOf(response, dav, "propstat")
              .filter((propstat) => isGood(statusOf(propstat)))
              .flatMap((propstat) => childOf(propstat, dav, "prop")?.children ?? [])
          }))
        )
  )

export const propOf = (resource: Resource | undefined, namespace: string, name: string): Element | undefined =>
  resource?.props.find((prop) => prop.name === name && prop.namespace === namespace)

/** The condition that an error names, `no-uid-conflict` for one (RFC 4918 §16). */
export const conditionsOf = (text: string): Effect.Effect<ReadonlyArray<string>> =>
  parseXml(text, text.length + 1).pipe(
    Effect.map((root) =>
      root.name === "error" && root.namespace === dav ? root.children.map(({ name }) => name) : []
    ),
    Effect.orElseSucceed(() => [])
  )

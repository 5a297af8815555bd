/**
 * A draft as HTML, safe to put into a page: nothing of what was given or written becomes markup.
 *
 * @since 0.1.0
 */
import type { Draft, Section, Statement } from "./Draft.ts"
import { sourceNumbers, sources } from "./Draft.ts"

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;"
}

/**
 * For text and for attributes in quotes.
 *
 * @category rendering
 * @since 0.1.0
 */
export const escape = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? "")

const multiline = (text: string): string => escape(text.trim()).replaceAll(/\r?\n/g, "<br>")
const paragraph = (html: string): string => `<p>${html}</p>`

/**
 * The draft without its subject: paragraphs, lists, headings of documents, and the sources as a list with links.
 *
 * @category rendering
 * @since 0.1.0
 */
export const render = (draft: Draft): string => {
  const all = sources(draft)
  const cited = (statement: Statement): string => {
    const numbers = sourceNumbers(all, statement)
    return `${multiline(statement.text)}${numbers.length === 0 ? "" : ` <sup>${numbers.join(", ")}</sup>`}`
  }
  const sectionOf = ({ heading, isList, statements }: Section): string => {
    const html = isList
      ? `<ul>${statements.map((one) => `<li>${cited(one)}</li>`).join("")}</ul>`
      : paragraph(statements.map(cited).join(" "))
    return heading === undefined ? html : `<h2>${escape(heading)}</h2>\n${html}`
  }
  const list = all.map(({ title, url }) =>
    url === undefined ? `<li>${escape(title)}</li>` : `<li><a href="${escape(url)}">${escape(title)}</a></li>`
  )
  return [
    ...(draft.greeting === undefined ? [] : [paragraph(multiline(draft.greeting))]),
    ...draft.sections.map(sectionOf),
    ...(draft.closing === undefined ? [] : [paragraph(multiline(draft.closing))]),
    ...(list.length === 0 ? [] : [`<ol>${list.join("")}</ol>`])
  ].join("\n")
}

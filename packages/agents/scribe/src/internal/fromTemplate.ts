import * as Effect from "effect/Effect"
import type { Draft, Section, Statement } from "../Draft.ts"
import * as Outline from "../Outline.ts"
import { type Note, notes, type Request, type Variables } from "../Request.ts"
import * as Template from "../Template.ts"
import { UnknownTemplateError } from "../UnknownTemplateError.ts"
import { compose, type Content } from "./compose.ts"
import { asSentence } from "./text.ts"

const said = (text: string): Statement => ({ text, sources: [] })
const paragraph = (text: string): Section => ({ isList: false, statements: [said(text)] })
const statementOf = ({ sources = [], text }: Note): Statement => ({ text: text.trim(), sources })

/** One note is a paragraph; several are a list, for nothing is known of how they hang together. */
const ofNotes = (all: ReadonlyArray<Note>): ReadonlyArray<Section> => {
  const [first, ...others] = all.map(statementOf)
  return first === undefined ? [] : [{ isList: others.length > 0, statements: [first, ...others] }]
}

/** The paragraphs of a text are no list. */
const ofContext = (request: Request): ReadonlyArray<Section> =>
  typeof request.context === "string" ? notes(request).map(({ text }) => paragraph(text)) : ofNotes(notes(request))

const aboutGoal = {
  formal: "I am writing about the following:",
  friendly: "I am writing about this:",
  urgent: "I am writing about an urgent matter:"
}
const asking = {
  formal: "I look forward to your reply.",
  friendly: "Let me know what you think.",
  urgent: "Please reply as soon as you can."
}

const base = (writing: Pick<Content, "sections" | "subject">): Content => ({
  ...writing,
  writtenBy: "template",
  templateUsed: null,
  missingVariables: [],
  missingSections: [],
  warnings: []
})

const letter = (request: Request): Content => {
  const tone = request.tone ?? "formal"
  return base({
    subject: request.goal,
    sections: [
      paragraph(`${aboutGoal[tone]} ${asSentence(request.goal)}`),
      ...ofContext(request),
      paragraph(asking[tone])
    ]
  })
}

const document = (request: Request): Content => {
  const type = request.documentType ?? "brief"
  const { headings: own, main } = Outline.outlines[type]
  const all = notes(request)
  const headings = Outline.headings(
    type,
    all.map(({ section }) => section)
  )
  const sections = headings.flatMap((heading): ReadonlyArray<Section> => {
    const under = all.filter(
      ({ section }) => (section === undefined ? main : Outline.find(headings, section)) === heading
    )
    const statements = under.map(statementOf)
    const [first, ...others] = heading === own[0] ? [said(asSentence(request.goal)), ...statements] : statements
    return first === undefined
      ? []
      : [{ heading, isList: heading !== own[0] && others.length > 0, statements: [first, ...others] }]
  })
  return {
    ...base({ subject: request.goal, sections }),
    missingSections: headings.filter((heading) => sections.every((section) => section.heading !== heading))
  }
}

/** What is known without being given as a variable. */
const known = ({ goal, sender }: Request): Variables => ({
  purpose: asSentence(goal),
  ...(sender?.name === undefined ? {} : { senderName: sender.name }),
  ...(sender?.company === undefined ? {} : { company: sender.company })
})

const filled = (request: Request, template: Template.Template): Content => {
  const given = request.variables ?? {}
  const { missing, paragraphs, subject, unused } = Template.render(template, { ...known(request), ...given })
  return {
    ...base({ subject, sections: [...paragraphs.map(paragraph), ...ofContext(request)] }),
    templateUsed: template.name,
    missingVariables: missing,
    warnings: unused
      .filter((name) => Object.hasOwn(given, name))
      .map(
        (name) =>
          `The template "${template.name}" has no variable "${name}"; it has ${Template.variables(template).join(", ")}.`
      )
  }
}

/** The draft without a model: the same request always gives the same draft. */
export const fromTemplate = (request: Request): Effect.Effect<Draft, UnknownTemplateError> => {
  const { communicationType, templateName, variables } = request
  if (templateName !== undefined) {
    const available = Template.available(communicationType)
    const template = available.find(({ name }) => name === templateName)
    return template === undefined
      ? Effect.fail(
          new UnknownTemplateError({ templateName, communicationType, available: available.map(({ name }) => name) })
        )
      : Effect.succeed(compose(request, filled(request, template)))
  }
  const content = communicationType === "document" ? document(request) : letter(request)
  const warnings = variables === undefined ? [] : ["Variables were given without a templateName; they were not used."]
  return Effect.succeed(compose(request, { ...content, warnings }))
}

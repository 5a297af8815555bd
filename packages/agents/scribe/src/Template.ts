/**
 * Fixed wording with places to fill: `{{name}}`. Each place is filled once, so what a value says is never filled itself.
 *
 * @since 0.1.0
 */
import type { CommunicationType, Variables } from "./Request.ts"

/**
 * Greeting and closing are not part of it: they follow tone and style.
 *
 * @category models
 * @since 0.1.0
 */
export interface Template {
  readonly name: string
  readonly communicationTypes: ReadonlyArray<CommunicationType>
  readonly subject: string
  readonly paragraphs: ReadonlyArray<string>
}

/**
 * A template with its places filled.
 *
 * @category models
 * @since 0.1.0
 */
export interface Rendered {
  /** Left out where a variable of it is missing. */
  readonly subject?: string
  /** Those that all variables are there for. */
  readonly paragraphs: ReadonlyArray<string>
  /** In the order of the template, each once. */
  readonly missing: ReadonlyArray<string>
  /** Given, but not asked for: misspelt perhaps. */
  readonly unused: ReadonlyArray<string>
}

const mail: ReadonlyArray<CommunicationType> = ["email", "message"]

/**
 * All templates. `purpose` is the goal, `senderName` and `company` are the sender's, where no variables of these names are given.
 *
 * @category constants
 * @since 0.1.0
 */
export const all: ReadonlyArray<Template> = [
  {
    name: "follow_up_email",
    communicationTypes: mail,
    subject: "Following up: {{meetingTopic}}",
    paragraphs: ["Thank you for the conversation about {{meetingTopic}}.", "I am writing to follow up: {{purpose}}"]
  },
  {
    name: "meeting_request",
    communicationTypes: mail,
    subject: "Meeting request: {{purpose}}",
    paragraphs: ["I would like to arrange a meeting about the following: {{purpose}}", "Which times would suit you?"]
  },
  {
    name: "introduction",
    communicationTypes: mail,
    subject: "Introduction: {{senderName}}, {{company}}",
    paragraphs: [
      "My name is {{senderName}}, and I work at {{company}}.",
      "I am writing to you for this reason: {{reason}}"
    ]
  },
  {
    name: "thank_you",
    communicationTypes: mail,
    subject: "Thank you: {{reason}}",
    paragraphs: ["Thank you: {{reason}}", "{{detail}}"]
  }
]

/**
 * The templates for a type of communication.
 *
 * @category queries
 * @since 0.1.0
 */
export const available = (type: CommunicationType): ReadonlyArray<Template> =>
  all.filter(({ communicationTypes }) => communicationTypes.includes(type))

const place = /\{\{([A-Za-z]\w*)\}\}/g
const namesIn = (text: string): ReadonlyArray<string> => [...text.matchAll(place)].flatMap(([, name]) => name ?? [])

/**
 * The variables of a template, in its order, each once.
 *
 * @category queries
 * @since 0.1.0
 */
export const variables = ({ paragraphs, subject }: Template): ReadonlyArray<string> => [
  ...new Set([subject, ...paragraphs].flatMap(namesIn))
]

/**
 * Fills the places of a template. What a variable is missing for is left out, never written with its place open.
 *
 * @category rendering
 * @since 0.1.0
 */
export const render = (template: Template, values: Variables): Rendered => {
  const valueOf = (name: string): string | undefined => (Object.hasOwn(values, name) ? values[name] : undefined)
  const isWhole = (text: string) => namesIn(text).every((name) => valueOf(name) !== undefined)
  const fill = (text: string) => text.replaceAll(place, (_, name: string) => (valueOf(name) ?? "").trim())
  const names = variables(template)
  return {
    ...(isWhole(template.subject) ? { subject: fill(template.subject) } : {}),
    paragraphs: template.paragraphs.filter(isWhole).map(fill),
    missing: names.filter((name) => valueOf(name) === undefined),
    unused: Object.keys(values).filter((name) => !names.includes(name))
  }
}

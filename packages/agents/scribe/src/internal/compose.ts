import type { Draft, Section } from "../Draft.ts"
import { toText } from "../Draft.ts"
import type { Request, Tone } from "../Request.ts"
import * as Style from "../Style.ts"
import { countWords, shortened } from "./text.ts"

/** What stands between greeting and closing, and how it came to be. */
export interface Content extends Pick<
  Draft,
  "sections" | "writtenBy" | "templateUsed" | "missingVariables" | "missingSections" | "warnings"
> {
  readonly subject: string | undefined
}

const greetings: { readonly [T in Tone]: string } = { formal: "Dear", friendly: "Hi", urgent: "Dear" }
const closings: { readonly [T in Tone]: string } = {
  formal: "Sincerely",
  friendly: "Best wishes",
  urgent: "Kind regards"
}

/** Nobody is addressed by a name that was not given, and "Dear" is not said to nobody. */
const greetingOf = (words: string, name: string | undefined): string =>
  name === undefined ? `${/^dear$/i.test(words) ? "Hello" : words},` : `${words} ${name.trim()},`

const signatureOf = ({ sender }: Request): string | undefined => {
  const { company, name, title } = sender ?? {}
  const place = [title, company].filter((part) => part !== undefined).join(", ")
  const lines = [name ?? "", place].filter((line) => line !== "")
  return lines.length === 0 ? undefined : lines.join("\n")
}

/** A signature that says its own words of closing gets no others above it. */
const closingOf = (words: string, signature: string | undefined): string => {
  if (signature === undefined) return `${words},`
  return Style.closingOf(signature.split("\n", 1)[0] ?? "") === undefined ? `${words},\n${signature}` : signature
}

const subjectOf = (request: Request, tone: Tone, subject: string): string => {
  if (request.communicationType === "document") return shortened(subject, 100)
  const isMarked = tone !== "urgent" || /^urgent\b/i.test(subject.trim())
  return isMarked ? shortened(subject, 60) : `Urgent: ${shortened(subject, 50)}`
}

/** The whole draft around its content: the same for templates and models. */
export const compose = (request: Request, content: Content): Draft => {
  const { communicationType, recipient, tone = "formal" } = request
  const style = Style.resolve(request.style)
  const isDocument = communicationType === "document"
  const isEmail = communicationType === "email"
  const signature = style.signature ?? signatureOf(request)
  const closing = isEmail ? closingOf(style.closing ?? closings[tone], signature) : isDocument ? undefined : signature
  const sections: ReadonlyArray<Section> = content.sections
  const parts = {
    communicationType,
    sections,
    ...(isDocument ? {} : { greeting: greetingOf(style.greeting ?? greetings[tone], recipient?.name) }),
    ...(closing === undefined ? {} : { closing })
  }
  const body = toText(parts)
  const used = [
    ...(style.greeting !== undefined && !isDocument ? (["greeting"] as const) : []),
    ...(style.closing !== undefined && isEmail && closing?.startsWith(style.closing) === true
      ? (["closing"] as const)
      : []),
    ...(style.signature !== undefined && !isDocument ? (["signature"] as const) : []),
    ...(content.writtenBy === "model" && (request.style?.samples ?? []).length > 0 ? (["samples"] as const) : [])
  ]
  return {
    ...parts,
    ...(content.subject === undefined || communicationType === "message"
      ? {}
      : { subject: subjectOf(request, tone, content.subject) }),
    body,
    ...(recipient === undefined ? {} : { recipient }),
    tone,
    ...(isDocument ? { documentType: request.documentType ?? "brief" } : {}),
    wordCount: countWords(body),
    styleApplied: used,
    writtenBy: content.writtenBy,
    templateUsed: content.templateUsed,
    missingVariables: content.missingVariables,
    missingSections: content.missingSections,
    warnings: content.warnings,
    readyForReview: content.missingVariables.length === 0 && content.missingSections.length === 0
  }
}

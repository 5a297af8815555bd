import { readdirSync, readFileSync } from "node:fs"
import { dirname, join, resolve } from "node:path"

/** Where the collected data is: the folder that ARIA_DATA names, or `../shared/data` beside the workspace. */
const workspace = resolve(import.meta.dirname, "../../../..")
const named = process.env["ARIA_DATA"] ?? ""
export const isNamed = named !== ""
export const data = isNamed ? resolve(workspace, named) : resolve(workspace, "../shared/data")

const folders = ["feedparser-wellformed", "feedparser-encoding"].map((name) => join(data, "conformance", name))

export const listFiles = (): ReadonlyArray<string> =>
  folders
    .flatMap((folder) => readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => join(folder, name)))
    .filter((file) => file.endsWith(".xml"))
    .sort()

export interface Expectation {
  readonly entry: number
  readonly field: "title" | "text" | "url" | "id" | "date"
  readonly value: string | number
}

export interface Sample {
  readonly file: string
  readonly bytes: Uint8Array
  /** Readable as far as the head comment goes; whole where the file is UTF-8. */
  readonly text: string
  readonly charset: string | undefined
  readonly baseUrl: string
  readonly entries: number
  readonly expectations: ReadonlyArray<Expectation>
}

const fields: Record<string, Expectation["field"]> = {
  title: "title",
  title_detail: "title",
  description: "text",
  summary: "text",
  summary_detail: "text",
  content: "text",
  link: "url",
  id: "id",
  guid: "id",
  published_parsed: "date",
  updated_parsed: "date"
}

/** The assertions are Python: `entries[0]['title'] == u'…'`. */
const assertion =
  /entries\[(\d)\](?:\['(\w+)'\]|\.(\w+))(?:\[0\])?(?:\['value'\])?\s*==\s*(?:u?'((?:[^'\\]|\\.)*)'|u?"((?:[^"\\]|\\.)*)"|\((\d[\d, ]*)\))/g

const unescape = (text: string) =>
  text.replace(/\\(?:u([\da-f]{4})|x([\da-f]{2})|(.))/gi, (_, unicode, byte, one) =>
    one === undefined
      ? String.fromCharCode(Number.parseInt(unicode ?? byte, 16))
      : one === "n"
        ? "\n"
        : one === "t"
          ? "\t"
          : one
  )

const expectationsOf = (line: string): ReadonlyArray<Expectation> =>
  [...line.matchAll(assertion)].flatMap(([, entry, a, b, single, double, tuple]): ReadonlyArray<Expectation> => {
    const field = fields[a ?? b ?? ""]
    if (field === undefined || (field === "date") !== (tuple !== undefined)) return []
    const [year = 0, month = 1, ...rest] = (tuple ?? "").split(",").map(Number)
    const value =
      tuple === undefined ? unescape(single ?? double ?? "") : Date.UTC(year, month - 1, ...rest.slice(0, 4))
    return [{ entry: Number(entry), field, value }]
  })

const readable = (bytes: Uint8Array): string => {
  const start = bytes.subarray(0, 4)
  const encoding =
    start[0] === 0xff || start[1] === 0 ? "utf-16le" : start[0] === 0xfe || start[0] === 0 ? "utf-16be" : "utf-8"
  return new TextDecoder(encoding).decode(bytes)
}

export const readSample = (file: string): Sample => {
  const bytes = readFileSync(file)
  const text = readable(bytes)
  const header = /Header:\s*Content-type:\s*(.*)/i.exec(text)?.[1]
  return {
    file: file.slice(dirname(data).length),
    bytes,
    text,
    charset: header === undefined ? undefined : /charset\s*[=:]\s*["']?([\w-]+)/i.exec(header)?.[1],
    baseUrl: `http://127.0.0.1:8097/${file.slice(file.indexOf("feedparser-") + 11)}`,
    entries:
      text.replace(/<!--[\s\S]*?-->|<!\[CDATA\[[\s\S]*?\]\]>/g, "").match(/<(?:\w+:)?(?:item|entry)[\s>]/gi)?.length ??
      0,
    expectations: expectationsOf(/Expect:\s*(.*)/.exec(text)?.[1] ?? "")
  }
}

/** Items without a title and a text are not taken: to look at their other fields, they are given a title. */
export const withTitles = ({ text }: Sample): string => {
  let count = 0
  return text.replace(
    /<((?:\w+:)?(?:item|entry))(\s[^>]*[^/])?>/gi,
    (_, name, attributes) => `<${name}${attributes ?? ""}><title>t${count++}</title>`
  )
}

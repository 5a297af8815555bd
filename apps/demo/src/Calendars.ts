/** Which calendar is read and written: the one in the data file, or one of a CalDAV server. */
import { CalDav } from "@aria/adapter-caldav"
import { Calendar } from "@aria/connectors"
import * as Config from "effect/Config"
import type { HttpClient } from "effect/http"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { Flag } from "effect/cli"

export const Choice = Schema.Union([Schema.TaggedStruct("local", {}), Schema.TaggedStruct("caldav", { url: Schema.String })])
export type Choice = typeof Choice.Type

const parse = (text: string): Option.Option<Choice> => {
  if (text === "local") return Option.some({ _tag: "local" })
  const url = text.startsWith("caldav:") ? text.slice("caldav:".length) : ""
  return URL.canParse(url) && /^https?:$/.test(new URL(url).protocol) ? Option.some({ _tag: "caldav", url }) : Option.none()
}

export const flag = Flag.String("calendar").pipe(
  Flag.filterMap(parse, () => "local, or caldav: and the address of a server, such as caldav:https://dav.example.com/"),
  Flag.withMetavar("local|caldav:URL"),
  Flag.withDescription("The calendar to read and write (default: local)"),
  Flag.withDefault({ _tag: "local" } as Choice)
)

const user = Config.String("ARIA_CALDAV_USERNAME").pipe(Config.withDefault(""))
const password = Config.Redacted("ARIA_CALDAV_PASSWORD").pipe(Config.withDefault(Redacted.make("")))

/** The chosen calendar. What a CalDAV server wants to know of the user comes from the environment. */
export const layer = (
  choice: Choice
): Layer.Layer<Calendar.Calendar, Config.ConfigError | CalDav.InvalidCalDavOptionError, Calendar.Calendar | HttpClient.HttpClient> =>
  choice._tag === "local"
    ? Layer.effect(Calendar.Calendar)(Calendar.Calendar)
    : CalDav.layerConfig({ url: Config.succeed(choice.url), username: user, password })

/** Events of all kinds, none of which a calendar may change. */
import type * as CalendarEvent from "@aria/connectors/CalendarEvent"

const timed = (from: string, to: string, zone: string, endZone = zone) => ({
  start: { dateTime: from, zone },
  end: { dateTime: to, zone: endZone }
})

const plain = timed("2041-06-03T10:00:00", "2041-06-03T11:00:00", "UTC")
const attendees: CalendarEvent.Draft["attendees"] = [
  { email: "ada@example.com" },
  { email: "jürgen@bücher.example", name: "Jürgen Müßig", status: "accepted", role: "chair" },
  { email: "用户@例子.example", name: "用户 😀", status: "tentative", role: "optional" },
  { email: "o'brien+calendar=x@sub.example.com", name: 'Seán "the ^n; pipe" O\'Brien, \\ PhD: 50%', status: "needsAction", role: "required" },
  { email: "UPPER.Case@Example.COM", status: "declined", role: "nonParticipant" },
  { email: "a%40b@example.com", status: "delegated" }
]

const long = "Für die Sitzung – «Größenordnung» 🇩🇪👩‍👩‍👧‍👦 e\u0301 é. ".repeat(40)

const changed: CalendarEvent.Override = {
  recurrenceId: "2041-10-26T02:30:00",
  title: "Später",
  location: "Raum 2; links, hinten",
  ...timed("2041-10-27T08:00:00", "2041-10-27T08:45:00", "Europe/Berlin"),
  attendees: [{ email: "ada@example.com", status: "declined" }],
  availability: "free",
  status: "tentative"
}

/** What each sample is about, and its draft without an id. */
export const samples: Readonly<Record<string, CalendarEvent.Draft>> = {
  "the least that there is": { title: "a", ...plain },
  "text of any language, longer than a line of iCalendar": { title: `Besprechung 会議 اجتماع 😀 ${long.slice(0, 200)}`, description: long, location: "東京都港区\nKöln", ...plain },
  "text with separators": {
    title: 'Costs, benefits; "risks": 50% \\ 100% \\n \\, \\; ^n ^^ \\\\ ',
    description: " first line\nsecond; line, with\\nslashes\\\n\n\n\ttab and blank at the end \n",
    location: "a;b,c:d=e\\f\"g'h",
    ...plain
  },
  "text that looks like iCalendar": {
    title: "END:VEVENT BEGIN:VEVENT SUMMARY:x",
    description: "x\nEND:VEVENT\nEND:VCALENDAR\nBEGIN:VEVENT\nATTENDEE:mailto:evil@example.com\n SUMMARY:folded\nDTSTART:20410101T000000Z",
    location: "]]></x> <script>alert(1)</script> &amp; ${x} '; DROP TABLE events; --",
    ...plain
  },
  "attendees and an organizer": { title: "People", attendees, organizer: { email: "grüße@straße.example", name: 'Zoë; "Z", Ω' }, ...plain },
  "one whole day": { title: "Day", start: { date: "2041-06-03" }, end: { date: "2041-06-04" }, availability: "free" },
  "a leap day and more": { title: "Days", start: { date: "2044-02-28" }, end: { date: "2044-03-02" }, status: "tentative" },
  "no length": { title: "Alarm", ...timed("2041-06-03T10:00:00", "2041-06-03T10:00:00", "Europe/Berlin") },
  "a flight between two zones": { title: "BER – JFK", ...timed("2041-06-03T10:00:00", "2041-06-03T13:30:00", "Europe/Berlin", "America/New_York") },
  "a zone off by minutes": { title: "Kathmandu", ...timed("2041-06-03T10:00:01", "2041-06-03T23:59:59", "Asia/Kathmandu") },
  "clocks that change by half an hour": { title: "Lord Howe", ...timed("2041-01-03T10:00:00", "2041-01-03T11:00:00", "Australia/Lord_Howe") },
  "a cancelled event": { title: "Off", status: "cancelled", ...plain },
  "a rule for ever": {
    title: "Weekly",
    recurrence: { rule: { frequency: "weekly", interval: 2, byDay: [{ day: "MO" }, { day: "TH" }], weekStart: "SU" } },
    ...timed("2041-06-03T10:00:00", "2041-06-03T11:00:00", "America/New_York")
  },
  "a rule with ordinals and a count": {
    title: "Last Friday",
    recurrence: { rule: { frequency: "monthly", byDay: [{ day: "FR", ordinal: -1 }], count: 5 } },
    ...timed("2041-06-28T10:00:00", "2041-06-28T11:00:00", "Europe/Berlin")
  },
  "a rule of positions until a time": {
    title: "Second but last working day",
    recurrence: {
      rule: { frequency: "monthly", byDay: (["MO", "TU", "WE", "TH", "FR"] as const).map((day) => ({ day })), bySetPos: [-2], until: "2042-03-28T10:00:00" }
    },
    ...timed("2041-06-27T10:00:00", "2041-06-27T11:00:00", "Europe/Berlin")
  },
  "a birthday on a leap day until a day": {
    title: "Birthday",
    start: { date: "2044-02-29" },
    end: { date: "2044-03-01" },
    recurrence: { rule: { frequency: "yearly", byMonth: [2], byMonthDay: [29], until: "2060-02-29" }, excluded: ["2052-02-29"], additional: ["2045-02-28"] }
  },
  "a rule with excluded, additional and changed occurrences": {
    title: "Daily",
    recurrence: {
      rule: { frequency: "daily", count: 10 },
      excluded: ["2041-10-22T02:30:00", "2041-10-28T02:30:00"],
      additional: ["2041-12-01T18:00:00"],
      overrides: [changed, { ...changed, recurrenceId: "2041-10-21T02:30:00", description: "x", status: "cancelled" }]
    },
    ...timed("2041-10-20T02:30:00", "2041-10-20T03:15:00", "Europe/Berlin")
  }
}

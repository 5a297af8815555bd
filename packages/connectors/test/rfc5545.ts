/**
 * The examples of RFC 5545 §3.8.5.3 (pages 123 to 132): rules and the dates that they give, all in America/New_York, where nothing
 * else is said from 1997-09-02 at 9:00. `UNTIL` is written as wall-clock time in that zone.
 */
export interface Example {
  readonly rule: string
  readonly start?: string
  /** Years, each with its months, each with its days: `1997 9: 2 3; 10: 1`. What follows `...` is not given by the text. */
  readonly dates: string
  /** Times instead of dates, of the day of the start. */
  readonly times?: ReadonlyArray<string>
  readonly excluded?: ReadonlyArray<string>
}

const days = (from: number, to: number, step = 1): string =>
  Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, index) => from + index * step).join(" ")

export const examples: ReadonlyArray<Example> = [
  { rule: "FREQ=DAILY;COUNT=10", dates: `1997 9: ${days(2, 11)}` },
  { rule: "FREQ=DAILY;UNTIL=19971223T190000", dates: `1997 9: ${days(2, 30)}; 10: ${days(1, 31)}; 11: ${days(1, 30)}; 12: ${days(1, 23)}` },
  { rule: "FREQ=DAILY;INTERVAL=2", dates: `1997 9: ${days(2, 30, 2)}; 10: ${days(2, 30, 2)}; 11: ${days(1, 29, 2)}; 12: 1 3 ...` },
  { rule: "FREQ=DAILY;INTERVAL=10;COUNT=5", dates: "1997 9: 2 12 22; 10: 2 12" },
  {
    rule: "FREQ=YEARLY;UNTIL=20000131T090000;BYMONTH=1;BYDAY=SU,MO,TU,WE,TH,FR,SA",
    start: "1998-01-01",
    dates: `1998 1: ${days(1, 31)} / 1999 1: ${days(1, 31)} / 2000 1: ${days(1, 31)}`
  },
  {
    rule: "FREQ=DAILY;UNTIL=20000131T090000;BYMONTH=1",
    start: "1998-01-01",
    dates: `1998 1: ${days(1, 31)} / 1999 1: ${days(1, 31)} / 2000 1: ${days(1, 31)}`
  },
  { rule: "FREQ=WEEKLY;COUNT=10", dates: "1997 9: 2 9 16 23 30; 10: 7 14 21 28; 11: 4" },
  { rule: "FREQ=WEEKLY;UNTIL=19971223T190000", dates: "1997 9: 2 9 16 23 30; 10: 7 14 21 28; 11: 4 11 18 25; 12: 2 9 16 23" },
  {
    rule: "FREQ=WEEKLY;INTERVAL=2;WKST=SU",
    dates: "1997 9: 2 16 30; 10: 14 28; 11: 11 25; 12: 9 23 / 1998 1: 6 20; 2: 3 17 ..."
  },
  { rule: "FREQ=WEEKLY;UNTIL=19971006T200000;WKST=SU;BYDAY=TU,TH", dates: "1997 9: 2 4 9 11 16 18 23 25 30; 10: 2" },
  { rule: "FREQ=WEEKLY;COUNT=10;WKST=SU;BYDAY=TU,TH", dates: "1997 9: 2 4 9 11 16 18 23 25 30; 10: 2" },
  {
    rule: "FREQ=WEEKLY;INTERVAL=2;UNTIL=19971223T190000;WKST=SU;BYDAY=MO,WE,FR",
    start: "1997-09-01",
    dates: "1997 9: 1 3 5 15 17 19 29; 10: 1 3 13 15 17 27 29 31; 11: 10 12 14 24 26 28; 12: 8 10 12 22"
  },
  { rule: "FREQ=WEEKLY;INTERVAL=2;COUNT=8;WKST=SU;BYDAY=TU,TH", dates: "1997 9: 2 4 16 18 30; 10: 2 14 16" },
  {
    rule: "FREQ=MONTHLY;COUNT=10;BYDAY=1FR",
    start: "1997-09-05",
    dates: "1997 9: 5; 10: 3; 11: 7; 12: 5 / 1998 1: 2; 2: 6; 3: 6; 4: 3; 5: 1; 6: 5"
  },
  { rule: "FREQ=MONTHLY;UNTIL=19971223T190000;BYDAY=1FR", start: "1997-09-05", dates: "1997 9: 5; 10: 3; 11: 7; 12: 5" },
  {
    rule: "FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU",
    start: "1997-09-07",
    dates: "1997 9: 7 28; 11: 2 30 / 1998 1: 4 25; 3: 1 29; 5: 3 31"
  },
  { rule: "FREQ=MONTHLY;COUNT=6;BYDAY=-2MO", start: "1997-09-22", dates: "1997 9: 22; 10: 20; 11: 17; 12: 22 / 1998 1: 19; 2: 16" },
  { rule: "FREQ=MONTHLY;BYMONTHDAY=-3", start: "1997-09-28", dates: "1997 9: 28; 10: 29; 11: 28; 12: 29 / 1998 1: 29; 2: 26 ..." },
  { rule: "FREQ=MONTHLY;COUNT=10;BYMONTHDAY=2,15", dates: "1997 9: 2 15; 10: 2 15; 11: 2 15; 12: 2 15 / 1998 1: 2 15" },
  {
    rule: "FREQ=MONTHLY;COUNT=10;BYMONTHDAY=1,-1",
    start: "1997-09-30",
    dates: "1997 9: 30; 10: 1 31; 11: 1 30; 12: 1 31 / 1998 1: 1 31; 2: 1"
  },
  {
    rule: "FREQ=MONTHLY;INTERVAL=18;COUNT=10;BYMONTHDAY=10,11,12,13,14,15",
    start: "1997-09-10",
    dates: `1997 9: ${days(10, 15)} / 1999 3: ${days(10, 13)}`
  },
  {
    rule: "FREQ=MONTHLY;INTERVAL=2;BYDAY=TU",
    dates: "1997 9: 2 9 16 23 30; 11: 4 11 18 25 / 1998 1: 6 13 20 27; 3: 3 10 17 24 31 ..."
  },
  {
    rule: "FREQ=YEARLY;COUNT=10;BYMONTH=6,7",
    start: "1997-06-10",
    dates: [1997, 1998, 1999, 2000, 2001].map((year) => `${year} 6: 10; 7: 10`).join(" / ")
  },
  {
    rule: "FREQ=YEARLY;INTERVAL=2;COUNT=10;BYMONTH=1,2,3",
    start: "1997-03-10",
    dates: "1997 3: 10 / 1999 1: 10; 2: 10; 3: 10 / 2001 1: 10; 2: 10; 3: 10 / 2003 1: 10; 2: 10; 3: 10"
  },
  {
    rule: "FREQ=YEARLY;INTERVAL=3;COUNT=10;BYYEARDAY=1,100,200",
    start: "1997-01-01",
    dates: "1997 1: 1; 4: 10; 7: 19 / 2000 1: 1; 4: 9; 7: 18 / 2003 1: 1; 4: 10; 7: 19 / 2006 1: 1"
  },
  { rule: "FREQ=YEARLY;BYDAY=20MO", start: "1997-05-19", dates: "1997 5: 19 / 1998 5: 18 / 1999 5: 17 ..." },
  { rule: "FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", start: "1997-05-12", dates: "1997 5: 12 / 1998 5: 11 / 1999 5: 17 ..." },
  {
    rule: "FREQ=YEARLY;BYMONTH=3;BYDAY=TH",
    start: "1997-03-13",
    dates: "1997 3: 13 20 27 / 1998 3: 5 12 19 26 / 1999 3: 4 11 18 25 ..."
  },
  {
    rule: "FREQ=YEARLY;BYDAY=TH;BYMONTH=6,7,8",
    start: "1997-06-05",
    dates: "1997 6: 5 12 19 26; 7: 3 10 17 24 31; 8: 7 14 21 28 / 1998 6: 4 11 18 25; 7: 2 9 16 23 30; 8: 6 13 20 27 / 1999 6: 3 10 17 24; 7: 1 8 15 22 29; 8: 5 12 19 26 ..."
  },
  {
    rule: "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13",
    excluded: ["1997-09-02T09:00:00"],
    dates: "1998 2: 13; 3: 13; 11: 13 / 1999 8: 13 / 2000 10: 13 ..."
  },
  {
    rule: "FREQ=MONTHLY;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13",
    start: "1997-09-13",
    dates: "1997 9: 13; 10: 11; 11: 8; 12: 13 / 1998 1: 10; 2: 7; 3: 7; 4: 11; 5: 9; 6: 13 ..."
  },
  {
    rule: "FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8",
    start: "1996-11-05",
    dates: "1996 11: 5 / 2000 11: 7 / 2004 11: 2 ..."
  },
  { rule: "FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3", start: "1997-09-04", dates: "1997 9: 4; 10: 7; 11: 6" },
  {
    rule: "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2",
    start: "1997-09-29",
    dates: "1997 9: 29; 10: 30; 11: 27; 12: 30 / 1998 1: 29; 2: 26; 3: 30 ..."
  },
  // The text has 17:00 in UTC, which is before the last of the three times that it lists: 17:00 in New York is meant.
  { rule: "FREQ=HOURLY;INTERVAL=3;UNTIL=19970902T170000", dates: "", times: ["09:00", "12:00", "15:00"] },
  { rule: "FREQ=MINUTELY;INTERVAL=15;COUNT=6", dates: "", times: ["09:00", "09:15", "09:30", "09:45", "10:00", "10:15"] },
  { rule: "FREQ=MINUTELY;INTERVAL=90;COUNT=4", dates: "", times: ["09:00", "10:30", "12:00", "13:30"] },
  ...["FREQ=DAILY;BYHOUR=9,10,11,12,13,14,15,16;BYMINUTE=0,20,40", "FREQ=MINUTELY;INTERVAL=20;BYHOUR=9,10,11,12,13,14,15,16"].map((rule) => ({
    rule: `${rule};UNTIL=19970902T235959`,
    dates: "",
    times: [9, 10, 11, 12, 13, 14, 15, 16].flatMap((hour) => ["00", "20", "40"].map((minute) => `${String(hour).padStart(2, "0")}:${minute}`))
  })),
  { rule: "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO", start: "1997-08-05", dates: "1997 8: 5 10 19 24" },
  { rule: "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU", start: "1997-08-05", dates: "1997 8: 5 17 19 31" },
  { rule: "FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5", start: "2007-01-15", dates: "2007 1: 15 30; 2: 15; 3: 15 30" }
]

const two = (text: string): string => text.trim().padStart(2, "0")

/** The starts that an example lists, and whether it goes on after them. */
export const expected = ({ dates, start = "1997-09-02", times }: Example): { readonly starts: ReadonlyArray<string>; readonly open: boolean } => {
  if (times !== undefined) return { starts: times.map((time) => `${start}T${time}:00`), open: false }
  const starts = dates.replace("...", "").split("/").flatMap((part) => {
    const [, year, months] = /^\s*(\d{4})(.*)$/.exec(part) ?? ["", "", ""]
    return (months ?? "").split(";").flatMap((entry) => {
      const [month, list] = entry.split(":")
      return (list ?? "").trim().split(/\s+/).map((date) => `${year}-${two(month ?? "")}-${two(date)}T09:00:00`)
    })
  })
  return { starts, open: dates.endsWith("...") }
}

import { expect, it } from "vitest"
import * as Cells from "@aria/demo/Cells"

it("cuts by cells, not by characters, and never through a character", () => {
  expect(Cells.cut("任天堂ホールディングス", 7)).toBe("任天堂…")
  expect(Cells.cut("👩‍👩‍👧 family", 3)).toBe("👩‍👩‍👧…")
  expect(Cells.cut("Acme", 4)).toBe("Acme")
  expect(Cells.cut("Acme", 0)).toBe("")
  expect(Cells.left("Acme", 6)).toBe("Acme  ")
  expect(Cells.right("12", 4)).toBe("  12")
})

it("wraps between words", () => {
  expect(Cells.wrap("one two three", 7)).toEqual(["one two", "three"])
  expect(Cells.wrap("a https://example.com/long/address b", 10)).toEqual(["a", "https://example.com/long/address", "b"])
  expect(Cells.wrap("", 10)).toEqual([])
})

it("takes control characters and direction marks out", () => {
  expect(Cells.clean(" a\u001b[31m\u0000b\u202ec\n\td ")).toBe("a [31m b c d")
})

it("names durations and counts", () => {
  expect([0, 440, 9949, 9950, 59_400, 59_500, 125_000].map(Cells.duration)).toEqual(["0.0 s", "0.4 s", "9.9 s", "10 s", "59 s", "1 min 00 s", "2 min 05 s"])
  expect(Cells.count(1, "task")).toBe("1 task")
  expect(Cells.count(1200, "company", "companies")).toBe("1,200 companies")
})

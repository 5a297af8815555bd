import * as DraftHtml from "@aria/agents-scribe/DraftHtml"
import { Scribe } from "@aria/agents-scribe/Scribe"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { random } from "./random.ts"

describe("DraftHtml", () => {
  it.effect("has paragraphs, lists, headings and links", () =>
    Effect.gen(function* () {
      const draft = yield* Scribe.run({
        communicationType: "document",
        goal: "News <b>",
        context: [
          { text: "A & B\nmerge", sources: [{ title: '"Daily"', url: "https://daily.example.com/?a=1&b='2'" }] },
          { text: "C" }
        ]
      })
      expect(DraftHtml.render(draft)).toBe(
        '<h2>Summary</h2>\n<p>News &lt;b&gt;.</p>\n<h2>Key Points</h2>\n<ul><li>A &amp; B<br>merge <sup>1</sup></li><li>C</li></ul>\n<ol><li><a href="https://daily.example.com/?a=1&amp;b=&#39;2&#39;">&quot;Daily&quot;</a></li></ol>'
      )
      const email = yield* Scribe.run({
        communicationType: "email",
        goal: "News",
        recipient: { name: "<i>Zoë" },
        sender: { name: "Ada & Bob" }
      })
      expect(DraftHtml.render(email)).toMatch(/^<p>Dear &lt;i&gt;Zoë,<\/p>\n.*<p>Sincerely,<br>Ada &amp; Bob<\/p>$/s)
    }).pipe(Effect.provide(Scribe.layer))
  )

  it.effect("has no markup but its own, whatever it is given", () =>
    Effect.gen(function* () {
      for (let seed = 1; seed <= 500; seed++) {
        const { line, pick, text } = random(seed)
        const evil = () => pick(["<script>alert(1)</script>", '"><img src=x onerror=1>', "</p>", "&lt;", "'"]) + text(4)
        const draft = yield* Scribe.run({
          communicationType: pick(["email", "document", "message"]),
          goal: evil(),
          recipient: { name: `<i>${line(3)}` },
          context: [
            {
              text: evil(),
              section: `<h1>${line(2)}`,
              sources: [{ title: `<a>${line(2)}`, url: "https://x.example/'&y" }]
            }
          ],
          style: { signature: evil() }
        })
        const html = DraftHtml.render(draft)
        const rest = html.replaceAll(
          /<\/?(?:p|h2|ul|ol|li|sup)>|<br>|<a href="https:\/\/x\.example\/&#39;&amp;y">|<\/a>/g,
          ""
        )
        expect(rest, `seed ${seed}`).not.toMatch(/[<>"']|&(?!(?:amp|lt|gt|quot|#39);)/)
      }
    }).pipe(Effect.provide(Scribe.layer))
  )

  it.effect("takes no addresses of sources but those of pages", () =>
    Effect.gen(function* () {
      for (const url of [
        "javascript:alert(1)",
        "data:text/html,x",
        "https://a b",
        'https://a"b',
        "//x.example",
        " https://x.example"
      ]) {
        const run = Scribe.run({
          communicationType: "email",
          goal: "x",
          context: [{ text: "y", sources: [{ title: "z", url }] }]
        })
        expect((yield* Effect.flip(run))._tag, url).toBe("InvalidPayloadError")
      }
    }).pipe(Effect.provide(Scribe.layer))
  )
})

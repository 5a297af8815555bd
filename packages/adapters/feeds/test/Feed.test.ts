import { Feed } from "@aria/adapter-feeds"
import { describe, expect, it } from "@effect/vitest"
import * as DateTime from "effect/DateTime"
import * as Result from "effect/Result"
import { rss } from "./servers.ts"

const parse = (input: string | Uint8Array, options: Partial<Feed.ParseOptions> = {}) =>
  Result.getOrThrow(Feed.parse(input, { source: "test", ...options }))

const refused = (input: string | Uint8Array, options: Partial<Feed.ParseOptions> = {}) =>
  Result.getOrThrow(Result.flip(Feed.parse(input, { source: "test", ...options })))

const item = (fields: string) => `<rss version="2.0"><channel><title>Wire</title><item>${fields}</item></channel></rss>`

const one = (fields: string) => {
  const { items, warnings } = parse(item(fields))
  const [only] = items
  return {
    ...only,
    date: only?.publishedAt === undefined ? undefined : DateTime.formatIso(only.publishedAt),
    warnings: warnings.map(({ message }) => message)
  }
}

const latin = (text: string) => Uint8Array.from(text, (c) => c.charCodeAt(0))
const utf16 = (text: string, bigEndian: boolean) => {
  const bytes = Buffer.from(text, "utf16le")
  return bigEndian ? bytes.swap16() : bytes
}

describe("formats", () => {
  it("RSS 2.0", () => {
    const feed = parse(
      `<rss version="2.0"><channel><title>Wire</title><language>en_US</language><link>https://wire.example/</link><item>
        <title>Acme &amp;amp; Beta merge</title><link>/a</link><guid isPermaLink="false">a-1</guid>
        <pubDate>Mon, 23 Nov 2026 09:30:00 EST</pubDate><description>&lt;p&gt;One&lt;/p&gt;&lt;p&gt;Two&lt;/p&gt;</description>
        <source url="x"><title>not this</title></source></item></channel></rss>`
    )
    expect(feed.format).toBe("rss")
    expect(feed.title).toBe("Wire")
    expect({ ...feed.items[0], publishedAt: String(feed.items[0]?.publishedAt) }).toEqual({
      id: "a-1",
      source: "test",
      title: "Acme & Beta merge",
      text: "One\nTwo",
      url: "https://wire.example/a",
      publishedAt: String(DateTime.makeUnsafe("2026-11-23T14:30:00Z")),
      language: "en-US"
    })
  })

  it("RSS 1.0", () => {
    const feed = parse(
      `<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" xmlns:d="http://purl.org/dc/elements/1.1/">
       <channel rdf:about="https://e.example/"><title>T</title></channel>
       <item rdf:about="https://e.example/1"><title>One</title><d:date>2026-11-23</d:date></item></rdf:RDF>`
    )
    expect(feed.format).toBe("rdf")
    expect(feed.items[0]?.id).toBe("https://e.example/1")
    expect(feed.items[0]?.url).toBe("https://e.example/1")
    expect(String(feed.items[0]?.publishedAt)).toContain("2026-11-23T00:00:00")
  })

  it("Atom, with its own prefix, xml:base, xhtml and html", () => {
    const feed = parse(
      `<a:feed xmlns:a="http://www.w3.org/2005/Atom" xml:base="https://e.example/blog/" xml:lang="de"><a:title type="html">T &amp;lt;b&amp;gt;</a:title>
       <a:entry><a:id>urn:1</a:id><a:title>if x&lt;y &amp;amp; &lt;b&gt;</a:title><a:link rel="self" href="self"/><a:link href="post"/>
       <a:updated>2026-11-23T10:00:00+01:00</a:updated><a:summary>short</a:summary>
       <a:content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>A &lt; B</p><script>no()</script><p>C</p></div></a:content></a:entry></a:feed>`
    )
    const [entry] = feed.items
    expect(feed.format).toBe("atom")
    expect(feed.title).toBe("T <b>")
    expect(entry?.title).toBe("if x<y &amp; <b>")
    expect(entry?.text).toBe("A < B\nC")
    expect(entry?.url).toBe("https://e.example/blog/post")
    expect(entry?.language).toBe("de")
    expect(String(entry?.publishedAt)).toContain("2026-11-23T09:00:00")
  })

  it("JSON Feed", () => {
    const feed = parse(
      JSON.stringify({
        version: "https://jsonfeed.org/version/1.1",
        title: "J",
        home_page_url: "https://e.example/",
        language: "fr",
        items: [
          { id: 7, url: "/x", content_html: "<p>Hi&nbsp;there</p>", date_published: "2026-11-23T00:00:00Z" },
          { id: "8", title: "a < b", content_text: "<kept>" },
          "nonsense"
        ]
      })
    )
    expect(feed.items.map(({ id, title, text, url, language }) => [id, title, text, url, language])).toEqual([
      ["7", "", "Hi there", "https://e.example/x", "fr"],
      ["8", "a < b", "<kept>", undefined, "fr"]
    ])
    expect(feed.warnings.map(({ message }) => message)).toEqual([expect.stringContaining("number 3 has neither")])
  })
})

describe("texts", () => {
  it.each([
    ["&lt;b&gt;Acme&lt;/b&gt; &amp;eacute;t&amp;eacute; &amp;#8212; 5 &lt; 6", "Acme été — 5 < 6"],
    ["<![CDATA[<i>Acme</i> &amp; Co]]>", "Acme & Co"],
    ["if x&lt;y then z", "if x<y then z"],
    ["caf&eacute; &rsquo;s", "café ’s"],
    ["a\u00adb\u200bc\u0093d\u0094", "abc“d”"],
    ["a&lt;script&gt;alert('b')&lt;/script&gt;c&lt;style&gt;d{}&lt;/style&gt;e", "ace"],
    ["safe &lt;iframe src=x&gt; &lt;b&gt;rest&lt;/b&gt;", "safe rest"],
    ["<b>unescaped</b> markup", "unescaped markup"]
  ])("%s", (written, expected) => {
    expect(one(`<title>${written}</title>`).title).toBe(expected)
  })
})

describe("dates", () => {
  it.each([
    ["Thu, 01 Jan 2004 19:48:21 GMT", "2004-01-01T19:48:21.000Z"],
    ["Thu, 1 Jan 04 19:48 PST", "2004-01-02T03:48:00.000Z"],
    ["1 January 2004 19:48:21 +0530", "2004-01-01T14:18:21.000Z"],
    ["Thu, 01 Jan 2004 19:48:21 A", "2004-01-01T19:48:21.000Z"],
    ["Thu, 31 Jun 2004 19:48:21 GMT", undefined],
    ["Sun Jan  4 16:29:06 PST 2004", "2004-01-05T00:29:06.000Z"],
    ["Nov 23, 2026 09:00 EST", "2026-11-23T14:00:00.000Z"],
    ["2003-12-31T10:14:55.123Z", "2003-12-31T10:14:55.123Z"],
    ["2003-12-31T10:14:55-08:00", "2003-12-31T18:14:55.000Z"],
    ["2003-12-31 24:00:00", "2004-01-01T00:00:00.000Z"],
    ["2003-12-31", "2003-12-31T00:00:00.000Z"],
    ["20031231", "2003-12-31T00:00:00.000Z"],
    ["20031231T101455Z", "2003-12-31T10:14:55.000Z"],
    ["2003-365", "2003-12-31T00:00:00.000Z"],
    ["2003-366", undefined],
    ["2003-02-29", undefined],
    ["2003-13-01", undefined],
    ["2003-12", undefined],
    ["2003", undefined],
    ["01/02/2004", undefined],
    ["Thu, 01 Jan 2004 19:48:21 XYZ", undefined],
    ["Thu, 01 Jan 2004 25:00:00 GMT", undefined],
    ["yesterday", undefined],
    ["0000-00-00T00:00:00Z", undefined]
  ])("%s", (written, expected) => {
    const { date, warnings } = one(`<title>T</title><guid>1</guid><pubDate>${written}</pubDate>`)
    expect(date).toBe(expected)
    expect(warnings).toEqual(
      expected === undefined ? [`${JSON.stringify(written)} is not a date that can be read; it was left out`] : []
    )
  })

  it("a date of change stands in where publication cannot be read", () => {
    const { date, warnings } = one("<title>T</title><guid>1</guid><pubDate>soon</pubDate><dc:date>2026-11-23</dc:date>")
    expect(date).toBe("2026-11-23T00:00:00.000Z")
    expect(warnings).toHaveLength(1)
  })
})

describe("encodings", () => {
  const text = (encoding: string) => `<?xml version="1.0" encoding="${encoding}"?>${rss("Zürich")}`
  it.each<[string, Uint8Array, string | undefined]>([
    ["UTF-8", Buffer.from(rss("Zürich")), undefined],
    ["UTF-8 with a byte order mark, which goes before http", Buffer.from(`\ufeff${rss("Zürich")}`), "iso-8859-1"],
    ["XML declaration", latin(text("iso-8859-1")), undefined],
    ["http goes before the declaration", latin(text("utf-8")), "windows-1252"],
    ["http without reason: UTF-8 that says so", Buffer.from(text("utf-8")), "iso-8859-1"],
    ["nothing said, not UTF-8", latin(rss("Zürich")), undefined],
    ["UTF-16 little endian with mark", utf16(`\ufeff${text("utf-16")}`, false), undefined],
    ["UTF-16 big endian with mark", utf16(`\ufeff${text("utf-16")}`, true), undefined],
    ["UTF-16 without mark", utf16(text("utf-16"), true), undefined],
    ["says UTF-16 and is not", Buffer.from(text("utf-16")), undefined],
    ["unknown encoding", Buffer.from(text("x-nonsense")), undefined]
  ])("%s", (_, bytes, charset) => {
    expect(parse(bytes, { charset }).items[0]?.title).toBe("Zürich")
  })

  it("Shift_JIS and windows-1252", () => {
    const japanese = Uint8Array.from([
      ...latin('<?xml version="1.0" encoding="shift_jis"?><rss><channel><item><title>'),
      0x93,
      0xfa,
      0x96,
      0x7b,
      ...latin("</title></item></channel></rss>")
    ])
    expect(parse(japanese).items[0]?.title).toBe("日本")
    const quotes = Uint8Array.from([
      ...latin('<?xml version="1.0" encoding="windows-1252"?><rss><channel><item><title>'),
      0x93,
      0x41,
      0x94,
      ...latin("</title></item></channel></rss>")
    ])
    expect(parse(quotes).items[0]?.title).toBe("“A”")
  })

  it("bytes that are wrong are said to be", () => {
    const broken = latin(`<?xml version="1.0" encoding="euc-kr"?>${rss("A\u00ff\u00ff")}`)
    expect(parse(broken).warnings[0]?.message).toContain("not valid euc-kr")
  })
})

describe("broken feeds", () => {
  it("an item without title and text is a warning", () => {
    const { items, warnings } = parse(
      `<rss><channel><item><link>https://e.example/1</link></item>${"<item><title>T</title><guid>2</guid></item>"}</channel></rss>`
    )
    expect(items.map(({ id }) => id)).toEqual(["2"])
    expect(warnings).toEqual([
      expect.objectContaining({
        source: "test",
        item: "https://e.example/1",
        message: expect.stringContaining("broken item")
      })
    ])
  })

  it("ids: the feed's own, else the address, else made from the text", () => {
    const body =
      "<item><guid>g</guid><title>A</title></item><item><link>https://e.example/b</link><title>B</title></item><item><title>C</title></item>"
    const { items, warnings } = parse(`<rss><channel>${body}</channel></rss>`)
    expect(items.map(({ id }) => id)).toEqual(["g", "https://e.example/b", expect.stringMatching(/^[\da-f]{16}$/)])
    expect(warnings.map(({ message }) => message)).toEqual([expect.stringContaining("1 item has neither an id")])
    expect(parse(`<rss><channel>${body}</channel></rss>`).items[2]?.id).toBe(items[2]?.id)
  })

  it("the same item twice is taken once; two items with one id are both kept", () => {
    const body =
      "<item><guid>g</guid><title>A</title></item><item><guid>g</guid><title>A</title></item><item><guid>g</guid><title>B</title></item>"
    const { items, warnings } = parse(`<rss><channel>${body}</channel></rss>`)
    expect(items.map(({ id, title }) => [id, title])).toEqual([
      ["g", "A"],
      [expect.stringMatching(/^g#/), "B"]
    ])
    expect(warnings.map(({ message }) => message)).toEqual([
      expect.stringContaining("more than once"),
      "1 item has the id of another item; a hash of the text was added to it"
    ])
  })

  it("links: relative ones are resolved, dangerous ones are left out", () => {
    expect(
      parse(item("<title>T</title><link>a/b</link>"), { baseUrl: "https://e.example/feed/rss" }).items[0]?.url
    ).toBe("https://e.example/feed/a/b")
    const { url, warnings } = one("<title>T</title><link>javascript:alert(1)</link>")
    expect(url).toBeUndefined()
    expect(warnings[0]).toContain("not a web address")
    expect(one("<title>T</title><link>only/relative</link>").url).toBeUndefined()
    expect(one('<title>T</title><guid isPermaLink="true">https://e.example/g</guid>').url).toBe("https://e.example/g")
  })

  it("a document that is cut off gives what is whole", () => {
    const { items, warnings } = parse(
      "<rss><channel><item><title>One</title></item><item><title>Two</title><description>half a te"
    )
    expect(items.map(({ title, text }) => [title, text])).toEqual([
      ["One", ""],
      ["Two", ""]
    ])
    expect(warnings[0]?.message).toContain("ends inside a <description>")
  })

  it("unclosed and crossed elements are read", () => {
    expect(
      parse(
        "<rss><channel><item><title>One</title><description>a <b>c</description></item><item><title>Two</channel></rss>"
      ).items.map(({ title }) => title)
    ).toEqual(["One", "Two"])
  })

  it("maxItems takes the first and says so", () => {
    const { items, warnings } = parse(rss("A", "B", "C"), { maxItems: 2, baseUrl: "https://e.example/" })
    expect(items.map(({ title }) => title)).toEqual(["A", "B"])
    expect(warnings.map(({ message }) => message)).toEqual(["the feed has 3 items; the first 2 were taken (maxItems)"])
  })
})

describe("what is no feed", () => {
  it.each<[string, string | Uint8Array, string]>([
    ["nothing", "", "an empty document"],
    ["text", "Not found, sorry", 'text that begins with "Not found, sorry"'],
    ["another XML", "<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>", "outermost element is <svg>"],
    ["other JSON", '{"error":"no"}', "a JSON document without a list of items"],
    ["broken JSON", '{"items":[', "JSON that cannot be read"],
    ["a JSON list", "[1]", "a JSON document"],
    ["PDF", "%PDF-1.7 …", "binary data"],
    ["binary", Uint8Array.from([80, 75, 3, 4, 0, 0, 0, 0, 0, 0]), "binary data"]
  ])("%s", (_, input, found) => {
    const error = refused(input)
    expect(error.reason).toBe("notAFeed")
    expect(error.message).toContain(found)
  })

  it("a web page, with the feed that it links", () => {
    const page = `<!DOCTYPE html><html><head><title>News of
      Acme</title><link rel="stylesheet" href="x.css"><link href="/rss.xml" rel="alternate" type="application/rss+xml"></head><body><p>hi</body></html>`
    const { message, reason } = refused(page, { baseUrl: "https://acme.example/news/" })
    expect(reason).toBe("notAFeed")
    expect(message).toContain('a web page ("News of Acme")')
    expect(message).toContain("https://acme.example/rss.xml")
    expect(refused("<html><body>hi</body></html>").message).toContain("The page links none.")
  })
})

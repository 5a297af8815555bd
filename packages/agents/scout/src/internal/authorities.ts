/** How far a publisher is believed to be first and right, 0 to 1, by host. Hosts below these count too. */
export const BY_HOST: ReadonlyMap<string, number> = new Map(
  (
    [
      [
        1,
        "sec.gov fda.gov europa.eu gov.uk justice.gov ftc.gov clinicaltrials.gov federalregister.gov nasdaqtrader.com londonstockexchange.com"
      ],
      [0.95, "reuters.com apnews.com bloomberg.com ft.com wsj.com economist.com nikkei.com afp.com dpa.com"],
      [
        0.9,
        "prnewswire.com businesswire.com globenewswire.com accesswire.com newswire.ca prnewswire.co.uk newsfilecorp.com cision.com newsdirect.com newmediawire.com bbc.com bbc.co.uk nytimes.com cnbc.com theguardian.com washingtonpost.com handelsblatt.com lesechos.fr techcrunch.com statnews.com fiercepharma.com fiercebiotech.com"
      ],
      [
        0.5,
        "medium.com substack.com wordpress.com blogspot.com linkedin.com reddit.com x.com twitter.com facebook.com tumblr.com quora.com mastodon.social bsky.app news.ycombinator.com youtube.com"
      ]
    ] as const
  ).flatMap(([authority, hosts]) => hosts.split(" ").map((host) => [host, authority] as const))
)

/** The same for sources that are known by name only. */
export const BY_NAME: ReadonlyArray<readonly [name: RegExp, authority: number]> = [
  [/\b(?:sec|edgar|fda|ema|clinicaltrials)\b/i, 1],
  [/\b(?:reuters|associated press|ap news|bloomberg|financial times|wall street journal|afp|dpa)\b/i, 0.95],
  [/\b(?:pr ?newswire|business ?wire|globe ?newswire|accesswire|newsfile|cision|newswire)\b/i, 0.9],
  [/\b(?:reddit|twitter|medium|substack|blog|forum|hacker news|linkedin|facebook)\b/i, 0.5]
]

import { MONEY, rule, type Rule } from "./rule.ts"

/** What companies do with others, with money and with products. */
export const DEAL_RULES: ReadonlyArray<Rule> = [
  // Mergers, acquisitions and sales of businesses.
  rule(
    "acquisition",
    "acquires",
    2.4,
    1.1,
    String.raw`\b(?:acquires?|acquired|acquiring|to acquire|has acquired|be acquired|acquir\w+ by)\b`
  ),
  rule(
    "acquisition",
    "announced acquisition",
    2.2,
    1.2,
    String.raw`\b(?:acquisition of|acquisition by|(?:completes?|completed|closes?|closed|finali[sz]es?|announces?|announced|strategic|proposed|pending|hails)\s(?:\w+\s){0,4}acquisition|acquisition (?:will|to|helps|expands|strengthens|creates|adds))\b`
  ),
  rule("acquisition", "acquisition", 0.9, 0.2, String.raw`\bacquisitions?\b`),
  rule(
    "acquisition",
    "merger",
    2.2,
    1.3,
    String.raw`\b(?:mergers?|merges?|merging|to merge|business combination|reverse takeover|takeover|buyout|buys out|tender offer|plan of merger|de-spac)\b`
  ),
  rule(
    "acquisition",
    "buys",
    2,
    0.5,
    String.raw`\b(?:buys|to buy|snaps up|offloads|(?:takeover|buyout|hostile|all-cash) (?:bid|offer)|(?:bids?|offers?) (?:of )?${MONEY}\S{0,3}(?: million| billion)? for|takes over|takes? (?:a )?(?:majority|controlling) (?:stake|interest)|majority (?:stake|interest) in|(?:purchase|buy|sell) (?:of )?(?:substantially )?all (?:of )?(?:the )?(?:assets|shares|outstanding))\b`
  ),
  rule(
    "acquisition",
    "sells",
    1.8,
    0.9,
    String.raw`\b(?:divests?|divestiture|divestment|(?:sells|to sell|sale of|completes sale of|sold)\s(?:\S+\s){0,5}(?:business|unit|division|subsidiary|stake|assets|operations|brand)|spin-?off of|carve-out|completed the (?:separation|spin-off|sale|disposition)|(?:separation|spin-off|distribution)[^\n]{0,160}\bwas completed)\b`
  ),
  rule(
    "acquisition",
    "agreement",
    1.5,
    1.4,
    String.raw`\b(?:definitive agreement[^.]{0,40}\b(?:acquire|merge|purchase)|agree[sd]?(?:ment)? to (?:acquire|buy|be acquired|purchase|merge)|(?:loi|letter of intent)[^.]{0,20}\bacquire|merger agreement|(?:share|stock|asset|equity) purchase agreement|joins? the \S+ (?:family|group of companies))\b`
  ),
  rule("acquisition", "item 2.01", 2, 2, String.raw`\bitem 2\.01\b|completion of acquisition or disposition`),

  // Money that comes in.
  rule(
    "funding",
    "raises",
    2.6,
    1.5,
    String.raw`\b(?:rais(?:es?|ed|ing)|secur(?:es?|ed|ing)|clos(?:es?|ed|ing)|bags?|lands?|nets?|receives?|received|obtains?|garners?|completes?|announces?|wins?|gets?)\b(?:\s[^\s.]+){0,6}?\s?${MONEY}[^.]{0,50}?\b(?:funding|financing|round|investment|series|seed|capital|loan|credit|placement|offering|debt|grant|facility|notes|equity|ipo)\b`
  ),
  rule("funding", "raises money", 2.4, 1.4, String.raw`\b(?:raises?|raised|raising|to raise)\s(?:\S+\s){0,4}?${MONEY}`),
  rule(
    "funding",
    "round",
    2.4,
    1.4,
    String.raw`\b(?:series [a-h]\d?\b(?! (?:preferred|common|senior|cumulative|notes|bonds|\d))|seed (?:round|funding|financing|investment)|pre-seed|pre-series|(?:funding|financing|investment) round|round of (?:funding|financing)|bridge (?:loan|round|financing)|growth (?:financing|equity|capital|investment)|venture (?:debt|funding|capital (?:funding|investment)))`
  ),
  rule(
    "funding",
    "financing",
    2,
    0.8,
    String.raw`\b(?:(?:debt|equity|project|senior|secured|new|oversubscribed|successful|growth|non-dilutive|convertible|flow-through) (?:financing|funding)|financing (?:from|led|of|to|with|agreement)|(?:new|additional|further) funding|funding (?:from|led|of|to|for)|recapitali[sz]ation|capital raise)\b`
  ),
  rule(
    "funding",
    "placement",
    2.5,
    1.2,
    String.raw`\b(?:private placement|bought deal|registered direct|at-the-market (?:offering|program|facility)|(?:public|rights|follow-on|secondary|equity|stock|share|notes|debt|securities|coin) offering|(?:pricing|closing) of (?:\S+ ){0,6}offering|initial public offering|\bipo\b|lead (?:order|investor)|subscription agreement)\b`
  ),
  rule(
    "funding",
    "debt",
    2,
    1.3,
    String.raw`\b(?:credit (?:facility|agreement|line)|line of credit|revolving (?:credit|loan)|revolver|term loan|loan agreement|loan (?:from|of|facility)|senior (?:secured |unsecured )?notes|convertible (?:senior )?(?:notes|debentures?|bonds?)|note purchase agreement|receivables (?:financing|purchase)|underwriting agreement|aggregate principal amount|indenture|green bonds?|direct financial obligation|promissory notes?)\b`
  ),
  rule(
    "funding",
    "investment",
    2,
    1,
    String.raw`\b(?:(?:strategic|equity|minority|growth|seed|${MONEY}\S{0,8}(?: million| billion)?) investment(?: in| from| by| led| round|$)|investment from|invest(?:s|ed|ing)?\s(?:up to |over |more than )?(?:\S+\s)?${MONEY}|backed by|led by [^.,]{0,60}\b(?:ventures?|capital|partners|equity|fund|vc)\b)`
  ),
  rule(
    "funding",
    "grant",
    1.5,
    0.7,
    String.raw`\b(?:(?:awarded|receives?|received|secures?|wins?)\s(?:an? )?(?:\S+\s){0,5}grant|grant (?:funding|from|of ${MONEY}))\b`
  ),
  rule(
    "funding",
    "grants money",
    3,
    1.2,
    String.raw`\b(?:grants?|awards?|gives?|commits?|provides?|lends?) (?:\S+ ){0,4}?(?:an? )?(?:up to )?${MONEY}`
  ),
  rule(
    "funding",
    "unregistered",
    1.2,
    1.2,
    String.raw`\b(?:unregistered sales?|(?:issued|sold|issue and sell) (?:an aggregate of )?[\d,]+ (?:unregistered )?(?:shares|warrants|units)|item 3\.02|item 2\.03|exempt from registration)\b`
  ),
  rule(
    "funding",
    "charity",
    -1.8,
    -0.8,
    String.raw`\b(?:for charity|fundrais(?:er|ing)|donat(?:es?|ed|ion)|nonprofit|scholarships?)\b`
  ),
  rule(
    "funding",
    "gives fund",
    -1.2,
    -0.5,
    String.raw`\b(?:rolls out|launches|unveils|creates?|announces?) (?:an? |its |new )?(?:${MONEY}\S{0,6} )?(?:\S+ ){0,3}(?:ecosystem |venture |grant )fund\b|\b(?:raises|raised) (?:its |full[- ]year |fy\S* |quarterly )*(?:guidance|outlook|dividend|forecast|prices?|profit)\b`
  ),

  // Two or more that work together.
  rule(
    "partnership",
    "partners",
    2.6,
    1.5,
    String.raw`\b(?:partner(?:s|ed|ing)?\s(?:with|to|on|up)|partners? for|announces? (?:\S+ ){0,4}(?:partnership|collaboration|alliance)|(?:strategic|exclusive|new|global|multi-year|technology|distribution|channel|commercial|marketing|official|research|landmark|long-term|expanded) (?:\S+ )?(?:partnership|alliance|collaboration|partner)|partnership (?:with|between|to|agreement|introduces|brings|combines|will|aims))\b`
  ),
  rule(
    "partnership",
    "partner at the end",
    2,
    0,
    String.raw`\b(?:and|&) [^,;:]{1,60}\bpartner(?: (?:to|on|for|up))?\s*$|\bpartner (?:to|on|for)\b`
  ),
  rule("partnership", "partnership", 1.3, 0.5, String.raw`\bpartnerships?\b`),
  rule(
    "partnership",
    "collaborates",
    2.4,
    1.3,
    String.raw`\b(?:collaborat(?:es?|ed|ing|ion)\s(?:with|on|to|agreement|between|and)|collaboration\b|team(?:s|ed|ing)? up|join(?:s|ed|ing)? forces|join hands|joint venture (?:with|agreement|to)|alliance with|allies with|co-develop\w*|memorandum of understanding|\bmou\b|works? (?:together )?with)\b`
  ),
  rule(
    "partnership",
    "agreement",
    1.9,
    1,
    String.raw`\b(?:(?:licen[sc]ing|licen[sc]e|distribution|supply|offtake|co-?marketing|reseller|commerciali[sz]ation|cooperation|framework|services?|manufacturing|development|marketing|sponsorship|purchase and supply) agreement|signs? (?:\S+ ){0,6}(?:agreement|deal|contract|pact|mou) with|agreement with|(?:inks?|signs?|seals?) (?:\S+ ){0,5}(?:deal|pact|tie-up)|ink agreement|strikes? (?:\S+ ){0,3}deal)\b`
  ),
  rule(
    "partnership",
    "chosen",
    1.6,
    0.7,
    String.raw`\b(?:selects?|chooses?|selected by|chosen by|taps) [^.]{0,60}\b(?:to (?:provide|power|deliver|support|supply|modernize|enhance|streamline|transform)|as (?:its|the|their|official|exclusive|preferred)(?: \S+){0,4} (?:provider|partner|supplier|vendor|platform))\b|\bintegrat(?:es?|ion) (?:\S+ ){0,3}with\b|\bofficial (?:\S+ ){0,3}(?:sponsor|partner|supplier)\b`
  ),
  rule(
    "partnership",
    "counts its partners",
    -1.2,
    -0.3,
    String.raw`\bpartnering with (?:businesses|companies|customers|brands|retailers) (?:in|across|in over)\b|\bpartner(?:s|ship)? (?:program|portal|network|summit)\b`
  ),

  // Things one can buy or use that are new.
  rule(
    "product_launch",
    "launches",
    2.4,
    1.4,
    String.raw`\b(?:launch(?:es|ed|ing)?|unveil(?:s|ed|ing)?|introduc(?:es?|ed|ing)|debut(?:s|ed)?|rolls out|rolled out|premier(?:es|ed|ing))\b`
  ),
  rule(
    "product_launch",
    "announces a product",
    2.2,
    1.3,
    String.raw`\b(?:(?:announc\w*|pleased to announce|excited to announce|proud to announce)\s(?:the |its |a |an )?(?:\S+ ){0,4}(?:launch|release|availability|debut|introduction|premiere) of|launch of|releases? (?:of )?(?:its |the |a |an )?(?:\S+ ){0,3}(?:new|latest|version|update|next|album|book|film|game|app|beta)|general(?:ly)? availab(?:ility|le)|(?:is |are )?now available|available (?:now|today)|commercial (?:launch|availability|release)|(?:first|newest|latest) (?:product|model|version|release))\b`
  ),
  rule(
    "product_launch",
    "new product",
    1.8,
    1,
    String.raw`\b(?:(?:new|innovative|revolutionary|next[- ]gen(?:eration)?|first-of-its-kind|groundbreaking|ai[- ]powered|world'?s first|the first|latest)\s(?:\S+\s){0,4}?(?:product|platform|app|tool|solution|software|feature|service|model|device|lens|camera|system|plug-?in|collection|line|series|suite|version|engine|agent|assistant|chip|processor|game|album|book|film|documentary|vehicle|module|series|program))\b`
  ),
  rule(
    "product_launch",
    "adds a feature",
    1.9,
    0.9,
    String.raw`\badd(?:s|ed|ing)? (?:\S+ ){1,6}?to (?:its |the |their )(?:\S+ ){0,3}?(?:apps?|platform|line-?up|menu|portfolio|suite|range|services?|products?|software|cloud)\b|\b(?:hits? (?:store )?(?:shelves|stores|the market)|(?:goes|now|is) on sale|(?:begins|starts|now) shipping|comes to market|opens? pre-?orders)\b`
  ),
  rule(
    "product_launch",
    "range",
    1.9,
    1,
    String.raw`\b(?:(?:expand\w*|extend\w*|broaden\w*|add\w* to|refresh\w*)\s(?:its |the |their )?(?:\S+ ){0,3}?(?:product|portfolio|line-?up|roadmap|offering|range|suite|collection|platform|capabilities|menu|(?:product )?line)s?|product (?:launch|roadmap|line|release|update)|version \d|v\d\.\d)\b`
  ),
  rule(
    "product_launch",
    "launches no product",
    -2.4,
    -1.2,
    String.raw`\b(?:launch(?:es|ed|ing)?|unveil(?:s|ed)?|introduc(?:es|ed)|announc\w* the launch of|initiat\w*)\s(?:an? |its |the |new |proposed )*(?:\S+ ){0,3}?(?:trial|study|search|investigation|offering|tender|bid|review|survey|scholarship|petition|lawsuit|campaign|hiring|ipo|consultation|fundrais\w+|private placement|(?:commission|affiliate|referral|loyalty) program|operations in|partnership|initiative|contest|share (?:buyback|repurchase))`
  )
]

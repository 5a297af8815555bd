import type { SignalType } from "../Signal.ts"

/**
 * One feature: what it speaks for (or, with negative weights, against), how much in a headline and how much in the
 * opening, and the words that show it, in lower case. Every pattern
 * has bounded repetition only, so that it runs in linear time.
 */
export interface Rule {
  readonly id: string
  readonly label: SignalType
  readonly title: number
  readonly lead: number
  readonly pattern: RegExp
}

const MONEY = String.raw`(?:(?:us|a|c|ca|au|hk|nz|s)?[$\u20ac\u00a3\u00a5]\s?\d|(?:usd|eur|gbp|aud|cad|chf|inr|rs\.?)\s?\d|\d[\d.,]{0,12}\s?(?:million|billion|mn|bn|m|b|crore|euros|dollars)\b)`
const ROLE = String.raw`(?:c[efotmirpsh]o|c-suite|chief(?:\s[\w&,-]+){1,5}\sofficer|chief\s(?:executive|scientist|economist|counsel|of\sstaff)|(?:vice[\s-])?president|vp|[se]vp|chair(?:man|woman|person)?|(?:board|independent|executive|non-executive|managing|regional|new|deputy)\s(?:member|director|partner|chair)|managing\sdirector|directors?|general\s(?:counsel|manager)|(?:global\s|new\s)?head\sof|treasurer|controller|(?:corporate\s)?secretary|(?:board\sof\s(?:directors|advisors|trustees)|advisory\sboard|(?:its|the)\sboard)|principal\s(?:accounting|financial|executive)\sofficer|(?:executive|senior|leadership|management)\s(?:leadership|management|team)|country\smanager|practice\sleader|editor[\s-]in[\s-]chief|dean|provost|principal|lead(?:er)?)`
const NUMBER = String.raw`(?:\d[\d,.]{0,8}\+?|hundreds\sof|thousands\sof|dozens\sof|over|more\sthan|up\sto)`

const rule = (label: SignalType, id: string, title: number, lead: number, source: string): Rule => ({
  id: `${label}/${id}`,
  label,
  title,
  lead,
  pattern: new RegExp(source)
})

/** What never means what its words say; it is taken out before any rule reads. */
export const DISTRACTORS: ReadonlyArray<RegExp> = [
  /\b(?:customer|user|client|talent|data|image|signal|language|knowledge|skills?|player|patient|lead|subscriber|donor|member) acquisition\b/gi,
  /\b(?:free|jury|mock|court|murder|30-day|14-day|7-day) trials?\b/gi,
  /\bhiring (?:process|managers?|trends?|decisions?|platform|software|tools?|practices|solutions?|teams?)\b/gi,
  /\b(?:award-winning|prize-winning|industry-leading|fda-approved|publicly[- ]traded|fully[- ]licensed)\b/gi,
  /\b(?:securities and exchange commission|form (?:8|10)-[kq](?:\/a)?)\b/gi,
  /\b(?:raise[sd]?|raising) (?:awareness|concerns?|questions?|the bar|hopes|eyebrows|the stakes|standards)\b/gi,
  /\b(?:terms|rewards?|loyalty|affiliate|apprenticeship|mentorship) of (?:the )?partnership\b/gi,
  /\b(?:limited|general) partnerships?\b/gi,
  /\bexchange commission\b/gi,
  /\bsubject to [^.;\n]{0,160}?\b(?:approvals?|clearances?|conditions|consents?)\b/gi
]

/** The language of filings: what a company files is news of it, of another kind where no rule says which. */
export const FILING =
  /\b(?:exhibit \d|incorporated (?:herein )?by reference|current report|the "?registrant"?\)|furnished herewith|(?:issued|released) an? (?:press|news) release)/i

export const RULES: ReadonlyArray<Rule> = [
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
    String.raw`\b(?:buys|to buy|snaps up|takes over|takes? (?:a )?(?:majority|controlling) (?:stake|interest)|majority (?:stake|interest) in|(?:purchase|buy|sell) (?:of )?(?:substantially )?all (?:of )?(?:the )?(?:assets|shares|outstanding))\b`
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

  // People at the top.
  rule(
    "leadership_change",
    "appoints",
    2.6,
    1.5,
    String.raw`\b(?:appoint(?:s|ed|ing)?|names?|named|hir(?:es|ed)|promot(?:es|ed|ing)|elect(?:s|ed)?|welcomes?|welcomed|taps|tapped|recruits?|adds|added|selects|announces|strengthens|expands|bolsters|brings on)\b[^.;]{0,90}\b${ROLE}\b`
  ),
  rule(
    "leadership_change",
    "joins",
    2,
    1.2,
    String.raw`\b(?:joins?|joined|will join|returns? to|steps into|takes (?:the helm|over)|assum(?:es|ed|ing)|to lead|becomes?|became|succeeds?|to succeed|taking)\b[^.;]{0,60}\b(?:as|role of|position of|to|created)\b[^.;]{0,40}\b${ROLE}\b`
  ),
  rule(
    "leadership_change",
    "appointment",
    2.2,
    1.5,
    String.raw`\b(?:appointments? (?:of|to|as)|(?:executive|leadership|management|board|ceo|cfo|officer|director) (?:appointments?|promotions?|transition|changes?|succession|departure|hires?|additions?|retirement|reshuffle|shake-?up)|new (?:ceo|cfo|coo|cto|cmo|president|chief|chair(?:man)?|managing director|leadership)|has been (?:appointed|named|promoted|elected))\b`
  ),
  rule(
    "leadership_change",
    "leaves",
    2.4,
    1.7,
    String.raw`\b(?:step(?:s|ped|ping)? down|resign(?:s|ed|ation|ing)?|depart(?:s|ed|ure of)|to retire|will retire|retires|retirement of|(?:his|her|their) retirement|ous(?:ts|ted)|succession plan|(?:his|her|a|their|whose|named) successor|interim (?:ceo|chief|president|cfo)|separation (?:date|agreement and (?:general )?release)|ceased to (?:serve|be))\b`
  ),
  rule(
    "leadership_change",
    "team",
    1.4,
    0.5,
    String.raw`\b(?:leadership team|c-suite|executive team|management team)\b`
  ),
  rule(
    "leadership_change",
    "serve as",
    0.6,
    1.3,
    String.raw`\b(?:to serve as|will serve as|serving as|to the (?:position|role) of|(?:appointed|elected|named) (?:\S+ ){0,8}(?:as|to))\b[^.;]{0,60}\b${ROLE}\b`
  ),
  rule(
    "leadership_change",
    "compensation",
    0.6,
    1,
    String.raw`\b(?:compensation committee|compensatory arrangements?|named executive officers?|employment agreement|severance|(?:restricted|performance) (?:stock|share)s? (?:units?|awards?|grants?|agreements?)|incentive (?:compensation )?plan|offer letter|change[- ](?:of|in)[- ]control)\b`
  ),
  rule(
    "leadership_change",
    "item 5.02",
    2,
    2,
    String.raw`\bitem 5\.02\b|departure of directors|election of directors; appointment`
  ),
  rule(
    "leadership_change",
    "named to a list",
    -2.6,
    -1.4,
    String.raw`\b(?:named|names|selects|selected|recogni[sz]ed|listed)\b[^.;]{0,70}\b(?:one of|among|best|top|\d{2,4}|ranking|list|award|finalist|winner|a leader|of the year|fastest|magic quadrant|most)\b`
  ),
  rule(
    "leadership_change",
    "voted at a meeting",
    -1.2,
    -3,
    String.raw`\bannual (?:general )?meeting\b[^.]{0,200}\b(?:elect|vot|approv|proposal|quorum|held)|\bproxy statement\b|\bquorum\b`
  ),
  rule(
    "leadership_change",
    "opinion",
    -1.8,
    -0.6,
    String.raw`\b(?:says?|said|interview|podcast|featured|discuss\w*|speaks?|keynote|shares|explains?|op-ed)\b`
  ),

  // Jobs.
  rule(
    "hiring",
    "creates jobs",
    2.8,
    1.6,
    String.raw`\b(?:(?:creat\w*|add\w*|generat\w*|bring\w*|fill\w*|seeks?|offer\w*)\s(?:\S+\s){0,5}?(?:jobs|positions|roles|openings|vacancies)|${NUMBER}\s(?:\S+\s){0,4}?(?:jobs|job openings|new hires|open positions|open roles))\b`
  ),
  rule(
    "hiring",
    "hiring event",
    2.8,
    1.4,
    String.raw`\b(?:hiring (?:event|spree|fair|push|drive|blitz|day|campaign|initiative|surge|plans?|now)|job fair|career fair|recruit(?:ment|ing) (?:event|drive|campaign|day)|(?:is|are|now|begins?|plans?|continues?) (?:to hire|hiring)|to hire (?:\d[\d,]*|more|hundreds|thousands|over|up to|additional|new|dozens)|hires? (?:\d[\d,]*|hundreds|thousands|more than|over))\b`
  ),
  rule(
    "hiring",
    "workforce",
    1.6,
    0.8,
    String.raw`\b(?:expand\w* (?:its |their )?(?:workforce|headcount|team by)|(?:doubl|tripl|grow|increas)\w* (?:its |their )?(?:workforce|headcount|team)|seasonal (?:workers|employees|associates|hiring)|job (?:openings|seekers|applicants)|recruits? \d)\b`
  ),
  rule(
    "hiring",
    "about jobs in general",
    -2,
    -0.8,
    String.raw`\b(?:freelance jobs|jobs (?:report|data|market|numbers)|unemployment|job market|plugin|how to|guide|tips|layoffs?|cuts? (?:\S+ ){0,3}jobs)\b`
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
    String.raw`\b(?:(?:licen[sc]ing|licen[sc]e|distribution|supply|offtake|co-?marketing|reseller|commerciali[sz]ation|cooperation|framework|services?|manufacturing|development|marketing|sponsorship|purchase and supply) agreement|signs? (?:\S+ ){0,6}(?:agreement|deal|contract|pact|mou) with|agreement with|inks? (?:\S+ ){0,4}(?:deal|pact|agreement)|strikes? (?:\S+ ){0,3}deal)\b`
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
    "range",
    1.9,
    1,
    String.raw`\b(?:(?:expand\w*|extend\w*|broaden\w*|add\w* to|refresh\w*)\s(?:its |the |their )?(?:\S+ ){0,3}?(?:product|portfolio|line-?up|roadmap|offering|range|suite|collection|platform|capabilities|menu)s?|product (?:launch|roadmap|line|release|update)|version \d|v\d\.\d)\b`
  ),
  rule(
    "product_launch",
    "launches no product",
    -2.4,
    -1.2,
    String.raw`\b(?:launch(?:es|ed|ing)?|unveil(?:s|ed)?|introduc(?:es|ed)|announc\w* the launch of|initiat\w*)\s(?:an? |its |the |new |proposed )*(?:\S+ ){0,3}?(?:trial|study|search|investigation|offering|tender|bid|review|survey|scholarship|petition|lawsuit|campaign|hiring|ipo|consultation|fundrais\w+|private placement|(?:commission|affiliate|referral|loyalty) program|partnership|initiative|contest|share (?:buyback|repurchase))`
  ),

  // Authorities and courts.
  rule(
    "regulatory",
    "approval",
    2.6,
    1.5,
    String.raw`\b(?:(?:receiv|grant|gain|obtain|secur|win|won|get|announc|award)\w*\s(?:\S+\s){0,6}?(?:approval|clearance|authori[sz]ation|designation|licen[sc]e|permit|certification from|registration|accreditation|consent|exemption|green light|marketing rights|ce mark)s?|(?:fda|ema|mhra|nmpa|pmda|health canada|regulatory|marketing|regulator|government|california|european|eu|uk|nasdaq|sec|court|commission) (?:\S+ )?(?:approval|approves|approved|clears|cleared|clearance|authori[sz]ation|authori[sz]es|designation|accepts|grants|nod|licen[sc]e)|510\s?\(?k\)?|ce mark|approved by the|premarket|emergency use|(?:orphan drug|breakthrough|fast track|priority review|pediatric disease|rare pediatric|rmat|qidp)\b)`
  ),
  rule(
    "regulatory",
    "authority",
    1,
    0.5,
    String.raw`\b(?:fda|ema|food and drug administration|european medicines agency|fcc|ftc|doj|cfpb|finra|fdic|fca|mas|sfc|bafin|asic|epa|cftc|antitrust|regulat(?:or|ors|ory|ion|ions)|compliance with (?:the )?\w+)\b`
  ),
  rule(
    "regulatory",
    "court",
    2.4,
    1.4,
    String.raw`\b(?:lawsuits?|class[- ]action|sues?|sued|suing|litigation|court (?:rul|order|filing|decision|approv|grant|dismiss)\w*|(?:supreme|district|federal|appeals) court|judge|jury|verdict|injunction|(?:amicus )?briefs? (?:filed|in)|amicus|plaintiffs?|complaint (?:filed|alleg)\w*|alleg(?:es|ed|ing|edly)|settle(?:s|ment)\b|infringement|indict\w*|charged with|pleads?|subpoena|consent (?:order|decree)|cease and desist|shareholder alert|securities fraud)\b`
  ),
  rule(
    "regulatory",
    "enforcement",
    2.2,
    1.3,
    String.raw`\b(?:fin(?:ed|es) ${MONEY}|fined|penalt(?:y|ies)|probe|investigat(?:es?|ion) (?:by|into|of)|warning letter|complete response letter|recall(?:s|ed|ing)?|sanction(?:s|ed)|import alert|(?:delisting|deficiency|non-?compliance|minimum bid|continued listing)\b|enforcement action|supervisory (?:directive|order|agreement)|bans?\b)`
  ),
  rule(
    "regulatory",
    "submission",
    2,
    1.2,
    String.raw`\b(?:(?:new drug|biologics license|marketing authori[sz]ation|premarket approval|investigational new drug|abbreviated new drug) application|\b(?:s?nda|s?bla|maa|anda|pdufa) (?:submission|filing|acceptance|date|submitted|for|accepted|resubmission)|(?:submits?|submitted|files?|filed|submission|acceptance) (?:\S+ ){0,5}\b(?:nda|bla|maa|ind|510k|anda|application) (?:to|with|for)|(?:insurance|reimbursement|billing) codes?|cpt codes?|item 3\.01)\b`
  ),
  rule("regulatory", "explains", -1.4, -0.4, String.raw`\b(?:what [^?]{0,50}need to know|how to|guide to|\?$|webinar)`),

  // Studies in people.
  rule(
    "clinical_trial",
    "phase",
    2.6,
    1.6,
    String.raw`\b(?:phase\s?(?:[0-4]|i{1,3}|iv)(?:[ab]|\/\d\w?|\/i{1,3}\w?|-\d)?\b(?!\s(?:of the (?:project|program|plan)|development|construction|drill\w*|exploration|expansion)))`
  ),
  rule(
    "clinical_trial",
    "clinical",
    2.2,
    1.1,
    String.raw`\b(?:clinical (?:trials?|study|studies|data|results|milestones?|program|development|proof)|pivotal (?:trial|study|data)|(?:first|last) (?:patient|participant|subject)s?|(?:patients?|participants?|subjects?) (?:dosed|enrolled|randomi[sz]ed|treated)|(?:dos(?:es|ed|ing)|enroll?(?:s|ed|ment|ing)?) (?:\S+ ){0,4}(?:patient|participant|subject|cohort|in|complete)s?)\b`
  ),
  rule(
    "clinical_trial",
    "readout",
    2.2,
    1.2,
    String.raw`\b(?:top-?line (?:results|data)|interim (?:analysis|data|results from)|primary endpoints?|secondary endpoints?|placebo|randomi[sz]ed|double-blind|efficacy|safety and tolerability|overall survival|trial results|data safety monitoring|readout|(?:positive|preclinical|late-breaking|new) (?:\S+ ){0,3}data (?:from|for|on|in|presented|at))\b`
  ),
  rule(
    "clinical_trial",
    "trial",
    1.6,
    0.7,
    String.raw`\b(?:trials?\b|study (?:of|in|evaluating|published)|patients (?:with|in))`
  ),
  rule(
    "clinical_trial",
    "designation",
    0.6,
    0.5,
    String.raw`\b(?:orphan drug|breakthrough therapy|fast track|rare pediatric|investigational new drug|ind (?:application|clearance))\b`
  ),

  // Figures of a period that has ended.
  rule(
    "earnings",
    "results",
    2.8,
    1.7,
    String.raw`\b(?:(?:(?:first|second|third|fourth|1st|2nd|3rd|4th|final|last)[- ](?:fiscal )?(?:quarter|half)|[1-4]q|q[1-4]|h[12]|[12]h|half[- ]year|full[- ]year|year[- ]end|annual|quarterly|fiscal|fy\s?'?\d{2,4}|interim|nine[- ]months?|six[- ]months?)\s(?:\S+\s){0,6}?(?:results|earnings|revenues?|profits?|net income|loss|sales|ebitda)|financial results|earnings (?:update|release|results|report|per share|beat|call)|results of operations|operating results|unaudited (?:financial )?results|(?:announces?|reports?|releases?|posts?) (?:\S+ ){0,3}(?:earnings|profits?))\b`
  ),
  rule(
    "earnings",
    "revenue",
    2.4,
    1.2,
    String.raw`\b(?:(?:record|higher|lower|strong|net|total|quarterly|annual|gross|recurring)\s(?:\S+\s){0,2}?(?:revenues?|sales|profits?|income|earnings|ebitda|margin)|(?:revenues?|sales|net income|profits?|earnings|ebitda|bookings|arr)\s(?:\S+\s){0,5}?(?:up|down|rose|rises|grew|grows|growth|increas\w*|decreas\w*|fell|falls|declin\w*|jump\w*|surg\w*|of ${MONEY}|beat|to ${MONEY})|(?:\d[\d.,]*\s?(?:%|percent))\s(?:\S+\s){0,3}?(?:revenue|sales|profit|growth|increase)|qoq|yoy|year[- ]over[- ]year|net (?:loss|income) (?:of|per))\b`
  ),
  rule(
    "earnings",
    "quarter",
    1,
    0.9,
    String.raw`\b(?:(?:quarter|(?:fiscal )?year|months|period|half) ended|for the (?:\S+ ){0,2}(?:quarter|fiscal year)|(?:first|second|third|fourth)[- ]quarter|earnings release|item 2\.02|item 12\b)`
  ),
  rule(
    "earnings",
    "guidance",
    1.6,
    0.7,
    String.raw`\b(?:(?:preliminary|unaudited|selected) (?:\S+ ){0,4}(?:results|revenue|financial)|(?:raises?|reaffirms?|lowers?|updates?|cuts?|reiterates?|withdraws?|provides?|issues?) (?:\S+ ){0,4}(?:guidance|outlook|forecast)|profit warning|trading update)\b`
  ),
  rule(
    "earnings",
    "only a date",
    -5,
    -2,
    String.raw`\b(?:to (?:report|announce|release|host|hold|issue|publish)|(?:will|plans to|expects to) (?:report|announce|release|issue|publish|host)|(?:sets?|schedules?|announces?|confirms?|provides?)\s(?:the )?(?:\S+ ){0,8}?(?:date|timing|schedule|call))\b[^.]{0,110}\b(?:results|earnings|conference call|webcast|webinar)\b|\b(?:results|earnings) (?:date|conference call|call|webcast) (?:on|for|scheduled|notification|announce)|\bnotice of (?:\S+ ){0,4}results\b`
  ),
  rule(
    "earnings",
    "results of another kind",
    -2,
    -0.8,
    String.raw`\b(?:(?:drill\w*|assay\w*|trench\w*|trial|study|survey|exploration|test|voting|election|clinical|sampling|metallurgical|poll|search|auction|tender|top-?line|phase \S+) (?:\S+ )?results)\b`
  ),

  // More places, markets, room.
  rule(
    "expansion",
    "opens",
    2.5,
    1.4,
    String.raw`\b(?:open(?:s|ed|ing)?|inaugurat\w*|breaks? ground|broke ground|groundbreaking|ribbon[- ]cutting|celebrat\w* (?:the )?(?:grand )?opening)\b[^.;]{0,60}\b(?:store|office|location|facility|plant|headquarters|branch|cent(?:er|re)|factory|hub|showroom|warehouse|campus|clinic|restaurant|site|laborator(?:y|ies)|lab|hotel|studio|school|terminal|mine|subsidiary|shop|doors)(?:s|es)?\b|\b(?:grand opening|groundbreaking|ribbon[- ]cutting|breaks ground|broke ground)\b`
  ),
  rule(
    "expansion",
    "expands",
    2.2,
    1,
    String.raw`\b(?:expand(?:s|ed|ing)?|extend(?:s|ed)?|grow(?:s|ing)?|strengthens?|increas(?:es|ing))\s(?:\S+\s){0,6}?(?:into|footprint|presence|operations|headquarters|facility|facilities|network|reach|capacity|internationally|globally|globe|nationwide|worldwide|market|markets|manufacturing|locations?|stores?|to \w+)\b`
  ),
  rule(
    "expansion",
    "expansion",
    1.8,
    1,
    String.raw`\b(?:(?:national|global|international|geographic|regional|factory|plant|facility|market|retail|european|asian|us|u\.s\.|north american|capacity|warehouse|campus|store|corporate|manufacturing) expansion|expansion (?:into|in|across|of (?:its|the)|to|plans?|project)|global footprint|footprint)\b`
  ),
  rule(
    "expansion",
    "new place",
    1.8,
    1,
    String.raw`\b(?:new (?:\S+ ){0,3}?(?:office|facility|location|store|plant|headquarters|campus|warehouse|factory|distribution cent(?:er|re)|branch|hub|fulfil?lment cent(?:er|re)|manufacturing (?:plant|facility|site))s?|(?:relocat\w*|moves?) (?:\S+ ){0,4}(?:headquarters|offices?|facility)|now (?:in|available in|serving) (?:over |more than )?\d+ (?:countries|states|markets|cities))\b`
  ),
  rule(
    "expansion",
    "enters",
    2,
    1,
    String.raw`\b(?:enter(?:s|ed|ing)? (?:the )?(?:\S+ ){0,4}market|market entry|(?:invest(?:s|ing)?|investment) (?:\S+ ){0,6}(?:plant|factory|facility|manufacturing|data cent(?:er|re)s?)|builds? (?:\S+ ){0,4}(?:plant|factory|facility|data cent(?:er|re)))\b`
  ),
  rule(
    "expansion",
    "expands something else",
    -2,
    -0.6,
    String.raw`\b(?:expand(?:s|ed|ing)?|extend(?:s|ed)?|expansion of)\s(?:its |the |their )?(?:\S+ ){0,3}?(?:product|portfolio|line-?up|roadmap|team|leadership|board|partnership|agreement|collaboration|relationship|credit|loan|suite|offering|services)\b`
  ),

  // Honours.
  rule(
    "award",
    "wins an award",
    2.8,
    1.5,
    String.raw`\b(?:(?:win(?:s|ner|ners|ning)?|won|receiv\w*|earn\w*|honou?red|present\w*|accept\w*|named|takes home|awarded|recipient of|collects?|claims?|scoops?|captures?|shortlisted|finalist|nominated)\b[^.;]{0,90}?\b(?:awards?|prize|medal|honou?rs?|trophy|accolade|recognition|distinction|title|of the year|hall of fame)|(?:excellence|innovation|business|industry|customer|employer|design) awards?|award (?:for|from|winner|recipient)|finalist|shortlisted|nominated for)\b`
  ),
  rule(
    "award",
    "named to a list",
    2.8,
    1.5,
    String.raw`\b(?:(?:named|names|recogni[sz]e[sd]|selected|ranked|ranks|listed|honou?red|included|featured|appears|positioned|placed|certified|earns? (?:a )?(?:spot|place))\b[^.;]{0,90}?\b(?:one of|among|best|top \d+|top (?:\S+ )?(?:compan|workplace|place|employer|provider|firm|lawyer|agenc|vendor)\w*|ranking|rankings|list\b|a leader|leader in|fastest[- ]growing|most (?:innovative|admired|influential|trusted|loved|promising)|inc\.? 5000|fast 500|fast 50|forbes|fortune|magic quadrant|market guide|great place to work|\b[a-z]+(?:tech)?\s?(?:25|50|100|250|500|1000)\b|50 (?:most|best|under|over)|40 under 40)|(?:best|top|great) (?:places?|workplaces?) to work|inc\.? 5000|great place to work|magic quadrant|forrester wave|g2 (?:\S+ ){0,3}(?:report|leader|award)s?|hall of fame)\b`
  ),
  rule(
    "award",
    "recognition",
    1.6,
    0.9,
    String.raw`\b(?:awards?\b(?! (?:of|agreement|contract))|prestigious|recogni[sz]ed (?:as|by|for|in|with)|recognition (?:as|by|from|for)|honou?r(?:s|ed|ee|ees)\b|accolade)\b`
  ),
  rule(
    "award",
    "awards a contract",
    -2.6,
    -1.4,
    String.raw`\b(?:award(?:s|ed)?|wins?|won|receiv\w*|secur\w*)\s(?:an? )?(?:\S+\s){0,6}?(?:contract|patents?|grant|tender|order|task order|licen[sc]e|project|stock|shares|units|damages)\b|\b(?:stock|share|equity|performance|incentive|restricted) (?:\S+ )?awards?\b`
  ),

  // Company news of another kind.
  rule(
    "other",
    "shares",
    2,
    1.3,
    String.raw`\b(?:dividend|share (?:buyback|repurchase)|stock (?:split|repurchase|buyback)|reverse (?:stock )?split|repurchase (?:program|plan|authori[sz]ation)|shareholder rights|rights (?:plan|agreement)|(?:uplist\w*|upgrade\w*) (?:\S+ ){0,4}(?:listing|otc|nasdaq|nyse)|(?:upgraded its|begins|commences?|to begin) (?:listing|trading)|ticker symbol|name change|changes? (?:its )?name|rebrand\w*|redemption of)\b`
  ),
  rule(
    "other",
    "meetings",
    2,
    1.4,
    String.raw`\b(?:annual (?:general )?meeting|special meeting|extraordinary general|proxy statement|stockholders? (?:vote|meeting)|shareholders? (?:vote|meeting|approve)|voting results|bylaws|articles of (?:incorporation|association)|certificate of (?:incorporation|amendment)|code of regulations|fiscal year end)\b`
  ),
  rule(
    "other",
    "investor events",
    2,
    1.3,
    String.raw`\b(?:to (?:present|participate|attend|speak|exhibit|showcase|report|announce|release|host)\s(?:\S+\s){0,8}?(?:conference|summit|forum|results|call|webcast|event|expo|show|symposium)|(?:will|presents?|presented|participat\w*)\s(?:\S+ ){0,8}?(?:at|in) (?:the )?(?:\S+ ){0,7}(?:conference|summit|forum|symposium|investor day)|investor (?:presentation|day|conference|call)s?|presentations? (?:to|for|with|at) (?:\S+ ){0,4}(?:investors|conference)|fireside chat|regulation fd)\b`
  ),
  rule(
    "other",
    "operations",
    1.8,
    1,
    String.raw`\b(?:drill(?:s|ing)? (?:results|program|intersect\w*)|assays?|trench\w*|feasibility study|mineral resource|resource estimate|exploration|production (?:update|results)|operational (?:update|highlights)|(?:business|corporate|company|project|shareholder) update|letter to (?:share|stock)holders|patents?|contract (?:award|win|from|worth)|awarded (?:\S+ ){0,5}contract|(?:wins|secures) (?:\S+ ){0,5}(?:contract|order)|first orders?|restructur\w*|layoffs?|bankruptcy|chapter 11|impairment|cyber\w* (?:attack|incident)|data breach|sustainability report|esg report|auditor|independent registered public accounting|strategic alternatives|(?:plan(?:ned|s)?|intend\w*) (?:to separate|separation|to spin off|spin-?off))\b`
  ),
  rule(
    "other",
    "progress",
    0.9,
    0.4,
    String.raw`\b(?:advanc\w* (?:\S+ ){0,5}projects?|(?:recent|key) (?:achievements|milestones)|milestones?)\b`
  ),

  // No event.
  rule(
    "none",
    "advice",
    2.4,
    0.5,
    String.raw`^(?:how|why|what|when|where|who|which|should|can|do|does|is|are|top \d+|\d+ (?:ways|tips|things|reasons|steps|signs|best))\b|\?\s*$|\b(?:how to|guide to|tips (?:for|to|on)|need to know|everything you|explained|ways to|the benefits of|importance of|impact of|the future of|the rise of|the power of|blog post)\b`
  ),
  rule(
    "none",
    "opinion",
    1.8,
    0.7,
    String.raw`\b(?:says|interview|podcast|episode|webinar|op-ed|opinion|discusses|sits down|featured (?:on|in)|explains|shares (?:his|her|insights|tips)|white\s?paper|survey (?:finds|reveals|shows)|finds|study (?:finds|reveals)|new (?:data|research|report|survey|study) (?:from|shows|finds|reveals)|in the spotlight)\b`
  ),
  rule(
    "none",
    "advertising",
    1.6,
    0.6,
    String.raw`\b(?:for (?:rent|sale)|available for rent|giveaway|raffle|sweepstakes|sponsored content|holiday (?:season|gift|deals)|gift ideas|your (?:home|business|family|next)|price (?:prediction|analysis)|horoscope|recipes?)\b`
  )
]
